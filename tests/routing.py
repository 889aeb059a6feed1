"""Prints meta/runtime.yml for the modules that there are. `make routing` writes it; a unit test compares."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def runtime() -> str:
    modules = sorted(file.stem for file in (ROOT / "plugins/modules").glob("*.py"))
    document = {
        "requires_ansible": ">=2.19.0,<2.20.0",
        "action_groups": {"all": modules},
        "plugin_routing": {"modules": {name: {"action_plugin": "stackway.scaleway.resource"} for name in modules}},
    }
    return "---\n# Written by `make routing`.\n" + yaml.safe_dump(document, sort_keys=False)


if __name__ == "__main__":
    print(runtime(), end="")
