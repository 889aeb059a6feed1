# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of private networks, and public ones: ipam/v1."""

from __future__ import annotations

from ..resource import Reference, Resource


class Ip(Resource):
    api = "ipam.v1.IpamV1API"
    noun = "ip"
    methods = {"list": "list_i_ps"}
    key = ()
    references = {"private_network_id": Reference("vpc.v2.VpcV2API", "list_private_networks", "private network")}
