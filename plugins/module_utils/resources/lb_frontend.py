# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frontends of load balancers: lb/v1."""

from __future__ import annotations

from ..formats import port
from ..resource import Reference
from .lb import API, LB, OfLb

BACKEND = Reference(API, "list_backends", "backend", scope={"lb_id": "lb_id"})
FRONTEND = Reference(API, "list_frontends", "frontend", scope={"lb_id": "lb_id"})


class Frontend(OfLb):
    noun = "frontend"
    references = {
        "lb_id": LB,
        "backend_id": BACKEND,
        "certificate_ids": Reference(API, "list_certificates", "certificate", scope={"lb_id": "lb_id"}),
    }
    create_with = {"enable_http3": False, "enable_access_logs": False}
    checks = {"inbound_port": port}
    ordered = {"certificate_ids"}  # the first is for clients that do not say whom they want

    def read(self, answer):
        return answer | {"backend_id": answer["backend"]["id"], "lb_id": answer["lb"]["id"]}
