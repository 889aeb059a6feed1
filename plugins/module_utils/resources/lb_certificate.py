# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of load balancers: lb/v1."""

from __future__ import annotations

import hashlib
import ssl

from ..errors import ResourceError
from ..formats import domain
from .lb import OfLb

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def names(letsencrypt):
    given = letsencrypt or {}
    wanted = [given.get("common_name"), *(given.get("subject_alternative_name") or [])]
    return next(filter(None, (domain(name) for name in wanted if name)), None)


def fingerprint(chain):
    """That of the first certificate, as the API tells it."""
    begin, end = chain.find(BEGIN), chain.find(END)
    if begin < 0 or end < begin or "PRIVATE KEY-----" not in chain:
        raise ResourceError(
            "certificate_chain: must be a private key, the certificate and its chain in PEM", field="certificate_chain"
        )
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(chain[begin : end + len(END)]), usedforsecurity=False).hexdigest()


class Certificate(OfLb):
    noun = "certificate"
    ready = {"ready"}
    failed = {"error"}
    deleted_at_once = True
    immutable = {"letsencrypt", "certificate_chain"}
    secrets = {"certificate_chain"}
    checks = {"letsencrypt": names}

    def read(self, answer):
        issued = {field: answer[field] for field in ("common_name", "subject_alternative_name")}
        return answer | {
            "lb_id": answer["lb"]["id"],
            "letsencrypt": issued if answer["type"].startswith("letsencry") else {},
            "certificate_chain": answer["fingerprint"],
            "error_message": answer["status_details"],
        }

    def comparable(self):
        return [*super().comparable(), *(["certificate_chain"] if "certificate_chain" in self.options else [])]

    def differs(self, option, current):
        if option == "certificate_chain":
            return fingerprint(self.options[option]) != current["fingerprint"]
        return super().differs(option, current)

    def observe(self):
        """One that could not be issued is made again: it says for ever what was wrong then."""
        found = super().observe()
        self._failed = found if found and found["status"] in self.failed else None
        return None if self._failed and self.params.get("state") == "present" else found

    def creation(self):
        if bool(self.options.get("letsencrypt")) == bool(self.options.get("certificate_chain")):
            raise ResourceError(
                "letsencrypt, certificate_chain: exactly one of them is needed to create a certificate",
                fields=["letsencrypt", "certificate_chain"],
            )
        given = super().creation()
        if chain := self.options.get("certificate_chain"):
            fingerprint(chain)
            given["custom_certificate"] = {"certificate_chain": chain}
        elif (
            "subject_alternative_name" not in given["letsencrypt"]
            or not given["letsencrypt"]["subject_alternative_name"]
        ):
            given["letsencrypt"] = given["letsencrypt"] | {"subject_alternative_name": []}
        return given

    def create(self):
        if self._failed:
            self.delete(self._failed)
        return super().create()

    def report(self, record):
        return record and {name: value for name, value in record.items() if name != "certificate_chain"}
