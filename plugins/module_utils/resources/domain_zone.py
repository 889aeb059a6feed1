# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS zones: domain/v2beta1."""

from __future__ import annotations

from .. import formats
from ..errors import ResourceError
from ..resource import Resource


class DomainZone(Resource):
    api = "domain.v2beta1.DomainV2Beta1API"
    noun = "dns_zone"
    id_field = "name"
    key = ("domain", "subdomain")
    ready = {"active"}
    failed = {"error", "locked"}
    deleted_at_once = True
    checks = {"domain": formats.domain}

    def check_options(self):
        super().check_options()
        for option in ("domain", "subdomain") & self.options.keys():
            self.options[option] = self.options[option].strip(".").lower()  # the API takes this spelling alone
        if self.options.get("subdomain") and (fault := formats.domain(self.name())):
            raise ResourceError(f"subdomain: {fault}", field="subdomain")

    def name(self):
        return f"{self.options.get('subdomain', '')}.{self.options['domain']}".lstrip(".")

    def title(self):
        return f"dns_zone {self.name()}"

    def read(self, answer):
        return (
            answer | {"name": f"{answer['subdomain']}.{answer['domain']}".lstrip(".")} if "domain" in answer else answer
        )

    def list_arguments(self):
        return super().list_arguments() | {"domain": self.options.get("domain", "")}

    def observe(self):
        if self.params.get("state") == "absent" and not self.options["subdomain"]:
            return None
        return self.get({"name": self.name()})

    def get(self, record):
        # The API has no call for one zone. A zone in another project is found too: its name is taken.
        found = self.list(domain="", dns_zones=[record["name"]])
        return found[0] if found else None

    def settled(self, record):
        """A pending zone, one whose last change is on its way to the name servers, takes more changes, but no removal."""
        return super().settled(record) or (record["status"] == "pending" and self.params.get("state") != "absent")

    def delete(self, current):
        self.wait(current)
        super().delete(current)

    def predict(self):
        return super().predict() | {"name": self.name()}
