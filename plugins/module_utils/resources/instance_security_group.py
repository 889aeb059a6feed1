# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security groups of instances with their rules: instance/v1."""

from __future__ import annotations

import ipaddress

from ..errors import ResourceError
from ..formats import cidr, port
from ..resource import Resource
from ..values import UNKNOWN

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
    ports = {name: rule[name] for name in ("dest_port_from", "dest_port_to") if rule.get(name) is not None}
    for name, value in ports.items():
        if fault := port(value):
            return f"{name}: {fault}"
    if ports and rule["protocol"] == "ICMP":
        return "dest_port_from: ICMP has no ports"
    if "dest_port_to" in ports and ports["dest_port_to"] < ports.get("dest_port_from", 65536):
        return "dest_port_to: a range needs dest_port_from, and ends after it begins"
    return None
