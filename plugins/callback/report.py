# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what a run changed, or in check mode would change, as JSON, as a page and as a summary."""

from __future__ import annotations

DOCUMENTATION = r"""
name: report
type: aggregate
short_description: Writes what a run changed, or would change, as JSON, as a page and as a summary
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Where a play has the variable C(report_path), writes C(<report_path>.json), C(<report_path>.html), a page that needs no other
    file, and C(<report_path>.md), the same without the differences themselves, for an issue or a chat. The playbook C(drift) does.
  - The JSON is written before each play as well, so that a later play can read what the earlier ones would have changed.
  - In check mode handlers are left out, which only follow from what differs, and so are tasks with the tag C(verdict).
  - It holds C(checked_at), C(inventory), C(check_mode), C(complete) (whether no task failed), C(changes), a list of C(action),
    C(resource) or C(host), C(task) and C(diff) (with C(--diff), as text), C(undeclared), names by module by system, and C(failures).
requirements:
  - enable in C(callbacks_enabled) of C(ansible.cfg)
"""

import copy
import json
import re
from datetime import UTC, datetime
from pathlib import Path

from ansible import context
from ansible.playbook.handler import Handler
from ansible.plugins.callback import CallbackBase
from jinja2 import Environment

from ..plugin_utils.changes import VERDICT, changes

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ title }}</title>
<style>
  :root { color-scheme: light dark; --line: light-dark(#d8dee4, #3d444d); --dim: light-dark(#59636e, #9198a1);
    --created: light-dark(#1a7f37, #3fb950); --updated: light-dark(#9a6700, #d29922); --deleted: light-dark(#cf222e, #f85149); }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.4rem; margin-bottom: 0 } h2 { font-size: 1.1rem; margin-top: 2rem }
  p, .dim { color: var(--dim) }
  details, .row { border: 1px solid var(--line); border-bottom: 0; padding: .4rem .7rem }
  section > :last-child { border-bottom: 1px solid var(--line) }
  summary { cursor: pointer } summary span, .row span { float: right; color: var(--dim) }
  b { display: inline-block; min-width: 5.5rem; font-weight: 600 }
  .created { color: var(--created) } .updated, .recreated { color: var(--updated) } .deleted { color: var(--deleted) }
  pre { overflow-x: auto; font: 13px/1.45 ui-monospace, monospace; margin: .5rem 0 0 }
</style>
<h1>{{ title }}</h1>
<p>{{ inventory | join(", ") }}, {{ checked_at }}
{%- if not complete %}. <strong class="deleted">The run failed: there may be more.</strong>{% endif %}</p>
{% for place, found in places.items() %}
<section>
<h2>{{ place }}</h2>
{% for change in found %}
{% if change.diff %}
<details><summary><b class="{{ change.action }}">{{ change.action }}</b> {{ change.resource or change.task }}
{%- if change.resource %}<span>{{ change.task }}</span>{% endif %}</summary>
<pre>{% for line in change.diff.splitlines() %}<span class="{{ lines.get(line[:1], '') }}">{{ line }}</span>
{% endfor %}</pre></details>
{% else %}
<div class="row"><b class="{{ change.action }}">{{ change.action }}</b> {{ change.resource or change.task }}
{%- if change.resource %}<span>{{ change.task }}</span>{% endif %}</div>
{% endif %}
{% endfor %}
</section>
{% endfor %}
{% for system, kinds in undeclared.items() %}
<section>
<h2>{{ system }} declares no longer</h2>
{% for kind, names in kinds.items() %}{% for name in names %}
<div class="row"><b>{{ kind }}</b> {{ name }}</div>
{% endfor %}{% endfor %}
</section>
{% endfor %}
{% if failures %}
<section>
<h2>What failed</h2>
{% for failure in failures %}
<details open><summary><b class="deleted">failed</b> {{ failure.task }}<span>{{ failure.host }}</span></summary>
<pre>{{ failure.message }}</pre></details>
{% endfor %}
</section>
{% endif %}
</html>
"""
SUMMARY = """\
**{{ title }}** in {{ inventory | join(", ") }}, {{ checked_at }}{% if not complete %}. The run failed: there may be more{% endif %}


{% for place, found in places.items() %}
### {{ place }}
{% for change in found[:100] %}
- {{ change.action }}: `{{ change.resource or change.task }}`
{% endfor %}
{% if found[100:] %}
- and {{ found[100:] | length }} more
{% endif %}

{% endfor %}
{% for system, kinds in undeclared.items() %}
### {{ system }} declares no longer
{% for kind, names in kinds.items() %}{% for name in names %}
- `{{ kind }} {{ name }}`
{% endfor %}{% endfor %}

{% endfor %}
{% if failures %}
### What failed
{% for failure in failures %}
- `{{ failure.task }}` on {{ failure.host }}
{% endfor %}
{% endif %}
"""
LINES = {"+": "created", "-": "deleted", "@": "dim"}
COLOR = re.compile(r"\x1b\[[0-9;]*m")


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "stackway.scaleway.report"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, display=None):
        super().__init__(display)
        self.check_mode = bool(context.CLIARGS.get("check"))
        self.path: Path | None = None
        self.changes: list[dict] = []
        self.undeclared: dict[str, dict] = {}
        self.failures: list[dict] = []

    def v2_playbook_on_play_start(self, play):
        given = play.get_variable_manager().extra_vars
        if path := given.get("report_path") or play.get_vars().get("report_path"):
            self.path = Path(path).expanduser()
        if self.path:
            self._write()

    def v2_runner_on_ok(self, result):
        leftovers = result.result.get("ansible_stats", {}).get("data", {}).get("stackway_leftovers", {})
        self.undeclared |= {system: kinds for system, kinds in leftovers.items() if any(kinds.values())}
        if self.check_mode and isinstance(result.task, Handler):
            return  # what follows from a difference is none
        for change in changes(result, self.check_mode):
            told = {"action": change.action, "resource": change.resource, "host": change.host, "task": change.task}
            self.changes.append(told | {"diff": COLOR.sub("", self._get_diff(copy.deepcopy(change.diff)))})

    def v2_runner_on_failed(self, result, ignore_errors=False):
        """Of a loop that failed, the items before the failure were carried out."""
        self.v2_runner_on_ok(result)
        if not ignore_errors and VERDICT not in result.task.tags:
            answer = result.result
            failed = [item for item in answer.get("results", []) if isinstance(item, dict) and item.get("failed")]
            message = "\n".join(str(item.get("msg", "failed")) for item in failed or [answer])
            self._failed(result, message)

    def v2_runner_on_unreachable(self, result):
        self._failed(result, str(result.result.get("msg", "unreachable")))

    def v2_playbook_on_stats(self, stats):
        if self.path:
            self._write(page=True)

    def _failed(self, result, message: str):
        self.failures.append(
            {"host": result.host.get_name(), "task": result.task.get_name(), "message": message.strip()}
        )

    def _write(self, page: bool = False):
        report = {
            "checked_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "inventory": list(context.CLIARGS.get("inventory") or []),
            "check_mode": self.check_mode,
            "complete": not self.failures,
            "changes": self.changes,
            "undeclared": self.undeclared,
            "failures": self.failures,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.with_name(f"{self.path.name}.json").write_text(json.dumps(report, indent=2) + "\n")
        if page:
            told = _told(report)
            page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(PAGE)
            summary = Environment(trim_blocks=True, lstrip_blocks=True).from_string(SUMMARY)
            self.path.with_name(f"{self.path.name}.html").write_text(page.render(told, lines=LINES))
            self.path.with_name(f"{self.path.name}.md").write_text(summary.render(told).rstrip() + "\n")


def _told(report: dict) -> dict:
    """What page and summary are made of: the report, its title, and the changes by the place where they are."""
    places: dict[str, list[dict]] = {}
    for change in report["changes"]:
        places.setdefault(change["host"] or "Resources at Scaleway", []).append(change)
    count = len(report["changes"])
    what = f"{count} {'difference' if report['check_mode'] else 'change'}{'' if count == 1 else 's'}"
    return report | {"title": what if count else f"No {what.split()[1]}", "places": places}
