"""In this process or as an ordinary module: the same result, to the letter."""

from __future__ import annotations

import ast
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
MODULES = sorted(Path("plugins/modules").glob("*_info.py"))
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


def test_whatever_is_listed_is_listed_alike(api_sandbox):
    """Every _info module: also that an ordinary module has with it what it is made of."""
    profile = api_sandbox.profile
    grafana = f"{profile['api_url']}/cockpit/v1/projects/{profile['default_project_id']}/grafana"
    more = {"cockpit_dashboard_info": {"url": grafana}}  # what the API tells is a name on the Internet
    tasks = [
        {
            "name": module.stem,
            f"stackway.scaleway.{module.stem}": required_options(module) | more.get(module.stem, {}),
        }
        for module in MODULES
    ]
    here = api_sandbox.play(tasks)
    there = api_sandbox.play(tasks, extra={"stackway_ordinary_modules": True})
    for name, result in here.items():
        assert without_own(result) == without_own(there[name]), name
        if result.get("failed"):
            told = ("'nothing-of-this-name' does not exist", "check credentials")
            assert any(words in result["msg"] for words in told), f"{name}: {result['msg']}"
        else:
            assert result["changed"] is False
            assert any(isinstance(value, list) for value in result.values()), f"{name} returned no list: {result}"
