"""How long the moves took, at the end: the figures of docs/ciel.md."""

from __future__ import annotations

import pytest

MOVES = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[MOVES] = []


@pytest.fixture(scope="session")
def moves(request):
    """[(from, to, seconds)] to which a test adds what it did."""
    return request.config.stash[MOVES]


def pytest_terminal_summary(terminalreporter, config):
    if moves := config.stash[MOVES]:
        terminalreporter.section("seconds of each move, with its verification")
        for origin, target, seconds in moves:
            terminalreporter.line(f"{origin} -> {target}: {seconds:.0f}")
