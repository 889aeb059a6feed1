# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transactional Email domains: tem/v1alpha1."""

from __future__ import annotations

import time

from .. import formats
from ..errors import ResourceError
from ..resource import Resource
from ..values import UNKNOWN

TYPES = {"spf": "TXT", "dkim": "TXT", "dmarc": "TXT", "mx": "MX"}
SMTP_HOST, SMTP_PORT = "smtp.tem.scaleway.com", 587  # the API does not tell them
SECONDS_BETWEEN_CHECKS = (1, 15)  # at first, and at most


class TemDomain(Resource):
    api = "tem.v1alpha1.TemV1Alpha1API"
    noun = "domain"
    methods = {"delete": "revoke_domain", "last_status": "get_domain_last_status"}
    ready = {"unchecked", "checked", "invalid"}
    failed = {"locked"}
    deleted_at_once = True
    write_only = {"verify"}
    checks = {"name": formats.domain}

    def check_options(self):
        super().check_options()
        if "name" in self.options:
            self.options["name"] = self.options["name"].rstrip(".").lower()

    def read(self, answer):
        records = answer.get("records") or {}
        published = [
            {"kind": kind, "name": records[kind]["name"], "type": rdtype, "data": [records[kind]["value"]]}
            for kind, rdtype in TYPES.items()
            if records.get(kind)
        ]
        smtp = {"host": SMTP_HOST, "port": SMTP_PORT, "user": answer.get("project_id")}
        return answer | {"dns_records": published, "smtp": smtp}

    def list(self, **arguments):
        return [domain for domain in super().list(**arguments) if domain["status"] != "revoked"]

    def observe(self):
        if self.check_mode and self.params.get("id") == UNKNOWN:  # an earlier task would have registered it
            return self.predict() | {"status": "unchecked"}
        return super().observe()

    def plan(self, current):
        changes = super().plan(current)
        if self.options["verify"] and current["status"] != "checked":
            changes["status"] = "checked"
        return changes

    def creation(self):
        autoconfig = self.options.get("autoconfig", False)
        return {"domain_name": self.options["name"], "accept_tos": True, "autoconfig": autoconfig}

    def predict(self):
        """Everything about the records is known beforehand, except the key."""
        name, project = f"{self.options['name']}.", self.client.credentials.project_id
        records = {
            "spf": {"name": name, "value": "v=spf1 include:_spf.tem.scaleway.com -all"},
            "dkim": {"name": f"{project}._domainkey.{name}", "value": UNKNOWN},
            "dmarc": {"name": f"_dmarc.{name}", "value": "v=DMARC1; p=none"},
            "mx": {"name": name, "value": "10 blackhole.tem.scaleway.com."},
        }
        status = "checked" if self.options["verify"] else "unchecked"
        return self.read(super().predict() | {"project_id": project, "status": status, "records": records})

    def create(self):
        created = super().create()
        if self.options["verify"]:
            self.verify(self.wait(created, fresh=True) or created)
        return created

    def update(self, current, changes):
        if "autoconfig" in changes:
            super().update(current, {"autoconfig": changes["autoconfig"]})
            current = self.wait(current)
        if "status" in changes:
            self.verify(current)

    def verify(self, domain):
        """Have the domain checked until it is valid. Raises ResourceError naming the records that are not."""
        pause, longest = SECONDS_BETWEEN_CHECKS
        started = time.monotonic()
        while domain["status"] != "checked":
            self.call("check", domain)
            time.sleep(pause)
            domain = self.wait(domain)
            if domain["status"] == "checked":
                return
            waited = time.monotonic() - started
            if time.monotonic() + pause > self.client.deadline:
                raise ResourceError(
                    f"{self.title()} is still {domain['status']!r} after {waited:.0f} s: {self.faults(domain)} "
                    "(publish the records in dns_records, or raise wait_timeout)",
                    state=domain["status"],
                )
            self.client.progress(f"{self.title()}: {domain['status']}, {waited:.0f} s")
            pause = min(pause * 1.5, longest)

    def faults(self, domain):
        """What the last check found wrong, in words."""
        found = self.client.call(
            self.api, "get_domain_last_status", domain_id=domain["id"], **self.scope("get_domain_last_status")
        )
        return ", ".join(
            f"{kind} {state['status']}{': ' + state['error'] if state.get('error') else ''}"
            for kind in ("spf", "dkim", "dmarc")
            if (state := found.get(f"{kind}_record") or {}).get("status") not in (None, "valid")
        )
