#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up public gateways: vpc-gw/v2."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vpcgw_gateway_info
short_description: Look up public gateways
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the public gateways of a project and zone that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  id:
    description: ID of one gateway.
    type: str
  name:
    description: Exact name.
    type: str
  tags:
    description: Tags that a gateway must have, all of them.
    type: list
    elements: str
  private_network_ids:
    description: IDs of private networks, one of which a gateway must be connected to.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Look up a gateway
  stackway.scaleway.vpcgw_gateway_info:
    name: shop
  register: found

- name: Show how to jump
  ansible.builtin.debug:
    msg: ssh -J bastion@{{ found.gateways[0].address }}:{{ found.gateways[0].bastion_port }} root@10.0.0.5
"""

RETURN = r"""
gateways:
  description: The gateways as M(stackway.scaleway.vpcgw_gateway) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.vpcgw_gateway import Gateway
from ..module_utils.run import run


class GatewayInfo(Info):
    resource = Gateway


def main():
    run(GatewayInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
