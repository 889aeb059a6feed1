"""Every module's life as an ordinary module, against the API alone."""

from __future__ import annotations

import pytest

from .lifecycle import CASES, live


@pytest.mark.parametrize("case", CASES, ids=str)
def test_lifecycle(api_sandbox, case):
    """Not all of it: a Python start for each step is dear, and test_paths.py holds its results against each other."""
    live(api_sandbox, case, thorough=False, extra={"stackway_ordinary_modules": True})
