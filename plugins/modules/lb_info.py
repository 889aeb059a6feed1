#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_info
short_description: Look up load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the load balancers of a project and zone that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  id:
    description: ID of one load balancer.
    type: str
  name:
    description: Exact name.
    type: str
  tags:
    description: Tags that a load balancer must have, all of them.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Look up a load balancer
  stackway.scaleway.lb_info:
    name: shop
  register: found
"""

RETURN = r"""
lbs:
  description: The load balancers as M(stackway.scaleway.lb) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.lb import Lb
from ..module_utils.run import run


class LbInfo(Info):
    resource = Lb


def main():
    run(LbInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
