"""The last lines of a run, from what its tasks returned."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from ansible import constants, context
from ansible.utils.context_objects import CLIArgs
from ansible_collections.stackway.scaleway.plugins.callback.summary import CallbackModule


class Screen:
    verbosity = 0

    def __init__(self):
        self.lines: list[str] = []

    def display(self, line, **_options):
        self.lines.append(line)

    banner = display


def answer(noun: str, action: str, **record) -> dict:
    return {"changed": action != "unchanged", "action": action, noun: record, "diff": {"before": {}, "after": {}}}


def host(name: str, *groups, **variables):
    return SimpleNamespace(get_name=lambda: name, get_vars=lambda: variables, get_groups=lambda: groups)


STACKS = host("stacks", ansible_connection="local")
CONTROL, GROUPED = host("riff-control", ansible_connection="local"), host("ciel-control", STACKS)
SERVER = host("riff-app", host("instances"))


@pytest.fixture
def run(monkeypatch):
    """Run tasks [(host, action, result)]; the lines on the screen."""

    def run(tasks, check=False, failed=(), custom=None):
        monkeypatch.setattr(context, "CLIARGS", CLIArgs({"check": check}))
        callback = CallbackModule(display=Screen())
        for where, action, result in tasks:
            looks_up = result.pop("only looked up", False)
            task = SimpleNamespace(
                action=action,
                resolved_action=action,
                check_mode=check or looks_up,
                get_name=lambda: "task",
                tags=["verdict"] * ("verdict" in result) + ["look_up"] * looks_up,
            )
            tell = callback.v2_runner_on_failed if result.get("failed") else callback.v2_runner_on_ok
            tell(SimpleNamespace(host=where, task=task, result=result))
        stats = SimpleNamespace(
            processed={"riff-control": 1}, failures=dict.fromkeys(failed, 1), dark={}, custom={"_run": custom or {}}
        )
        callback.v2_playbook_on_stats(stats)
        return callback._display.lines

    return run


@pytest.mark.parametrize("id", ["1", "(known after apply)"])
def test_a_change_to_what_the_run_has_created_is_told_once(run, id):
    """Servers leave a new load balancer and come back; another of that name was there before."""
    backend, name = "stackway.scaleway.lb_backend", {"name": "api"}
    lines = run(
        [
            (CONTROL, backend, answer("backend", "created", id=id, **name)),
            (SERVER, backend, answer("backend", "updated", id=id, **name)),
            (SERVER, backend, answer("backend", "updated", id="2", **name)),
        ]
    )
    assert lines[1:-1] == ["  + lb_backend api", "  ~ lb_backend api"]
    assert "1 added, 1 changed, 0 destroyed" in lines[-1]


def test_a_plan_counts_resources_and_tells_host_changes_apart(run):
    lines = run(
        [
            (CONTROL, "stackway.scaleway.vpc", answer("vpc", "created", name="riff")),
            (
                CONTROL,
                "stackway.scaleway.instance_server",
                {
                    "changed": True,
                    "results": [
                        answer("server", "recreated", name="a"),
                        answer("server", "unchanged", name="b"),
                        answer("server", "updated", name="c"),
                    ],
                },
            ),
            (CONTROL, "stackway.scaleway.secret", answer("secret", "deleted", name="old")),
            (CONTROL, "ansible.builtin.command", {"changed": True}),
            (GROUPED, "ansible.builtin.command", {"changed": True}),
            (SERVER, "ansible.builtin.template", {"changed": True}),
            (SERVER, "ansible.builtin.apt", {"changed": False}),
        ],
        check=True,
    )
    assert lines[-1] == "Plan: 2 to add, 1 to change, 2 to destroy"
    assert "  + vpc riff" in lines
    assert "  ± instance_server a" in lines
    assert "  ~ riff-app: 1 task would change" in lines
    assert not any(" b" in line or "control" in line for line in lines)


def test_a_run_tells_where_the_system_answers(run):
    lines = run(
        [(CONTROL, "stackway.scaleway.vpc", answer("vpc", "created", name="riff"))],
        custom={"stackway_summary": {"riff": {"URL": "https://riff.test", "next": ["make verify", "make deploy"]}}},
    )
    assert lines[-1].startswith("Done in ")
    assert lines[-1].endswith(": 1 added, 0 changed, 0 destroyed")
    assert "  URL   https://riff.test" in lines
    assert "        make deploy" in lines


@pytest.mark.parametrize("check", [True, False])
def test_what_is_no_longer_declared_is_told(run, check):
    left = {"riff": {"instance_server": ["riff-old"]}, "shop": {}}
    lines = run([], check=check, custom={"stackway_leftovers": left, "stackway_summary": {"shop": {}}})
    assert any("riff declares no longer" in line for line in lines)
    assert "    instance_server riff-old" in lines
    assert not any("shop" in line for line in lines)


def test_a_run_that_failed_does_not_pretend(run):
    lines = run([], failed=["riff-control"], custom={"stackway_summary": {"riff": {"URL": "https://riff.test"}}})
    assert lines[-1].startswith("Failed in ")
    assert not any("https://riff.test" in line for line in lines)
    assert run([], check=True, failed=["riff-control"])[-1].endswith("(incomplete: the run failed)")


def test_a_change_that_only_the_playbook_sees_counts_as_one(run):
    foreseen = answer("gateway", "unchanged", name="riff") | {"changed": True}
    lines = run([(CONTROL, "stackway.scaleway.vpcgw_gateway", foreseen)], check=True)
    assert "  ~ vpcgw_gateway riff" in lines


def test_a_verdict_leaves_no_plan_incomplete(run):
    verdict = (CONTROL, "ansible.builtin.assert", {"failed": True, "changed": False, "verdict": True})
    assert run([verdict], check=True, failed=["riff-control"])[-1].endswith("0 to destroy")
    other = (CONTROL, "ansible.builtin.assert", {"failed": True, "changed": False})
    assert run([other], check=True, failed=["riff-control"])[-1].endswith("(incomplete: the run failed)")


def test_what_is_only_looked_up_does_not_count(run):
    looked_up = answer("vpc", "created", name="riff") | {"only looked up": True}
    assert run([(CONTROL, "stackway.scaleway.vpc", looked_up)])[-1].endswith("0 added, 0 changed, 0 destroyed")


def test_a_hidden_result_still_counts(run):
    assert (
        run([(CONTROL, "stackway.scaleway.secret", {"changed": True, "censored": "hidden"})], check=True)[-1]
        == "Plan: 0 to add, 1 to change, 0 to destroy"
    )


@pytest.mark.parametrize("stdout", ["ansible.posix.json", "json", "ansible.posix.jsonl"])
def test_output_for_programs_is_left_alone(monkeypatch, stdout):
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", stdout)
    assert CallbackModule(display=Screen()).disabled


def test_what_changes_at_aws_is_told_like_a_resource(run):
    record = {"changed": True, "invocation": {"module_args": {"record": "www.shop.test", "zone": "shop.test"}}}
    zones = {"changed": True, "results": [{"changed": True, "item": "shop.test"}]}
    lines = run([(CONTROL, "amazon.aws.route53", record), (CONTROL, "amazon.aws.route53_zone", zones)], check=True)
    assert lines == [
        "PLAN",
        "  ~ route53 www.shop.test",
        "  ~ route53_zone shop.test",
        "Plan: 0 to add, 2 to change, 0 to destroy",
    ]


@pytest.mark.parametrize("module", ["lb", "lb_info"])
def test_what_a_module_imports_is_there_before_ansible_forks_for_its_task(monkeypatch, module):
    """Else every task with it imports that again: a fifth of a second."""
    monkeypatch.delitem(sys.modules, "scaleway.lb.v1", raising=False)
    CallbackModule.v2_playbook_on_task_start(None, SimpleNamespace(action=f"stackway.scaleway.{module}"), False)
    assert "scaleway.lb.v1" in sys.modules


@pytest.mark.parametrize(
    "action", ["stackway.scaleway.object_bucket", "stackway.scaleway.no_such", "ansible.builtin.debug"]
)
def test_what_has_nothing_to_import_is_left_to_the_task(action):
    CallbackModule.v2_playbook_on_task_start(None, SimpleNamespace(action=action), False)
