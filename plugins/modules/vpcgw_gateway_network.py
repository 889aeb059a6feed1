#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of public gateways: vpc-gw/v2."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vpcgw_gateway_network
short_description: Connect public gateways to private networks
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Connects a public gateway to a private network. By default its instances reach the internet through the gateway.
  - A gateway takes one change at a time; the module waits until it is running again.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
options:
  gateway_id:
    description: ID or name of the gateway.
    type: str
    required: true
  private_network_id:
    description: ID or name of the private network.
    type: str
    required: true
  enable_masquerade:
    description: Whether what leaves the network bears the gateway's public address. Default is V(true) for a new connection.
    type: bool
  push_default_route:
    description: Whether instances of the network are told that the gateway is their way out. It includes O(enable_masquerade).
      Default is V(true) for a new connection.
    type: bool
  ipam_ip_id:
    description: ID of an address booked in IPAM that the gateway has in the network. Left out, it gets one.
    type: str
"""

EXAMPLES = r"""
- name: Lead a private network into the internet
  stackway.scaleway.vpcgw_gateway_network:
    gateway_id: shop
    private_network_id: backend
"""

RETURN = r"""
gateway_network:
  description: The connection as the API returned it.
  returned: when the connection exists
  type: dict
  contains:
    id: {description: ID of the connection., type: str, returned: always, sample: 2d120cc1-5c45-41d9-b609-90c9acb497c6}
    status: {description: Its state., type: str, returned: always, sample: ready}
    ipam_ip_id: {description: ID in IPAM of the gateway's address., type: str, returned: always, sample: 62a51ea4-00ff-4a1d-aa93-5767b4a52abf}
"""

from ..module_utils.resources.vpcgw_gateway_network import GatewayNetwork
from ..module_utils.run import run


def main():
    run(GatewayNetwork, DOCUMENTATION)


if __name__ == "__main__":
    main()
