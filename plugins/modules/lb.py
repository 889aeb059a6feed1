#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb
short_description: Manage load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A load balancer listens with M(stackway.scaleway.lb_frontend) and forwards to M(stackway.scaleway.lb_backend).
  - Removing one removes its parts with it; it leaves its private networks first.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
options:
  id:
    description: ID of the load balancer, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the load balancer.
    type: str
  type:
    description: Type, such as V(LB-S) or V(LB-GP-M). It can change at any time. Needed to create.
    type: str
  description:
    description: What it is for.
    type: str
  ip_ids:
    description:
      - IDs, names or addresses of M(stackway.scaleway.lb_ip) that it listens at. Addresses can be added, not taken away.
      - Left out, a new load balancer gets a new address of version 4, unless O(assign_flexible_ip=false).
    type: list
    elements: str
  assign_flexible_ip:
    description: Whether a new load balancer without O(ip_ids) gets a public address. V(false) makes it private.
    type: bool
  assign_flexible_ipv6:
    description: Whether a new load balancer gets a public address of version 6.
    type: bool
  ssl_compatibility_level:
    description: Which versions of TLS clients may speak. V(ssl_compatibility_level_modern) is 1.3 alone, intermediate 1.2 and up.
    type: str
    choices: [ssl_compatibility_level_modern, ssl_compatibility_level_intermediate, ssl_compatibility_level_old]
  tags:
    description: Tags of the load balancer.
    type: list
    elements: str
  release_ip:
    description: Whether its addresses are given back when it is removed.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Have an address that stays
  stackway.scaleway.lb_ip:
    name: shop
  register: address

- name: Have a load balancer
  stackway.scaleway.lb:
    name: shop
    type: LB-S
    ip_ids: ["{{ address.ip.id }}"]
"""

RETURN = r"""
lb:
  description: The load balancer as the API returned it, and its options.
  returned: when the load balancer exists
  type: dict
  contains:
    id: {description: ID of the load balancer., type: str, returned: always, sample: 04379a3a-8960-4506-849f-a2105eaabe95}
    status: {description: Its state., type: str, returned: always, sample: ready}
    address: {description: Its first address of version 4., type: str, returned: always, sample: 203.0.113.7}
"""

from ..module_utils.resources.lb import Lb
from ..module_utils.run import run


def main():
    run(Lb, DOCUMENTATION)


if __name__ == "__main__":
    main()
