# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of public gateways to private networks: vpc-gw/v2."""

from __future__ import annotations

from ..resource import Reference, Resource
from .vpcgw_gateway import Gateway

GATEWAY = Reference("vpcgw.v2.VpcgwV2API", "list_gateways", "public gateway")


class OfGateway(Resource):
    """A part of a public gateway, which is settled once the gateway is."""

    def gateway(self, record):
        return Gateway(self.client, {"id": record["gateway_id"]})

    def create(self):
        self.gateway(self.options).wait({"id": self.options["gateway_id"]})
        created = super().create()
        self.gateway(created).wait_again({"id": created["gateway_id"]})
        return created

    def update(self, current, changes):
        super().update(current, changes)
        self.gateway(current).wait_again({"id": current["gateway_id"]})

    def delete(self, current):
        gateway = {"id": current["gateway_id"]}
        self.gateway(current).wait(gateway)
        super().delete(current)
        if self.ready:
            self.wait(current, gone=True)
        self.gateway(current).wait_again(gateway)


class GatewayNetwork(OfGateway):
    api = "vpcgw.v2.VpcgwV2API"
    noun = "gateway_network"
    key = ("gateway_id", "private_network_id")
    filters = {"gateway_id": "gateway_ids", "private_network_id": "private_network_ids"}
    references = {
        "gateway_id": GATEWAY,
        "private_network_id": Reference("vpc.v2.VpcV2API", "list_private_networks", "private network"),
    }
    ready = {"ready"}
    create_with = {"enable_masquerade": True, "push_default_route": True}

    def list_arguments(self):
        return {name: [value] for name, value in super().list_arguments().items()}

    def read(self, answer):
        return answer | {"enable_masquerade": answer["masquerade_enabled"]}
