#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up frontends of load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_frontend_info
short_description: Look up frontends of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the frontends of a load balancer.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  lb_id:
    description: ID or name of the load balancer.
    type: str
    required: true

  name:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: See at which ports a load balancer listens
  stackway.scaleway.lb_frontend_info:
    lb_id: shop
  register: found
"""

RETURN = r"""
frontends:
  description: The frontends as M(stackway.scaleway.lb_frontend) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.lb_frontend import Frontend
from ..module_utils.run import run


class FrontendInfo(Info):
    resource = Frontend


def main():
    run(FrontendInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
