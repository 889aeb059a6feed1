# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of load balancers to private networks: lb/v1."""

from __future__ import annotations

from ..resource import Reference
from .lb import LB, OfLb


class PrivateNetwork(OfLb):
    noun = "private_network"
    methods = {
        **{"list": "list_lb_private_networks", "create": "attach_private_network"},
        **{"delete": "detach_private_network"},
    }
    references = {
        "lb_id": LB,
        "private_network_id": Reference("vpc.v2.VpcV2API", "list_private_networks", "private network"),
    }
    key = ("lb_id", "private_network_id")
    id_field = "private_network_id"
    ready = {"ready"}
    failed = {"error"}
    immutable = {"ipam_ids"}

    def get(self, record):
        """There is no call for one."""
        return next((found for found in self.list(lb_id=self.options["lb_id"]) if self.is_meant(found)), None)
