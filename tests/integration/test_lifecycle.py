"""Every module's life in the controller's process, against real servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from .lifecycle import CASES, live


@pytest.mark.parametrize("case", CASES, ids=str)
def test_lifecycle(sandbox, case):
    live(sandbox, case)


def test_every_module_has_a_case():
    modules = {file.stem for file in Path("plugins/modules").glob("*.py")}
    proven = {case.module for case in CASES}
    missing = sorted(name for name in modules - proven if not name.endswith("_info"))
    assert not missing, f"no lifecycle case for {', '.join(missing)}"
