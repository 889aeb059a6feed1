#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may reach the public endpoint of a Managed Database instance: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_acl
short_description: Manage who may reach a Managed Database instance
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Manages all rules of an instance as a whole. They hold for its public endpoint.
  - A new instance lets everybody in (C(0.0.0.0/0)) until its rules are set.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  instance_id:
    description: ID or name of the instance.
    type: str
    required: true
  rules:
    description: Every rule there is to be. An empty list lets nobody in. Needed unless O(state=absent).
    type: list
    elements: dict
    suboptions:
      ip: {description: "Address or network, such as V(192.0.2.7) or V(192.0.2.0/24).", type: str, required: true}
      description: {description: What the rule is for. The API says C(IP allowed) where nothing is said., type: str}
  state:
    description: V(absent) takes every rule away, so that nobody gets in.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Let the application's server in, and nobody else
  stackway.scaleway.rdb_acl:
    instance_id: riff
    rules:
      - ip: "{{ instance_ip.ip.address }}"
        description: application
"""

RETURN = r"""
acl:
  description: The rules as the API returned them, with the instance's ID.
  returned: when there are rules
  type: dict
  contains:
    instance_id: {description: ID of the instance., type: str, returned: always, sample: 3f1bcd4e-1f5d-4b0e-8b6a-0f5c8f0b8a55}
    rules:
      description: The rules.
      type: list
      elements: dict
      returned: always
      sample: [{ip: 192.0.2.7/32, description: application, port: 21733, protocol: tcp, direction: inbound, action: allow}]
"""

import ipaddress

from ..module_utils.errors import ResourceError
from ..module_utils.formats import cidr
from ..module_utils.rdb import INSTANCE
from ..module_utils.resource import Resource
from ..module_utils.run import run
from ..module_utils.values import UNKNOWN

DESCRIPTION = "IP allowed"
EVERYBODY = [{"ip": "0.0.0.0/0", "description": "Allow All"}]  # the rules of a new instance


class Acl(Resource):
    api = "rdb.v1.RdbV1API"
    noun = "acl"
    key = ("instance_id",)
    references = {"instance_id": INSTANCE}
    methods = {"list": "list_instance_acl_rules", "create": "set_instance_acl_rules"}
    id_field = "instance_id"
    ready = {"ready"}
    failed = {"error", "locked"}
    deleted_at_once = True
    checks = {"rules": lambda rule: None if rule["ip"] == UNKNOWN else cidr(rule["ip"])}

    def __init__(self, client, params, *, check_mode=False):
        super().__init__(client, params, check_mode=check_mode)
        for rule in self.options.get("rules") or []:
            rule["description"] = rule.get("description") or DESCRIPTION

    def check_options(self):
        super().check_options()
        if "rules" not in self.options and self.params.get("state") != "absent":
            raise ResourceError("rules: needed to say who may reach the instance", field="rules")
        for rule in self.options.get("rules") or []:
            if rule["ip"] != UNKNOWN:
                rule["ip"] = str(ipaddress.ip_network(rule["ip"]))

    def observe(self):
        """The rules alone: the instance is looked at only while a change settles."""
        if UNKNOWN in [rule["ip"] for rule in self.options.get("rules") or []] and not self.check_mode:
            raise ResourceError("rules: refer to something that only check mode predicted", field="rules")
        if self.parent_unknown():
            return {"instance_id": UNKNOWN, "rules": EVERYBODY}
        rules = self.list(instance_id=self.options["instance_id"])
        if not rules and self.params.get("state") == "absent":
            return None  # an empty list is there as well, for those who ask for it
        return {"instance_id": self.options["instance_id"], "rules": rules}

    def get(self, record):
        where = {"instance_id": self.options["instance_id"]}
        status = self.client.call(self.api, "get_instance", **self.scope("get_instance"), **where)["status"]
        return where | {"rules": self.list(**where), "status": status}

    def settled(self, record):
        return "status" not in record or super().settled(record)

    def create(self):
        self.set(self.options["rules"])
        return {"instance_id": self.options["instance_id"]}

    def update(self, current, changes):
        self.set(changes["rules"])

    def delete(self, current):
        self.set([])
        self.wait(current)

    def set(self, rules):
        name = "set_instance_acl_rules"
        self.client.call(self.api, name, **self.scope(name), instance_id=self.options["instance_id"], rules=rules)

    def shown(self, values):
        rules = [{key: rule[key] for key in ("ip", "description")} for rule in values.get("rules") or []]
        return super().shown(values | {"rules": rules})

    def report(self, record):
        return record and {key: value for key, value in record.items() if key != "status"}


def main():
    run(Acl, DOCUMENTATION)


if __name__ == "__main__":
    main()
