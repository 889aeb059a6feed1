"""What holds for every module file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

MODULES = sorted(Path("plugins/modules").glob("*.py"))


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.stem)
def test_a_module_takes_along_what_it_imports(file):
    """Ansible sends module_utils with a module, and no other module."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            assert node.level == 2 and node.module.startswith("module_utils"), f"imports {node.module}"
