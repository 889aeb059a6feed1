"""Every _info module looks up, on both paths, and says when there is nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

MODULES = sorted(Path("plugins/modules").glob("*_info.py"))


def required_options(module: Path) -> dict:
    """The options that the module insists on, each naming something that does not exist."""
    for statement in ast.parse(module.read_text()).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "DOCUMENTATION":
            return required(yaml.safe_load(ast.literal_eval(statement.value)).get("options") or {})
    raise AssertionError(f"{module} has no documentation")


def required(options: dict) -> dict:
    return {
        name: required(option["suboptions"]) if "suboptions" in option else "nothing-of-this-name"
        for name, option in options.items()
        if option.get("required")
    }


@pytest.mark.parametrize("extra", [{}, {"stackway_ordinary_modules": True}], ids=["in-process", "module"])
def test_look_up(api_sandbox, extra):
    tasks = [{"name": module.stem, f"stackway.scaleway.{module.stem}": required_options(module)} for module in MODULES]
    for name, result in api_sandbox.play(tasks, extra=extra).items():
        if result.get("failed"):
            told = ("'nothing-of-this-name' does not exist", "check credentials")
            assert any(words in result["msg"] for words in told), f"{name}: {result['msg']}"
        else:
            assert result["changed"] is False
            assert any(isinstance(value, list) for value in result.values()), f"{name} returned no list: {result}"
