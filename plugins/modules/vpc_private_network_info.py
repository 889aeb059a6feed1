#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up private networks: vpc/v2."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vpc_private_network_info
short_description: Look up private networks
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the private networks of a project and region that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of one private network.
    type: str
  name:
    description: Exact name.
    type: str
  vpc_id:
    description: ID or name of the VPC that holds them.
    type: str
  tags:
    description: Tags that a private network must have, all of them.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Look up the networks of a VPC
  stackway.scaleway.vpc_private_network_info:
    vpc_id: shop
  register: found

- name: Show their subnets
  ansible.builtin.debug:
    msg: "{{ found.private_networks | map(attribute='subnets') | flatten }}"
"""

RETURN = r"""
private_networks:
  description: The private networks as M(stackway.scaleway.vpc_private_network) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.vpc_private_network import PrivateNetwork
from ..module_utils.run import run


class PrivateNetworkInfo(Info):
    resource = PrivateNetwork


def main():
    run(PrivateNetworkInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
