"""The workflows of the examples, and the action that they use: what each step runs is there, and drift is told in one issue."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted(ROOT.glob("examples/*/.github/workflows/*.yml"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
GITHUBS_OWN = ("actions/", "you/stackway@")  # the latter is this project


def read(file: Path) -> dict:
    return yaml.load(file.read_text(), yaml.BaseLoader)  # YAML 1.1 takes `on` for a boolean


def steps(file: Path):
    return [step for job in read(file)["jobs"].values() for step in job["steps"]]


def title(file: Path) -> str:
    return f"{file.parents[2].name}/{file.name}"


def test_every_system_has_a_deploy_and_a_look_at_drift():
    systems = {file.stem for file in ROOT.glob("inventories/*.yml")}
    for name in ("deploy.yml", "drift.yml"):
        assert {file.parents[2].name for file in WORKFLOWS if file.name == name} == systems


@pytest.mark.parametrize("file", WORKFLOWS, ids=title)
def test_what_a_step_does_is_ours_and_is_there(file):
    for step in steps(file):
        assert step.get("uses", "actions/").startswith(GITHUBS_OWN)
        assert "secrets." not in step.get("run", "")
        if step.get("uses", "").startswith("you/stackway@"):
            assert step["with"]["run"] in TARGETS & {"build", "deploy", "drift"}
            assert step["with"]["system"] == file.parents[2].name
            assert set(step["with"]) <= set(ACTION["inputs"])
            access = yaml.safe_load((ROOT / f"inventories/{file.parents[2].name}.yml").read_text())["ci_access"]
            assert step["with"]["run"] in access, "no key for it is made"


@pytest.mark.parametrize("file", WORKFLOWS, ids=title)
def test_nothing_is_allowed_that_is_not_needed(file):
    workflow = read(file)
    assert workflow["permissions"] == {} and workflow["concurrency"]
    for job in workflow["jobs"].values():
        writes = {name for name, access in job["permissions"].items() if access == "write"}
        assert not writes or writes == ({"issues"} if file.name == "drift.yml" else {"contents"})
        assert "environment" in job or "secrets." not in str(job), "a secret of the repository is every job's"


@pytest.fixture
def tell(tmp_path):
    """Run the action's step that tells drift in an issue, with a gh that knows the issues given; what it was asked to do."""
    step = next(step for step in ACTION["runs"]["steps"] if step["name"].startswith("Tell it"))
    gh = tmp_path / "bin/gh"
    gh.parent.mkdir()
    gh.write_text('#!/bin/sh\necho "$@" >> "$CALLS"\n[ "$1 $2" != "issue list" ] || printf "%s" "$OPEN"\n')
    gh.chmod(0o755)

    def tell(outcome: str, open_issue: str = "", report: str | None = "**2 differences** in inventories/prod\n"):
        (tmp_path / "calls").write_text("")
        (tmp_path / "drift.md").unlink(missing_ok=True)
        if report:
            (tmp_path / "drift.md").write_text(report)
        environment = {
            "PATH": f"{gh.parent}:{os.environ['PATH']}",
            "CALLS": str(tmp_path / "calls"),
            "OPEN": open_issue,
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "OUTCOME": outcome,
            "SYSTEM": "meemi",
            "ENVIRONMENT": "prod",
            "RUN_URL": "https://github.example/run/1",
        }
        assert set(step["env"]) <= set(environment) | {"GH_TOKEN", "GH_REPO"}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True)
        _looked, *did = (tmp_path / "calls").read_text().splitlines()
        return did, (tmp_path / "drift.md").read_text() if (tmp_path / "drift.md").exists() else ""

    return tell


def test_drift_opens_an_issue_once_and_closes_it_when_it_is_gone(tell, tmp_path):
    (label, created), body = tell("failure")
    assert label.startswith("label create drift-meemi-prod --force")
    assert created.startswith("issue create --label drift-meemi-prod --title meemi differs from its inventory (prod)")
    assert "2 differences" in body and "[this run](https://github.example/run/1)" in body
    assert (tmp_path / "summary").read_text() == body
    assert tell("failure", open_issue="7")[0] == ["issue edit 7 --body-file drift.md"]
    assert tell("success", open_issue="7")[0] == [
        "issue close 7 --comment Nothing differs any more: https://github.example/run/1"
    ]
    assert tell("success")[0] == []


def test_a_run_that_came_to_nothing_is_told(tell):
    did, body = tell("failure", report=None)
    assert did[-1].startswith("issue create")
    assert body.startswith("The comparison did not get as far as a report.")
