# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends a run with what it did, or in check mode would do, to the account and to the hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: summary
type: aggregate
short_description: Ends a run with what it did, or would do
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - In check mode the last line tells how many resources would be added, changed and destroyed.
  - In a real run, tells what was created, changed and deleted, where the systems answer, how long it took and what to do next.
  - A change to what the same run has created is a part of creating it, and not told again.
  - Stays silent where the output is meant for a program, that is with a stdout callback named C(json) or C(jsonl).
notes:
  - A playbook says where its system answers with M(ansible.builtin.set_stats), in C(stackway_summary), a dictionary of
    system to a dictionary of lines to show; the line C(next) may be a list.
  - C(stackway_leftovers) likewise is a dictionary of system to what bears its tags and is no longer declared, names by module.
  - The failure of a task with the tag C(verdict) is what the run found, and leaves no plan incomplete.
requirements:
  - enable in C(callbacks_enabled) of C(ansible.cfg)
"""

import time
from collections import Counter

from ansible import constants, context
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader, test_loader

from ..action.resource import preload
from ..plugin_utils.changes import VERDICT, changes

COLLECTION = "stackway.scaleway."
VERBS = {"created": "add", "updated": "change", "deleted": "destroy", "recreated": "replace"}
COLORS = {
    "created": constants.COLOR_OK,
    "updated": constants.COLOR_CHANGED,
    "recreated": constants.COLOR_CHANGED,
    "deleted": constants.COLOR_ERROR,
}
SIGNS = {"created": "+", "updated": "~", "deleted": "-", "recreated": "±"}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "stackway.scaleway.summary"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, display=None):
        super().__init__(display)
        self.disabled = constants.DEFAULT_STDOUT_CALLBACK.rpartition(".")[2] in ("json", "jsonl")
        self.check_mode = bool(context.CLIARGS.get("check"))
        self.started = time.monotonic()
        self.resources: dict[str, list[str]] = {action: [] for action in VERBS}
        self.created: set[tuple[str, str]] = set()  # resources with their ids
        self.hosts: dict[str, int] = {}
        self.verdicts: Counter[str] = Counter()

    # What happens ------------------------------------------------------------------

    def v2_playbook_on_start(self, playbook):
        """Load Ansible's filters and tests, in the process that it forks for each task: what a worker loads is lost with it."""
        for loader in (filter_loader, test_loader):
            list(loader.all())

    def v2_playbook_on_task_start(self, task, is_conditional):
        if task.action.startswith(COLLECTION):
            preload(task.action)

    def v2_runner_on_ok(self, result):
        for change in changes(result, self.check_mode):
            resource = (change.resource, change.id)
            if change.action == "updated" and resource in self.created:
                continue
            if change.resource:
                self.resources[change.action].append(change.resource)
                self.created |= {resource} if change.action == "created" and change.id else set()
            else:
                self.hosts[change.host] = self.hosts.get(change.host, 0) + 1

    def v2_runner_on_failed(self, result, ignore_errors=False):
        """Of a loop that failed, the items before the failure were carried out."""
        self.v2_runner_on_ok(result)
        if VERDICT in result.task.tags:
            self.verdicts[result.host.get_name()] += 1

    # What is told ------------------------------------------------------------------

    def v2_playbook_on_stats(self, stats):
        failures = Counter(stats.failures) + Counter(stats.dark)
        failed = bool(failures - self.verdicts)
        self._display.banner("PLAN" if self.check_mode else "SUMMARY")
        for action, resources in self.resources.items():
            for resource in resources:
                self._display.display(f"  {SIGNS[action]} {resource}", color=COLORS[action])
        for host, tasks in self.hosts.items():
            will = "would change" if self.check_mode else "changed"
            self._display.display(
                f"  ~ {host}: {tasks} task{'s' if tasks > 1 else ''} {will}", color=constants.COLOR_CHANGED
            )
        self._show_leftovers(stats.custom.get("_run", {}).get("stackway_leftovers", {}))
        if not self.check_mode and not failed:
            self._show_systems(stats.custom.get("_run", {}).get("stackway_summary", {}))
        self._display.display(self._last_line(failed))

    def _show_leftovers(self, systems: dict):
        for system, leftovers in systems.items():
            if leftovers:
                self._display.display(f"  {system} declares no longer (-e prune=true removes what holds no data):")
            for kind, names in leftovers.items():
                for name in names:
                    self._display.display(f"    {kind} {name}", color=constants.COLOR_WARN)

    def _show_systems(self, systems: dict):
        systems = {system: lines for system, lines in systems.items() if lines}
        for system, lines in systems.items():
            self._display.display(f"\n{system}", color=constants.COLOR_HIGHLIGHT)
            width = max(map(len, lines), default=0)
            for name, value in lines.items():
                values = value if isinstance(value, list) else [value]
                for index, line in enumerate(values):
                    self._display.display(f"  {'' if index else name:<{width}}  {line}")
        if systems:
            self._display.display("")

    def _last_line(self, failed: bool) -> str:
        count = {action: len(resources) for action, resources in self.resources.items()}
        # A replacement is both.
        add, change, destroy = (
            count["created"] + count["recreated"],
            count["updated"],
            count["deleted"] + count["recreated"],
        )
        if self.check_mode:
            unfinished = " (incomplete: the run failed)" if failed else ""
            return f"Plan: {add} to add, {change} to change, {destroy} to destroy{unfinished}"
        tasks = sum(self.hosts.values())
        on_hosts = f", {tasks} changes on hosts" if tasks else ""
        outcome = "Failed" if failed else "Done"
        seconds = time.monotonic() - self.started
        return f"{outcome} in {seconds:.0f} s: {add} added, {change} changed, {destroy} destroyed{on_hosts}"
