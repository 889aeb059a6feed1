#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_private_network
short_description: Attach load balancers to private networks
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Gives a load balancer an address in a private network, from which it reaches the servers there.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
options:
  lb_id:
    description: ID or name of the load balancer.
    type: str
    required: true

  private_network_id:
    description: ID or name of the private network.
    type: str
    required: true
  ipam_ids:
    description: IDs of addresses booked in IPAM that it has in the network. Left out, it gets one. They cannot change.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Let the load balancer into the private network
  stackway.scaleway.lb_private_network:
    lb_id: shop
    private_network_id: backend
"""

RETURN = r"""
private_network:
  description: The connection as the API returned it.
  returned: when the connection exists
  type: dict
  contains:
    status: {description: Its state., type: str, returned: always, sample: ready}
    ipam_ids: {description: IDs in IPAM of its addresses there., type: list, elements: str, returned: always, sample: [6f37ce50-98f4-4a8f-84ae-ef1e1b2f06bf]}
"""

from ..module_utils.resources.lb_private_network import PrivateNetwork
from ..module_utils.run import run


def main():
    run(PrivateNetwork, DOCUMENTATION)


if __name__ == "__main__":
    main()
