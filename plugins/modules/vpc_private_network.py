#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private networks: vpc/v2."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vpc_private_network
short_description: Manage private networks
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A private network connects instances, databases and others of one region in a subnet of their own.
  - It can be removed once nothing is attached to it any more. Addresses are given back a little after the resource that had
    them is gone, so its removal is tried again for half a minute.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of the private network, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the private network.
    type: str
  vpc_id:
    description:
      - ID or name of the VPC that holds it; a network is looked for there alone. Default is the project's default VPC for a
        new network, and any VPC for one that exists.
    type: str
  subnets:
    description:
      - Subnets in CIDR notation, at most one of each address family. An IPv4 subnet is private and between /20 and /29.
      - The API chooses a subnet for a family left out. Subnets cannot change on an existing network.
    type: list
    elements: str
  default_route_propagation_enabled:
    description: Whether the default routes of gateways are passed on to the network. Default is V(false).
    type: bool
  tags:
    description: Tags of the private network.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have a private network in the default VPC
  stackway.scaleway.vpc_private_network:
    name: backend

- name: Have one with a subnet of our choice
  stackway.scaleway.vpc_private_network:
    name: backend
    vpc_id: shop
    subnets: [10.8.0.0/22]
    tags: [shop]
"""

RETURN = r"""
private_network:
  description: The private network as the API returned it, its subnets in CIDR notation.
  returned: when the private network exists
  type: dict
  contains:
    id: {description: ID of the network., type: str, returned: always, sample: e85f0802-5637-46d2-88c2-8ceb6767c532}
    vpc_id: {description: ID of its VPC., type: str, returned: always, sample: 621f79dd-9a8d-48fb-80eb-8b7db805149e}
    subnets:
      description: Its subnets, IPv4 first.
      type: list
      elements: str
      returned: always
      sample: [172.16.64.0/22, "fd63:256c:45f7:a125::/64"]
"""

from ..module_utils.resources.vpc_private_network import PrivateNetwork
from ..module_utils.run import run


def main():
    run(PrivateNetwork, DOCUMENTATION)


if __name__ == "__main__":
    main()
