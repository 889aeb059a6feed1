#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of frontends: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_route
short_description: Manage routes of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A route leads what a frontend gets to another backend than the frontend's own, by path or host, or by the name in TLS.
  - A route is known by what it matches.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
options:
  lb_id:
    description: ID or name of the load balancer.
    type: str
    required: true

  frontend_id:
    description: ID or name of the frontend.
    type: str
    required: true
  match:
    description: What the route takes, by exactly one of O(match.path_begin), O(match.host_header) and O(match.sni).
    type: dict
    required: true
    suboptions:
      path_begin: {description: What the path begins with., type: str}
      host_header: {description: Host that is asked for., type: str}
      sni: {description: Name that is asked for in TLS; for TCP., type: str}
      match_subdomains: {description: Whether the names below are meant too., type: bool, default: false}
  backend_id:
    description: ID or name of the backend. Needed to create.
    type: str
"""

EXAMPLES = r"""
- name: Lead the API elsewhere
  stackway.scaleway.lb_route:
    lb_id: shop
    frontend_id: https
    match:
      path_begin: /api
    backend_id: api
"""

RETURN = r"""
route:
  description: The route as the API returned it.
  returned: when the route exists
  type: dict
  contains:
    id: {description: ID of the route., type: str, returned: always, sample: 943981ff-e33b-4487-aa1c-c24f8f147b91}
    backend_id: {description: ID of its backend., type: str, returned: always, sample: 33f7cdba-6e5c-49ef-ae90-15951dff6d28}
"""

from ..module_utils.resources.lb_route import Route
from ..module_utils.run import run


def main():
    run(Route, DOCUMENTATION)


if __name__ == "__main__":
    main()
