# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules on the records of a DNS zone share: reading a zone and changing it in one call."""

from __future__ import annotations

from typing import NoReturn

from . import rrsets
from .errors import ApiError, ResourceError
from .resource import Resource
from .values import UNKNOWN


class ZoneRecords(Resource):
    """Some or all records of a zone, as one resource."""

    api = "domain.v2beta1.DomainV2Beta1API"
    methods = {"list": "list_dns_zone_records"}

    def zone(self) -> str:
        return self.options["dns_zone"].rstrip(".").lower()

    def refuse(self, option: str, fault: str) -> NoReturn:
        raise ResourceError(f"{option}: {fault}", field=option)

    def canonical(self, option: str, rdtype: str, data: str) -> str:
        try:
            return rrsets.canonical(rdtype, data)
        except ValueError as fault:
            self.refuse(option, f"{rdtype} record: {fault}")

    def check_set(self, option: str, name: str, rdtype: str, data: list[str]) -> None:
        """Refuse what the protocol forbids of a set (RFC 1034, 3.6.2)."""
        if rdtype in ("ALIAS", "CNAME", "DNAME") and len(data) > 1:
            self.refuse(option, f"a name has one {rdtype} record, not {len(data)}")
        if rdtype == "CNAME" and name == "":
            self.refuse(option, "the zone itself cannot be a CNAME, since it has other records (use ALIAS)")
        known = [item for item in data if UNKNOWN not in item]
        if len(set(known)) < len(known):
            self.refuse(option, f"the same {rdtype} record is there twice")

    def read_zone(self, name: str = "", **filters) -> list[dict]:
        """The zone's records. A zone that is not there is empty in check mode, where another task may only predict it."""
        try:
            found = self.client.list(self.api, "list_dns_zone_records", dns_zone=self.zone(), name=name, **filters)
        except ApiError as error:
            if error.status not in (403, 404) or (error.status == 403 and self.is_there()):
                raise
            if self.check_mode or self.params.get("state") == "absent":
                return []
            self.refuse("dns_zone", f"the zone {self.zone()} does not exist (create it with domain_zone): {error}")
        return [rrsets.read(record) for record in found]

    def is_there(self) -> bool:
        """Whether the zone exists. Raises ApiError where the key may not know: it is not to pass for a zone that is gone."""
        return bool(self.client.list(self.api, "list_dns_zones", domain="", dns_zones=[self.zone()]))

    def mine(self) -> list[dict]:
        """The records, as last observed, that this task may replace or remove."""
        raise NotImplementedError

    def apply(self, wanted: list[dict]) -> None:
        """Send all differences in one call. When its answer is lost, look before sending again: the API adds twice."""
        changes = rrsets.changes(self.mine(), wanted)
        if UNKNOWN in str(changes):
            self.refuse("data", "refers to something that only check mode predicted")

        def applied():
            self.observe()
            return not rrsets.changes(self.mine(), wanted)

        def make():
            return self.client.call(
                self.api,
                "update_dns_zone_records",
                repeatable=False,
                dns_zone=self.zone(),
                changes=changes,
                return_all_records=False,
                disallow_new_zone_creation=True,
            )

        self.client.create(applied, make)

    def wait(self, record, **_options):
        return self.observe()
