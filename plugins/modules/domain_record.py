#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of one name and type in a DNS zone: domain/v2beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: domain_record
short_description: Manage the DNS records of one name and type
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - The records of one name and type are one thing, which holds exactly what O(data) lists, unless O(exclusive=false).
  - All differences are sent in one call. Texts with and without quotes, host names with and without the final dot, and
    different spellings of an address are the same.
  - M(stackway.scaleway.domain_records) manages all records of a zone at once.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.state
options:
  dns_zone:
    description: Name of the zone. It has to exist.
    type: str
    required: true
  name:
    description: Name of the records in the zone, relative or complete; V(@) or empty for the zone itself.
    type: str
    default: ""
  type:
    description: Type of the records. An V(ALIAS) stands for the addresses of another name.
    type: str
    required: true
    choices: [A, AAAA, ALIAS, CAA, CNAME, DNAME, DS, HINFO, HTTPS, LOC, MX, NAPTR, NS, PTR, RP, SRV, SSHFP, SVCB, TLSA, TXT, URI]
  data:
    description:
      - What the records say, as in a zone file. V(10 mail.example.com) for V(MX), V(0 5 443 host.example.com) for V(SRV).
      - Host names are complete; a text needs no quotes.
      - Needed unless O(state=absent), where it names the records to remove if O(exclusive=false).
    type: list
    elements: str
  ttl:
    description: How long resolvers may keep the records, in seconds, from 60 to 2592000. Default is V(3600) for new records.
    type: int
  comment:
    description: A note on each of the records.
    type: str
  exclusive:
    description:
      - Whether records of the same name and type that O(data) does not list are removed.
      - Several owners of texts at one name, such as SPF and the proofs of other services, each say V(false).
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Point a name to two addresses
  stackway.scaleway.domain_record:
    dns_zone: example.com
    name: www
    type: A
    data: [192.0.2.1, 192.0.2.2]
    ttl: 300

- name: Add a text to those that the zone has
  stackway.scaleway.domain_record:
    dns_zone: example.com
    type: TXT
    data: ["proof=1234"]
    exclusive: false

- name: Remove a name
  stackway.scaleway.domain_record:
    dns_zone: example.com
    name: old
    type: CNAME
    state: absent
"""

RETURN = r"""
record:
  description: The records of this name and type, as one.
  returned: when there are records
  type: dict
  contains:
    dns_zone: {description: Name of the zone., type: str, returned: always, sample: example.com}
    name: {description: Name in the zone., type: str, returned: always, sample: www}
    type: {description: Type of the records., type: str, returned: always, sample: A}
    data: {description: What they say., type: list, elements: str, returned: always, sample: [192.0.2.1]}
    ttl: {description: Seconds that they may be kept., type: int, returned: always, sample: 3600}
    fqdn: {description: The complete name., type: str, returned: always, sample: www.example.com}
    ids: {description: IDs of the records., type: list, elements: str, returned: when they exist}
"""

from ..module_utils import formats, rrsets
from ..module_utils.run import run
from ..module_utils.zone_records import ZoneRecords

DEFAULT_TTL = 3600


class DomainRecord(ZoneRecords):
    noun = "record"
    key = ("dns_zone", "name", "type")
    checks = {"dns_zone": formats.domain, "ttl": rrsets.ttl_fault}

    def check_options(self):
        super().check_options()
        self.options["name"] = rrsets.relative(self.options["name"], self.zone())
        if fault := rrsets.name_fault(self.options["name"]):
            self.refuse("name", fault)
        self.options["data"] = [
            self.canonical("data", self.options["type"], item) for item in self.options.get("data", [])
        ]
        if self.params.get("state") != "absent":
            if not self.options["data"]:
                self.refuse("data", "needed unless state is absent")
            self.check_set("data", self.options["name"], self.options["type"], self.options["data"])
        elif not (self.options["exclusive"] or self.options["data"]):
            self.refuse("data", "needed to tell which of the records to remove, since exclusive is false")

    def title(self):
        return f"record {self.options['type']} {self.fqdn()}"

    def fqdn(self):
        return f"{self.options['name']}.{self.zone()}".lstrip(".")

    def observe(self):
        if self.parent_unknown():
            return None
        self.records = [
            record
            for record in self.read_zone(name=self.options["name"], type=self.options["type"])
            if (record["name"], record["type"]) == (self.options["name"], self.options["type"])
        ]
        mine = self.records
        if not self.options["exclusive"]:
            mine = [record for record in self.records if record["data"] in self.options["data"]]
        return self.as_one(mine) if mine else None

    def as_one(self, records):
        return {
            "dns_zone": self.zone(),
            "name": self.options["name"],
            "type": self.options["type"],
            "fqdn": self.fqdn(),
            "data": sorted(record["data"] for record in records),
            "ttl": max(record["ttl"] for record in records),
            "comment": records[0].get("comment") or "",
            "ids": [record["id"] for record in records if "id" in record],
        }

    def plan(self, current):
        """Any record of the set may differ, while the record that stands for them shows one of them."""
        if not rrsets.changes(self.mine(), self.wanted()):
            return {}
        data = sorted(self.options["data"])
        changes = {"data": data} if data != current["data"] else {}
        return changes | {
            option: self.options[option]
            for option in ("ttl", "comment")
            if option in self.options and any(record[option] != self.options[option] for record in self.mine())
        }

    def mine(self):
        if self.options["exclusive"]:
            return self.records
        return [record for record in self.records if record["data"] in self.options["data"]]

    def wanted(self):
        ttl = self.options.get("ttl") or max((record["ttl"] for record in self.mine()), default=DEFAULT_TTL)
        fields = {"name": self.options["name"], "type": self.options["type"], "ttl": ttl}
        return [fields | {"data": item, "comment": self.options.get("comment")} for item in self.options["data"]]

    def creation(self):
        return {}

    def predict(self):
        return self.as_one(self.wanted())

    def create(self):
        self.apply(self.wanted())
        return self.observe()

    def update(self, current, changes):
        self.apply(self.wanted())

    def delete(self, current):
        self.apply([])


def main():
    run(DomainRecord, DOCUMENTATION)


if __name__ == "__main__":
    main()
