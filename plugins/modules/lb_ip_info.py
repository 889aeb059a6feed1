#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up addresses of load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_ip_info
short_description: Look up addresses of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the addresses of a project and zone that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  id:
    description: ID of one address.
    type: str
  name:
    description: Exact name.
    type: str
  ip_address:
    description: The address itself.
    type: str
"""

EXAMPLES = r"""
- name: Look up an address
  stackway.scaleway.lb_ip_info:
    name: shop
  register: found
"""

RETURN = r"""
ips:
  description: The addresses as M(stackway.scaleway.lb_ip) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.lb_ip import Ip
from ..module_utils.run import run


class IpInfo(Info):
    resource = Ip


def main():
    run(IpInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
