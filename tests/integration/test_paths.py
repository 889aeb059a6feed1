"""In this process or as an ordinary module: the same result, to the letter."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

PROJECT = {"name": "paths", "description": "a"}
TASKS = [
    ("predict", PROJECT, {"check_mode": True}),
    ("create", PROJECT, {}),
    ("again", PROJECT, {}),
    ("change", PROJECT | {"description": "b"}, {"diff": True}),
    ("unknown option", PROJECT | {"nme": 1}, {}),
    ("bad choice", PROJECT | {"state": "there"}, {}),
    ("bad type", PROJECT | {"wait_timeout": "soon"}, {}),
    ("wrong key", PROJECT | {"secret_key": "11111111-1111-1111-1111-111111111111"}, {}),
    ("remove", PROJECT | {"state": "absent"}, {}),
]
OWN = {"id", "created_at", "updated_at", "ansible_facts", "exception"}


def without_own(value):
    """A result without what differs between any two runs."""
    if isinstance(value, dict):
        return {key: without_own(item) for key, item in value.items() if key not in OWN}
    return value


def test_both_paths_give_the_same_result(api_sandbox):
    tasks = [{"name": name, "stackway.scaleway.account_project": options} | how for name, options, how in TASKS]
    here = api_sandbox.play(tasks)
    there = api_sandbox.play(tasks, extra={"stackway_ordinary_modules": True})
    for name, _options, _how in TASKS:
        assert without_own(here[name]) == without_own(there[name]), name


def test_a_secret_is_in_no_result(api_sandbox):
    secret = api_sandbox.profile["secret_key"]
    task = {"name": "it", "stackway.scaleway.account_project": PROJECT | {"secret_key": secret}, "check_mode": True}
    for extra in ({}, {"stackway_ordinary_modules": True}):
        assert secret not in str(api_sandbox.play([task], "-vvv", extra=extra))


def test_whatever_is_listed_is_listed_alike(api_sandbox):
    """Every _info module: also that an ordinary module has with it what it is made of."""
    needed = {"instance_id": "00000000-0000-4000-8000-000000000000"}  # a parent that is not there
    modules = sorted(file.stem for file in Path("plugins/modules").glob("*_info.py"))
    tasks = []
    for module in modules:
        documentation = yaml.safe_load(re.search(r'DOCUMENTATION = r"""(.*?)"""', module_text(module), re.DOTALL)[1])
        options = documentation.get("options") or {}
        given = {name: needed[name] for name, option in options.items() if option.get("required")}
        tasks.append({"name": module, f"stackway.scaleway.{module}": given})
    here = api_sandbox.play(tasks)
    there = api_sandbox.play(tasks, extra={"stackway_ordinary_modules": True})
    for module in modules:
        assert without_own(here[module]) == without_own(there[module]), module
        assert not here[module].get("failed") or "does not exist" in here[module]["msg"], here[module]["msg"]


def module_text(name: str) -> str:
    return Path(f"plugins/modules/{name}.py").read_text()
