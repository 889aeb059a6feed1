#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up addresses: ipam/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ipam_ip_info
short_description: Look up addresses in IPAM
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the addresses of a project and region that match every option given, those of private networks and public ones.
  - An address appears here a little after the resource that has it.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of one address.
    type: str
  private_network_id:
    description: ID or name of the private network that they are in.
    type: str
  resource_type:
    description: Kind of what has them, such as V(instance_private_nic), V(lb_server), V(rdb_instance) or V(vpc_gateway_network).
    type: str
  resource_id:
    description: ID of what has them.
    type: str
  resource_name:
    description: Name of what has them.
    type: str
  is_ipv6:
    description: Whether they are of version 6.
    type: bool
  tags:
    description: Tags that an address must have, all of them.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Look up where a database is in the private network
  stackway.scaleway.ipam_ip_info:
    private_network_id: backend
    resource_type: rdb_instance
    is_ipv6: false
  register: found
"""

RETURN = r"""
ips:
  description: The addresses as the API returned them, with their prefix length; an empty list where there is none.
  returned: success
  type: list
  elements: dict
  sample: [{id: 62a51ea4-00ff-4a1d-aa93-5767b4a52abf, address: 10.0.0.5/24, resource: {type: instance_private_nic, name: web}}]
"""

from ..module_utils.resource import Info
from ..module_utils.resources.ipam_ip import Ip
from ..module_utils.run import run


class IpInfo(Info):
    resource = Ip


def main():
    run(IpInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
