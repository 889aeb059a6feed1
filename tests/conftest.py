"""What tests of every kind share."""

from __future__ import annotations

import fcntl
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def slot():
    """A number that no other run of the tests on this machine has: runs side by side do not share a sandbox."""
    for number in range(20):
        with ExitStack() as stack:
            try:
                file = Path(tempfile.gettempdir()) / f"stackway-test-{number}.lock"
                fcntl.flock(stack.enter_context(file.open("w")), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # the latter: it is another user's
                continue
            yield number
            return
    raise RuntimeError("20 runs of the tests on one machine are too many")
