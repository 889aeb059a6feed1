#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts that Scaleway has configured: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_alert_rules
short_description: Switch the alerts that Scaleway has configured
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Manages as a whole which of Scaleway's preconfigured alerts are on in a project and region.
  - The alert manager has to be enabled, see M(stackway.scaleway.cockpit_alert_manager).
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  rules:
    description:
      - Names, such as V(PostgreSQLHighCPULoad), or rule IDs of every alert that is to be on. An empty list switches all off.
      - Needed unless O(state=absent). M(stackway.scaleway.cockpit_alert_info) tells what each is about, once one was switched.
    type: list
    elements: str
  state:
    description: V(absent) switches every preconfigured alert off.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Be told when the database is in trouble
  stackway.scaleway.cockpit_alert_rules:
    rules: [PostgreSQLHighCPULoad, PostgreSQLHighStorageUsage, PostgresqlTooManyConnections]
"""

RETURN = r"""
alert_rules:
  description: Which alerts are on.
  returned: unless all were switched off by O(state=absent)
  type: dict
  contains:
    rules: {description: Names of the alerts that are on., type: list, elements: str, returned: always, sample: [PostgreSQLHighCPULoad]}
"""

from ..module_utils.cockpit import REGIONAL, RULES
from ..module_utils.errors import ResourceError
from ..module_utils.resource import Resource
from ..module_utils.run import run

ON = ("enabled", "enabling")


class AlertRules(Resource):
    """All rules of a project and region, as {rules: names of those that are on, known: {name: id}, status}."""

    api = REGIONAL
    noun = "alert_rules"
    methods = {"list": "list_alerts"}
    key = ()
    id_field = "rules"
    ready = {"settled"}
    deleted_at_once = True

    def check_options(self):
        super().check_options()
        if "rules" not in self.options and self.params.get("state") != "absent":
            raise ResourceError("rules: needed to say which alerts are to be on", field="rules")

    def observe(self):
        project = self.client.credentials.project_id
        # In one that check mode predicts none is on, and as in every other they are there.
        alerts = [] if self.parent_unknown() else self.list(project_id=project, is_preconfigured=True)
        ids = {alert["name"]: alert["preconfigured_data"]["preconfigured_rule_id"] for alert in alerts}
        found = {
            "rules": sorted(alert["name"] for alert in alerts if alert["rule_status"] in ON),
            "known": RULES | ids,
            "status": "settled"
            if all(alert["rule_status"] in ("enabled", "disabled") for alert in alerts)
            else "settling",
        }
        self.options |= {"rules": self.names(found["known"])}
        if not found["rules"] and self.params.get("state") == "absent":
            return None  # an empty list is there as well, for those who ask for it
        return found

    def names(self, known):
        """The rules that the user wants on, by name."""
        by_id = {id: name for name, id in known.items()}
        wanted = [by_id.get(rule, rule) for rule in self.options.get("rules", [])]
        if unknown := [rule for rule in wanted if rule not in known]:
            raise ResourceError(
                f"rules: {', '.join(unknown)}: no alert that Scaleway has configured (there are {', '.join(sorted(known))})",
                field="rules",
            )
        return wanted

    def get(self, record):
        return self.observe() or record | {"status": "settled"}

    def update(self, current, changes):
        self.switch(current, set(changes["rules"]))

    def delete(self, current):
        self.switch(current, set())
        self.wait(current)

    def switch(self, current, wanted):
        on = set(current["rules"])
        for name, rules in (("enable_alert_rules", wanted - on), ("disable_alert_rules", on - wanted)):
            if rules:
                ids = [current["known"][rule] for rule in sorted(rules)]
                self.client.call(self.api, name, **self.scope(name), rule_ids=ids)

    def report(self, record):
        return record and {"rules": record["rules"]}


def main():
    run(AlertRules, DOCUMENTATION)


if __name__ == "__main__":
    main()
