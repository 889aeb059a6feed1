"""What a run would change, as a scheduler and as people read it."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible import context
from ansible.utils.context_objects import CLIArgs
from ansible_collections.stackway.scaleway.plugins.callback.report import CallbackModule

CONTROL = SimpleNamespace(
    get_name=lambda: "riff-control", get_vars=lambda: {"ansible_connection": "local"}, get_groups=lambda: ()
)
SERVER = SimpleNamespace(get_name=lambda: "riff-app", get_vars=dict, get_groups=lambda: ())


def task(action: str):
    return SimpleNamespace(
        action=action, resolved_action=action, check_mode=True, tags=[], get_name=lambda: f"Have <{action}>"
    )


def play(**variables):
    return SimpleNamespace(
        get_vars=lambda: variables, get_variable_manager=lambda: SimpleNamespace(extra_vars={"report_path": ""})
    )


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run tasks [(host, action, result)] in check mode; (the JSON as the last play finds it, the page, the summary)."""

    def run(tasks):
        monkeypatch.setattr(context, "CLIARGS", CLIArgs({"check": True, "inventory": ("inventories/prod",)}))
        callback = CallbackModule()
        callback.v2_playbook_on_play_start(play(report_path=str(tmp_path / "made" / "drift")))
        for host, action, answer in tasks:
            result = SimpleNamespace(host=host, task=task(action), result=answer)
            (callback.v2_runner_on_failed if answer.get("failed") else callback.v2_runner_on_ok)(result)
        callback.v2_playbook_on_play_start(play())
        report = json.loads((tmp_path / "made" / "drift.json").read_text())
        callback.v2_playbook_on_stats(SimpleNamespace(custom={}))
        return report, *((tmp_path / "made" / f"drift.{form}").read_text() for form in ("html", "md"))

    return run


def test_it_tells_what_differs_and_how(run):
    vpc = {"changed": True, "action": "updated", "vpc": {"name": "riff"}}
    vpc["diff"] = {"before": {"tags": ["old"]}, "after": {"tags": ["<new>"]}}
    file = {
        "changed": True,
        "diff": [{"before": "a\n", "after": "b\n", "before_header": "/etc/x", "after_header": "/etc/x"}],
    }
    record = {"changed": True, "invocation": {"module_args": {"record": "a.example"}}}
    record["diff"] = {"before": {}, "after": {"record": "a.example"}}
    report, page, summary = run(
        [
            (CONTROL, "stackway.scaleway.vpc", vpc),
            (CONTROL, "stackway.scaleway.secret", {"changed": False, "action": "unchanged", "diff": {}}),
            (CONTROL, "amazon.aws.route53", record),
            (CONTROL, "ansible.builtin.command", {"changed": True}),
            (SERVER, "ansible.builtin.copy", {"changed": True, "results": [file, {"changed": False}]}),
        ]
    )
    told = [(change["action"], change["resource"], change["host"]) for change in report["changes"]]
    assert told == [("updated", "vpc riff", ""), ("created", "route53 a.example", ""), ("updated", "", "riff-app")]
    assert report["complete"] and report["inventory"] == ["inventories/prod"]
    assert "<new>" in report["changes"][0]["diff"]
    assert "-a\n+b" in report["changes"][2]["diff"]
    assert "<h1>3 differences</h1>" in page and "riff-app</h2>" in page
    assert "&lt;new&gt;" in page and "<new>" not in page  # what a resource is called is no part of the page
    assert summary.startswith("**3 differences** in inventories/prod, ")
    assert "### Resources at Scaleway\n- updated: `vpc riff`\n- created: `route53 a.example`\n" in summary
    assert "### riff-app\n- updated: `Have <ansible.builtin.copy>`" in summary
    assert "<new>" not in summary  # differences may be long, and an issue is read by many


def test_nothing_differs(run):
    report, page, summary = run([(CONTROL, "stackway.scaleway.vpc", {"changed": False, "action": "unchanged"})])
    assert report["changes"] == [] and report["undeclared"] == {} and report["complete"]
    assert "<h1>No differences</h1>" in page
    assert summary.startswith("**No differences** in ") and summary.count("\n") == 1


def test_a_long_list_is_cut_for_an_issue(run):
    vpcs = [{"changed": True, "action": "created", "vpc": {"name": f"vpc-{number}"}} for number in range(102)]
    _report, page, summary = run([(CONTROL, "stackway.scaleway.vpc", vpc) for vpc in vpcs])
    assert "vpc-101" in page and "vpc-101" not in summary
    assert "- and 2 more" in summary


def test_a_failure_and_what_is_undeclared_are_told(run):
    stats = {"data": {"stackway_leftovers": {"riff": {"instance_server": ["old"]}, "ciel": {"instance_server": []}}}}
    report, page, summary = run(
        [
            (CONTROL, "ansible.builtin.set_stats", {"changed": False, "ansible_stats": stats}),
            (CONTROL, "stackway.scaleway.vpc", {"failed": True, "changed": False, "msg": "quota <exceeded>"}),
        ]
    )
    assert report["undeclared"] == {"riff": {"instance_server": ["old"]}}
    assert not report["complete"]
    assert report["failures"][0]["message"] == "quota <exceeded>"
    assert "quota &lt;exceeded&gt;" in page and "there may be more" in page and "riff declares no longer" in page
    assert "The run failed: there may be more\n" in summary
    assert "### riff declares no longer\n- `instance_server old`\n" in summary
    assert summary.endswith("### What failed\n- `Have <stackway.scaleway.vpc>` on riff-control\n")
