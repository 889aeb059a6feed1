# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task changed, or in check mode would change: in the account, and on the hosts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

VERDICT = "verdict"  # a tag: the task's failure is what a complete run found
LOOK_UP = "look_up"  # a tag: the task runs in check mode whatever the run does, to find out what is there
ACTIONS = ("created", "updated", "recreated", "deleted")
CLOUD = ("stackway.scaleway.", "amazon.aws.")  # collections whose tasks change an account, wherever they run


@dataclass(frozen=True)
class Change:
    """One resource, or one task on a host."""

    task: str
    action: str  # one of ACTIONS
    resource: str = ""  # the module and what the resource is called, such as `vpc riff`; empty for a host
    id: str = ""  # the resource's, where the API gives it one
    host: str = ""  # empty for a resource
    diff: list[dict] = field(default_factory=list)  # as modules return it; empty where the task hides it


def changes(result, check_mode: bool) -> Iterator[Change]:
    """The changes of one task's result on one host. `check_mode`: that of the run."""
    task, answer = result.task, result.result
    if (task.check_mode and not check_mode) or LOOK_UP in task.tags:
        return
    # What ran may be the action plugin that all modules share; the task says for which of them.
    cloud = (task.resolved_action or task.action).startswith(CLOUD)
    for item in items(answer):
        if not item.get("changed"):
            continue
        diff = item.get("diff") or []
        diff = diff if isinstance(diff, list) else [diff]
        if cloud:
            resource = f"{task.action.rpartition('.')[2]} {name(item)}".strip()
            action = item.get("action") if item.get("action") in ACTIONS else _action(diff)
            yield Change(task.get_name(), action, resource=resource, id=identifier(item), diff=diff)
        elif not _is_controller(result.host):
            yield Change(task.get_name(), "updated", host=result.host.get_name(), diff=diff)


def items(answer: dict) -> list[dict]:
    """The results of a task's loop, or its only one."""
    results = answer.get("results")
    return [item for item in results if isinstance(item, dict)] if isinstance(results, list) else [answer]


def _action(diff: list[dict]) -> str:
    """What amazon.aws did. Hidden by no_log, or changed for changed_when alone, a result says no more than that something changed."""
    sides = [
        any(
            part.get(side) not in (None, "", {}, "{}\n") for part in diff
        )  # the last: what a callback made of the one before
        for side in ("before", "after")
    ]
    return {(False, True): "created", (True, False): "deleted"}.get(tuple(sides), "updated")


def _is_controller(host) -> bool:
    """Whether the inventory has the host itself, or one of its groups, on a local connection."""
    return any(holder.get_vars().get("ansible_connection") == "local" for holder in (host, *host.get_groups()))


def records(answer: dict) -> list[dict]:
    return [value for key, value in answer.items() if isinstance(value, dict) and key not in ("diff", "invocation")]


def identifier(answer: dict) -> str:
    """The id of the resource of a result; a plan does not know it of what the run will create."""
    return next((str(record["id"]) for record in records(answer) if record.get("id")), "")


def name(answer: dict) -> str:
    """What the resource of a result is called: the first that its options or its record have."""
    options = (answer.get("invocation") or {}).get("module_args") or {}
    for source in (options, *records(answer)):
        for key in ("name", "user_name", "login", "email", "uid", "dns_zone", "record", "description", "id"):
            if source.get(key):
                return str(source[key])
    return answer["item"] if isinstance(answer.get("item"), str) else ""
