#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public gateways: vpc-gw/v2."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vpcgw_gateway
short_description: Manage public gateways
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A public gateway leads the private networks that it is connected to (M(stackway.scaleway.vpcgw_gateway_network)) into the
    internet, and lets in what M(stackway.scaleway.vpcgw_pat_rule) says. Its SSH bastion lets C(ssh -J bastion@ADDRESS:61000) reach
    what is in them.
  - The bastion lets in the SSH keys that the project had when the gateway was made, or last refreshed.
  - Removing a gateway removes its connections and rules with it.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of the gateway, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the gateway.
    type: str
  type:
    description: Type, such as V(VPC-GW-S) (100 Mbit/s) or V(VPC-GW-M) (1 Gbit/s). It can become faster, not slower. Needed to create.
    type: str
  ip_id:
    description: ID of an address of public gateways that it gets. Left out, it gets a new one. It cannot change.
    type: str
  enable_bastion:
    description: Whether its SSH bastion runs. Default is V(false) for a new gateway.
    type: bool
  bastion_port:
    description: Port of the bastion. Default is V(61000).
    type: int
  bastion_allowed_ips:
    description: Networks that may reach the bastion, completely. Default is V(0.0.0.0/0) alone.
    type: list
    elements: str
  enable_smtp:
    description: Whether mail to other servers (ports 25, 465 and 587) may pass. Default is V(false) for a new gateway.
    type: bool
  refresh_ssh_keys:
    description:
      - V(true) hands the project's SSH keys to the bastion when one of them is newer than the gateway's last change.
      - A key that was deleted is not noticed by itself; it goes with the next refresh.
    type: bool
  tags:
    description: Tags of the gateway.
    type: list
    elements: str
  delete_ip:
    description: Whether its address is given back when the gateway is removed.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Let instances without public address reach out, and be reached by ssh
  stackway.scaleway.vpcgw_gateway:
    name: shop
    type: VPC-GW-S
    enable_bastion: true
    bastion_allowed_ips: [192.0.2.0/24]

- name: Hand new SSH keys to the bastion
  stackway.scaleway.vpcgw_gateway:
    name: shop
    refresh_ssh_keys: true
"""

RETURN = r"""
gateway:
  description: The gateway as the API returned it, and its options.
  returned: when the gateway exists
  type: dict
  contains:
    id: {description: ID of the gateway., type: str, returned: always, sample: 5f519b8f-e758-4350-960d-1529e565409b}
    status: {description: Its state., type: str, returned: always, sample: running}
    address: {description: Its public address., type: str, returned: always, sample: 203.0.113.5}
    bastion_port: {description: Port of its bastion., type: int, returned: always, sample: 61000}
    gateway_networks:
      description: Its connections to private networks.
      type: list
      elements: dict
      returned: always
"""

from ..module_utils.resources.vpcgw_gateway import Gateway
from ..module_utils.run import run


def main():
    run(Gateway, DOCUMENTATION)


if __name__ == "__main__":
    main()
