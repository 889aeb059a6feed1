"""What must stay in step across the collection."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from docs import build

ROOT = Path(__file__).parents[2]
ROLES = sorted(path.name for path in (ROOT / "roles").glob("*") if path.is_dir())


def test_what_is_generated_is_fresh():
    written = build.generated().items()
    stale = [str(file.relative_to(ROOT)) for file, text in written if not file.exists() or file.read_text() != text]
    assert not stale, f"run `make docs`: {', '.join(stale)}"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_documents_its_defaults(role):
    """Every public variable is specified, with the default that it has, and carries the role's name."""
    defaults = yaml.safe_load((ROOT / f"roles/{role}/defaults/main.yml").read_text()) or {}
    specs = yaml.safe_load((ROOT / f"roles/{role}/meta/argument_specs.yml").read_text())["argument_specs"]
    options = {name: option for entry in specs.values() for name, option in (entry.get("options") or {}).items()}
    assert all(re.match(rf"_?{role}_", name) for name in defaults), "a variable without the role's prefix"
    assert set(defaults) <= set(options), f"not in argument_specs: {sorted(set(defaults) - set(options))}"
    for name, option in options.items():
        if name in defaults and "default" in option:
            assert option["default"] == defaults[name], f"{name}: another default in argument_specs"
        elif name not in defaults:
            assert "default" not in option, f"{name}: has a default in argument_specs only"
