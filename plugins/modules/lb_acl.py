#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACLs of frontends: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_acl
short_description: Manage ACLs of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - An ACL allows, denies or redirects what a frontend gets. They are looked at by O(index); the first that fits decides, and what
    fits none is allowed.
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
  name:
    description: Name of the ACL, unique in the frontend.
    type: str
    required: true
  index:
    description: Place among the frontend's ACLs. Needed to create.
    type: int
  description:
    description: What it is for.
    type: str
  action:
    description: What happens to what fits. Needed to create.
    type: dict
    suboptions:
      type:
        description: What happens.
        type: str
        required: true
        choices: [allow, deny, redirect]
      redirect:
        description: Where to, for O(action.type=redirect).
        type: dict
        suboptions:
          type: {description: Whether O(action.redirect.target) is a whole location or a scheme., type: str, required: true, choices: [location, scheme]}
          target: {description: "A location, or V(https).", type: str, required: true}
          code: {description: Status., type: int, default: 302, choices: [301, 302, 303, 307, 308]}
  match:
    description: What it looks at; all of it has to fit. Left out, everything fits.
    type: dict
    suboptions:
      ip_subnet:
        description: Addresses and networks of clients.
        type: list
        elements: str
      ips_edge_services:
        description: Whether clients are Edge Services.
        type: bool
      http_filter:
        description: Part of a request.
        type: str
        choices: [acl_http_filter_none, path_begin, path_end, regex, http_header_match]
      http_filter_value:
        description: Values of that part, one of which has to fit.
        type: list
        elements: str
      http_filter_option:
        description: Name of the header for O(match.http_filter=http_header_match).
        type: str
      invert:
        description: Whether what does not fit is meant.
        type: bool
"""

EXAMPLES = r"""
- name: Send everybody to TLS
  stackway.scaleway.lb_acl:
    lb_id: shop
    frontend_id: http
    name: tls
    index: 1
    action:
      type: redirect
      redirect: {type: scheme, target: https, code: 301}
"""

RETURN = r"""
acl:
  description: The ACL as the API returned it.
  returned: when the ACL exists
  type: dict
  contains:
    id: {description: ID of the ACL., type: str, returned: always, sample: 6f41447a-17b2-444f-a4fd-5999a2c9d275}
    index: {description: Its place., type: int, returned: always, sample: 1}
"""

from ..module_utils.resources.lb_acl import Acl
from ..module_utils.run import run


def main():
    run(Acl, DOCUMENTATION)


if __name__ == "__main__":
    main()
