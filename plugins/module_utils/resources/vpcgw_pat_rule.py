# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports of public gateways that lead into private networks: vpc-gw/v2."""

from __future__ import annotations

from ..formats import address, port
from .vpcgw_gateway_network import GATEWAY, OfGateway


class PatRule(OfGateway):
    api = "vpcgw.v2.VpcgwV2API"
    noun = "pat_rule"
    key = ("gateway_id", "public_port", "protocol")
    filters = {"gateway_id": "gateway_ids"}
    references = {"gateway_id": GATEWAY}
    checks = {"public_port": port, "private_port": port, "private_ip": address}

    def list_arguments(self):
        return {name: [value] if name == "gateway_ids" else value for name, value in super().list_arguments().items()}
