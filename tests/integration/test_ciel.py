"""ciel from nothing to a scaling scenario, as its operators and its users have it: in a sandbox of its own, in this order."""

from __future__ import annotations

import re

import pytest

from .conftest import _sandbox
from .system import System


class Ciel(System):
    name = "ciel"


@pytest.fixture(scope="module")
def ciel(slot):
    """An empty account of its own."""
    for sandbox in _sandbox(f"stackway-ciel-{slot}", 8010 + slot, f"10.{190 + slot}.0.0/16"):
        yield Ciel(sandbox)


def test_from_nothing_to_verified(ciel):
    run = ciel.succeed("site.yml", "playbooks/verify.yml")
    assert re.match(r"Done in \d+ s: \d+ added, \d+ changed, 0 destroyed", run.last_line)


def test_a_second_run_changes_nothing(ciel):
    ciel.writes()
    run = ciel.succeed("site.yml")
    assert {host: counts["changed"] for host, counts in run.recap().items()} == {"ciel-control": 0, "ciel-app": 0}
    assert ciel.writes() == []


def test_a_larger_server_keeps_what_was_there(ciel):
    larger = ("-e", "@inventories/scenarios/ciel/1.yml")
    assert ciel.succeed("site.yml", "playbooks/verify.yml", *larger).resources() == ["~ instance_server ciel-app"]
    assert ciel.succeed("site.yml", *larger).resources() == []
