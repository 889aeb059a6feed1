"""What holds for every module file."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest
from ansible_collections.stackway.scaleway.plugins.action.resource import declared_in

MODULES = sorted(Path("plugins/modules").glob("*.py"))


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.stem)
def test_a_module_takes_along_what_it_imports(file):
    """Ansible sends module_utils with a module, and no other module."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            assert node.level == 2 and node.module.startswith("module_utils"), f"imports {node.module}"


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.stem)
def test_both_paths_run_the_same(file):
    """The action plugin finds the class that main() hands to run()."""
    (call,) = (
        node
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "run"
    )
    module = importlib.import_module(f"ansible_collections.stackway.scaleway.plugins.modules.{file.stem}")
    assert declared_in(module).__name__ == call.args[0].id
