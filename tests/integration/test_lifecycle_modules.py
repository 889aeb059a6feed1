"""Every module's life as an ordinary module, against the API alone."""

from __future__ import annotations

import pytest

from .lifecycle import CASES, live


@pytest.mark.parametrize("case", CASES, ids=str)
def test_lifecycle(api_sandbox, case):
    live(api_sandbox, case, ordinary=True)
