#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up connections of load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_private_network_info
short_description: Look up the private networks that load balancers are attached to
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the private networks that a load balancer is attached to.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  lb_id:
    description: ID or name of the load balancer.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Find out which private networks the load balancer is in
  stackway.scaleway.lb_private_network_info:
    lb_id: shop
  register: found
"""

RETURN = r"""
private_networks:
  description: The connections as M(stackway.scaleway.lb_private_network) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.lb_private_network import PrivateNetwork
from ..module_utils.run import run


class PrivateNetworkInfo(Info):
    resource = PrivateNetwork


def main():
    run(PrivateNetworkInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
