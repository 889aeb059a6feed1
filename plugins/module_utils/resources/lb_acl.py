# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACLs of frontends: lb/v1."""

from __future__ import annotations

from ..formats import cidr
from .lb import LB, OfLb
from .lb_frontend import FRONTEND


def networks(match):
    return next(filter(None, map(cidr, (match or {}).get("ip_subnet") or [])), None)


class Acl(OfLb):
    noun = "acl"
    references = {"lb_id": LB, "frontend_id": FRONTEND}
    key = ("lb_id", "frontend_id", "name")
    create_with = {"description": ""}
    checks = {"match": networks}

    def read(self, answer):
        return answer | {"frontend_id": answer["frontend"]["id"]}

    def normalise(self, option, value):
        value = super().normalise(option, value)
        if (
            option == "match" and value and "ip_subnet" in value
        ):  # one address is told with and without its prefix length
            return value | {"ip_subnet": sorted(network.removesuffix("/32") for network in value["ip_subnet"])}
        return value

    def update(self, current, changes):
        for option in changes.keys() & {"match"}:
            changes = changes | {option: current[option] | {k: v for k, v in changes[option].items() if v is not None}}
        super().update(current, changes)
