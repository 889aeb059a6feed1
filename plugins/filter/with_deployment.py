# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the list of the versions that were deployed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: with_deployment
short_description: The list of a system's deployments, with the one that has just been
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - The list is as it was where the same version runs as before, chosen in the same way.
  - A version that ran without a deployment, such as what the first run of C(site.yml) brought, is put into the list as found.
  - Each deployment knows what a rollback from it leads to. After a rollback that is what the version had before it, not what was taken back.
options:
  _input:
    description: The deployments, the latest first.
    type: list
    elements: dict
    required: true
  runs:
    description: "What runs now: {server or image: version}."
    type: dict
    required: true
  ran:
    description: "What ran before it: {server or image: version}."
    type: dict
    required: true
  version:
    description: Name of the version that was asked for. Empty where the sources said which one it is.
    type: str
    default: ""
  action:
    description: What brought it.
    type: str
    choices: [deploy, rollback]
    default: deploy
  at:
    description: When.
    type: str
    required: true
"""

EXAMPLES = r"""
deployments: "{{ deployments | stackway.scaleway.with_deployment(version='v2', runs={'app-1': 'v2'}, ran={'app-1': 'v1'}, at='2026-03-01 12:00:00') }}"
"""

RETURN = r"""
_value:
  description: The deployments, the latest first, with C(version), C(at), C(action), C(before), C(chosen) and C(runs).
  type: list
  elements: dict
"""

KEPT = 50


def with_deployment(
    deployments: list[dict], *, runs: dict, ran: dict, at: str, version: str = "", action: str = "deploy"
) -> list[dict]:
    nothing = {"version": "", "before": "", "runs": {}, "chosen": False}
    if versions(ran) not in ([], versions((deployments or [nothing])[0]["runs"])):
        found = {"version": title(ran), "at": "", "action": "found", "chosen": False, "runs": ran}
        deployments = [found | {"before": deployments[0]["version"] if deployments else ""}, *deployments]
    latest = deployments[0] if deployments else nothing
    chosen = bool(version) or action == "rollback"
    if (versions(runs), chosen) == (versions(latest["runs"]), latest["chosen"]):
        return deployments
    version = version or title(runs)
    earlier = next((each for each in deployments if each["version"] == version), nothing)
    again = action == "rollback" or version == latest["version"]
    before = earlier["before"] if again else latest["version"]
    deployment = {"version": version, "at": at, "action": action, "before": before, "chosen": chosen, "runs": runs}
    return [deployment, *deployments][:KEPT]


def versions(runs: dict) -> list[str]:
    return sorted({version for version in runs.values() if version})


def title(runs: dict) -> str:
    return " ".join(versions(runs))


class FilterModule:
    def filters(self):
        return {"with_deployment": with_deployment}
