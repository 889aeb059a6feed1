#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up routes of frontends: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_route_info
short_description: Look up routes of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the routes of a frontend.
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
- name: See the routes of a frontend
  stackway.scaleway.lb_route_info:
    lb_id: shop
    frontend_id: https
  register: found
"""

RETURN = r"""
routes:
  description: The routes as M(stackway.scaleway.lb_route) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.lb_route import Route
from ..module_utils.run import run


class RouteInfo(Info):
    resource = Route


def main():
    run(RouteInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
