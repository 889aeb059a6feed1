#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All records of a DNS zone: domain/v2beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: domain_records
short_description: Manage all DNS records of a zone
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - The zone holds exactly the records that O(records) lists; all differences are sent in one call.
  - The name servers of the zone itself are left alone unless O(records) lists them.
  - Where several owners write to one zone, use M(stackway.scaleway.domain_record).
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.state
options:
  dns_zone:
    description: Name of the zone. It has to exist.
    type: str
    required: true
  records:
    description: Every record of the zone. With O(state=absent), all are removed.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the records in the zone, relative or complete; V(@) or empty for the zone itself.
        type: str
        default: ""
      type:
        description: Type of the records.
        type: str
        required: true
        choices:
          [A, AAAA, ALIAS, CAA, CNAME, DNAME, DS, HINFO, HTTPS, LOC, MX, NAPTR, NS, PTR, RP, SRV, SSHFP, SVCB, TLSA, TXT, URI]
      data:
        description: What the records of this name and type say, as for M(stackway.scaleway.domain_record).
        type: list
        elements: str
        required: true
      ttl:
        description: How long resolvers may keep the records, in seconds.
        type: int
        default: 3600
      comment:
        description: A note on each of the records.
        type: str
"""

EXAMPLES = r"""
- name: Say what a zone holds, and nothing else
  stackway.scaleway.domain_records:
    dns_zone: example.com
    records:
      - {type: A, data: [192.0.2.1]}
      - {name: www, type: CNAME, data: [example.com]}
      - {type: MX, data: [10 mail.example.net, 20 backup.example.net]}
"""

RETURN = r"""
dns_zone:
  description: The zone and its records.
  returned: when the zone has records, or is to have them
  type: dict
  contains:
    name: {description: Name of the zone., type: str, returned: always, sample: example.com}
    records:
      description: Its records. The name servers of the zone itself are among them if they are managed.
      type: list
      elements: dict
      returned: always
      sample: [{name: www, type: A, data: 192.0.2.1, ttl: 3600, comment: ""}]
"""

from ..module_utils import formats, rrsets
from ..module_utils.run import run
from ..module_utils.zone_records import ZoneRecords


class DomainRecords(ZoneRecords):
    noun = "dns_zone"
    key = ("dns_zone",)
    checks = {"dns_zone": formats.domain}

    def check_options(self):
        super().check_options()
        self.wanted = []
        seen = set()
        for entry in self.options.get("records", []):
            name, kind = rrsets.relative(entry["name"], self.zone()), entry["type"]
            for fault in filter(None, (rrsets.name_fault(name), rrsets.ttl_fault(entry["ttl"]))):
                self.refuse("records", f"{name or '@'} {kind}: {fault}")
            if (name, kind) in seen:
                self.refuse("records", f"{name or '@'} {kind} is listed twice: give all its data in one entry")
            seen.add((name, kind))
            data = [self.canonical("records", kind, item) for item in entry["data"]]
            self.check_set("records", name, kind, data)
            fields = {"name": name, "type": kind, "ttl": entry["ttl"], "comment": entry.get("comment")}
            self.wanted += [fields | {"data": item} for item in data]
        if self.params.get("state") != "absent" and "records" not in self.options:
            self.refuse("records", "needed unless state is absent")

    def title(self):
        return f"records of {self.zone()}"

    def observe(self):
        if self.parent_unknown():
            return None
        manages_apex = any(self.is_delegation(record) for record in self.wanted)
        self.current = [record for record in self.read_zone() if manages_apex or not self.is_delegation(record)]
        if not self.current and self.params.get("state") == "absent":
            return None
        return {"name": self.zone(), "records": self.shown_records(self.current)}

    @staticmethod
    def is_delegation(record):
        return record["name"] == "" and record["type"] == "NS"

    @staticmethod
    def shown_records(records):
        shown = [
            {field: record.get(field) or "" for field in ("name", "type", "data", "ttl", "comment")}
            for record in records
        ]
        return sorted(shown, key=lambda record: (record["name"], record["type"], record["data"]))

    def plan(self, current):
        if not rrsets.changes(self.current, self.wanted):
            return {}
        kept = {(record["name"], record["type"], record["data"]): record["comment"] for record in self.current}
        after = [
            record | {"comment": kept.get((record["name"], record["type"], record["data"]), "")}
            if record["comment"] is None
            else record
            for record in self.wanted
        ]
        return {"records": self.shown_records(after)}

    def mine(self):
        return self.current

    def update(self, current, changes):
        self.apply(self.wanted)

    def delete(self, current):
        self.apply([])


def main():
    run(DomainRecords, DOCUMENTATION)


if __name__ == "__main__":
    main()
