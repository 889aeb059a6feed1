#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_ip
short_description: Manage addresses of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - An address that outlives the load balancer it belongs to. It is removed once that is gone.
  - The API has no names for addresses; the tag C(name=NAME) stands for it.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
options:
  id:
    description: ID of the address, to rename it.
    type: str
  name:
    description: Name of the address.
    type: str
  is_ipv6:
    description: Whether it is of version 6. It cannot change. Default is V(false).
    type: bool
  reverse:
    description: Name that the address leads back to.
    type: str
  tags:
    description: Its tags besides the one for the name.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have an address
  stackway.scaleway.lb_ip:
    name: shop
"""

RETURN = r"""
ip:
  description: The address as the API returned it.
  returned: when the address exists
  type: dict
  contains:
    id: {description: ID of the address., type: str, returned: always, sample: 556f7c62-a012-4e59-b919-aa0a4ee715e3}
    ip_address: {description: The address itself., type: str, returned: always, sample: 203.0.113.7}
    reverse: {description: Its name., type: str, returned: always, sample: 203-0-113-7.lb.fr-par.scw.cloud}
    lb_id: {description: ID of the load balancer that has it., type: str, returned: when attached, sample: 04379a3a-8960-4506-849f-a2105eaabe95}
"""

from ..module_utils.resources.lb_ip import Ip
from ..module_utils.run import run


def main():
    run(Ip, DOCUMENTATION)


if __name__ == "__main__":
    main()
