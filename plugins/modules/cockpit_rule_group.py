#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of rules in a data source of Cockpit: Mimir's API."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_rule_group
short_description: Manage groups of alerting and recording rules in Cockpit
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A group holds rules that a data source of metrics evaluates one after the other. What fires is told to the contact points of the alert
    manager, see M(stackway.scaleway.cockpit_alert_manager) and M(stackway.scaleway.cockpit_contact_point).
  - A group is known by data source, namespace and name. Its rules are managed as a whole.
  - The data source is asked itself, with the API key; its owner needs the permission set C(ObservabilityFullAccess).
notes:
  - Path, header and content follow Scaleway's documentation. No recording of it is known; that answers are Mimir's is not proven.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  data_source_id:
    description: ID or name of the data source of metrics whose data the rules are about.
    type: str
    required: true
  namespace:
    description: What holds the group, of your choice, such as the name of the system.
    type: str
    required: true
  name:
    description: Name of the group.
    type: str
    required: true
  interval:
    description: Time between two evaluations, such as V(30s). Default is that of the service.
    type: str
  rules:
    description: The rules, completely and in this order. Needed to create a group.
    type: list
    elements: dict
    suboptions:
      alert: {description: Name of an alert., type: str}
      record: {description: Name of a series to record the result as; a rule has this or an alert's name., type: str}
      expr: {description: "PromQL: an alert is for every series that it finds.", type: str, required: true}
      for: {description: "For how long it has to be found before the alert fires, such as V(5m).", type: str}
      keep_firing_for: {description: For how long the alert goes on when it is found no more., type: str}
      labels: {description: Labels to add., type: dict}
      annotations:
        description:
          - What those who are told read, such as C(summary). Prometheus fills in what is in its own double braces, such as the labels.
          - Ansible's own are those, too; put the text between C({% raw %}) and C({% endraw %}).
        type: dict
  url:
    description:
      - Where the data source answers. Default is what the API tells.
      - Another is for a proxy, or for a sandbox, whose names only its own DNS knows.
    type: str
"""

EXAMPLES = r"""
- name: Be told when a replication slot holds back the log
  stackway.scaleway.cockpit_rule_group:
    data_source_id: shop-metrics
    namespace: shop
    name: database
    interval: 1m
    rules:
      - alert: ReplicationSlotBehind
        expr: pg_replication_slots_pg_wal_lsn_diff > 100e6
        for: 5m
        labels: {severity: warning}
        annotations:
          summary: "{% raw %}Slot {{ $labels.slot_name }} holds back {{ $value | humanize1024 }}B{% endraw %}"
"""

RETURN = r"""
rule_group:
  description: The group as the data source returned it.
  returned: when the group exists
  type: dict
  contains:
    data_source_id: {description: ID of the data source., type: str, returned: always, sample: 5cbda7ee-4302-445b-85d1-3172b5311b7b}
    namespace: {description: What holds the group., type: str, returned: always, sample: shop}
    name: {description: Name of the group., type: str, returned: always, sample: database}
    interval: {description: Time between two evaluations., type: str, returned: when it was set, sample: 1m}
    rules:
      description: The rules.
      type: list
      elements: dict
      returned: always
      sample: [{alert: ReplicationSlotBehind, expr: pg_replication_slots_pg_wal_lsn_diff > 100e6, for: 5m}]
"""

from ..module_utils.resources.cockpit_rule_group import RuleGroup
from ..module_utils.run import run


def main():
    run(RuleGroup, DOCUMENTATION)


if __name__ == "__main__":
    main()
