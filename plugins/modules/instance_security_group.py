#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security groups of instances with their rules: instance/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: instance_security_group
short_description: Manage security groups of instances
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A security group says what public traffic reaches the instances that have it, and leaves them. Traffic in private
    networks is not filtered.
  - Its rules are managed as a whole. Those that the API adds itself (O(enable_default_security)) are not counted.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
options:
  id:
    description: ID of the group, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the group.
    type: str
  description:
    description: What the group is for.
    type: str
  stateful:
    description: Whether answers to what was let through are let through as well. Default is V(true) for a new group.
    type: bool
  inbound_default_policy:
    description: What happens to incoming traffic that no rule mentions. Default is V(accept) for a new group.
    type: str
    choices: [accept, drop]
  outbound_default_policy:
    description: What happens to outgoing traffic that no rule mentions. Default is V(accept) for a new group.
    type: str
    choices: [accept, drop]
  enable_default_security:
    description: Whether outgoing mail (TCP ports 25, 465 and 587) is refused. Default is V(true) for a new group.
    type: bool
  project_default:
    description: Whether instances that name no group get this one.
    type: bool
  tags:
    description: Tags of the group.
    type: list
    elements: str
  rules:
    description:
      - All rules of the group, in the order in which they apply; the first that fits decides. An empty list removes them.
    type: list
    elements: dict
    suboptions:
      action:
        description: What happens to the traffic.
        type: str
        choices: [accept, drop]
        default: accept
      direction:
        description: Where the traffic goes, seen from the instance.
        type: str
        choices: [inbound, outbound]
        default: inbound
      protocol:
        description: Protocol of the traffic.
        type: str
        choices: [TCP, UDP, ICMP, ANY]
        default: TCP
      ip_range:
        description: Network or address of the other end.
        type: str
        default: 0.0.0.0/0
      dest_port_from:
        description: The port, or the first of a range. All ports if left out.
        type: int
      dest_port_to:
        description: The last port of a range.
        type: int
"""

EXAMPLES = r"""
- name: Let in the web, and SSH from the office
  stackway.scaleway.instance_security_group:
    name: web
    inbound_default_policy: drop
    rules:
      - {dest_port_from: 80}
      - {dest_port_from: 443}
      - {dest_port_from: 22, ip_range: 203.0.113.0/24}
      - {protocol: ICMP}
"""

RETURN = r"""
security_group:
  description: The group as the API returned it, with the rules that are its own.
  returned: when the group exists
  type: dict
  contains:
    id: {description: ID of the group., type: str, returned: always, sample: ac437fb1-732d-4fe7-ac39-713c5d0d730e}
    state: {description: V(available) once the group is in force., type: str, returned: always, sample: available}
    servers: {description: The instances that have it., type: list, elements: dict, returned: always}
    rules: {description: Its rules., type: list, elements: dict, returned: always}
"""

import ipaddress

from ..module_utils.errors import ResourceError
from ..module_utils.formats import cidr, port
from ..module_utils.resource import Resource
from ..module_utils.run import run
from ..module_utils.values import UNKNOWN

RULE_FIELDS = ("action", "direction", "protocol", "ip_range", "dest_port_from", "dest_port_to")


class SecurityGroup(Resource):
    api = "instance.v1.InstanceV1API"
    noun = "security_group"
    status_field = "state"
    ready = {"available"}
    failed = {"syncing_error"}
    deleted_at_once = True
    ordered = {"rules"}
    create_with = {"description": "", "stateful": True}

    def check_options(self):
        super().check_options()
        for number, rule in enumerate(self.options.get("rules") or [], 1):
            if fault := fault_of(rule):
                raise ResourceError(f"rules: rule {number}: {fault}", field="rules")

    def observe(self):
        found = super().observe()
        return self.get(found) if found and "id" not in self.params else found

    def get(self, record):
        found = super().get(record)
        return found | {"rules": self.rules_of(found)} if found else None

    def rules_of(self, record):
        rules = self.client.list(
            self.api,
            "list_security_group_rules",
            **self.scope("list_security_group_rules"),
            security_group_id=record["id"],
        )
        return [{field: rule[field] for field in RULE_FIELDS} for rule in rules if rule["editable"]]

    def normalise(self, option, value):
        """Rules as the API tells them, inbound first: only the order within a direction means something."""
        if option != "rules":
            return super().normalise(option, value)
        return sorted((canonical(rule) for rule in value or []), key=lambda rule: rule["direction"])

    def create(self):
        made = super().create()
        if self.options.get("rules"):
            self.set_rules(made, self.options["rules"])
        return made

    def update(self, current, changes):
        if fields := {option: value for option, value in changes.items() if option != "rules"}:
            super().update(current, fields)
        if "rules" in changes:
            self.set_rules(current, changes["rules"])

    def set_rules(self, record, rules):
        sent = [canonical(rule) | {"position": 0} for rule in rules]
        name = "set_security_group_rules"
        self.client.call(self.api, name, **self.scope(name), security_group_id=record["id"], rules=sent)

    def report(self, record):
        if record and "rules" not in record and record["id"] != UNKNOWN:  # from a list, which leaves them out
            return record | {"rules": self.rules_of(record)}
        return record


def canonical(rule: dict) -> dict:
    """A rule in the API's words: no length for a single address, no end for a single port, no ports where none exist."""
    network = ipaddress.ip_network(rule["ip_range"], strict=False)
    first, last = rule.get("dest_port_from") or None, rule.get("dest_port_to") or None
    return {
        **{field: rule[field] for field in ("action", "direction", "protocol")},
        "ip_range": str(network.network_address if network.num_addresses == 1 else network),
        "dest_port_from": first,
        "dest_port_to": None if last == first else last,
    }


def fault_of(rule: dict) -> str | None:
    """What is wrong with a rule, in words."""
    if fault := cidr(rule["ip_range"]):
        return f"ip_range: {fault}"
    ports = {name: rule[name] for name in ("dest_port_from", "dest_port_to") if rule.get(name)}
    for name, value in ports.items():
        if fault := port(value):
            return f"{name}: {fault}"
    if ports and rule["protocol"] == "ICMP":
        return "dest_port_from: ICMP has no ports"
    if "dest_port_to" in ports and ports["dest_port_to"] < ports.get("dest_port_from", 65536):
        return "dest_port_to: a range needs dest_port_from, and ends after it begins"
    return None


def main():
    run(SecurityGroup, DOCUMENTATION)


if __name__ == "__main__":
    main()
