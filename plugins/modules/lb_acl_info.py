#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up ACLs of frontends: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_acl_info
short_description: Look up ACLs of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the ACLs of a frontend.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  lb_id:
    description: ID or name of the load balancer.
    type: str
    required: true
  frontend_id:
    description: ID or name of the frontend.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: See the ACLs of a frontend
  stackway.scaleway.lb_acl_info:
    lb_id: shop
    frontend_id: https
  register: found
"""

RETURN = r"""
acls:
  description: The ACLs as M(stackway.scaleway.lb_acl) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.lb_acl import Acl
from ..module_utils.run import run


class AclInfo(Info):
    resource = Acl


def main():
    run(AclInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
