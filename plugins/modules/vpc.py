#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPCs: vpc/v2."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vpc
short_description: Manage VPCs
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A VPC holds private networks of one region, whose subnets do not overlap.
  - Every project has a default VPC per region, which need not be made.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  id:
    description: ID of the VPC, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the VPC.
    type: str
  tags:
    description: Tags of the VPC.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have a VPC
  stackway.scaleway.vpc:
    name: shop
    tags: [shop, prod]
  register: shop

- name: Have a private network in it
  stackway.scaleway.vpc_private_network:
    name: backend
    vpc_id: "{{ shop.vpc.id }}"
"""

RETURN = r"""
vpc:
  description: The VPC as the API returned it.
  returned: when the VPC exists
  type: dict
  contains:
    id: {description: ID of the VPC., type: str, returned: always, sample: 621f79dd-9a8d-48fb-80eb-8b7db805149e}
    name: {description: Name of the VPC., type: str, returned: always, sample: shop}
    is_default: {description: Whether it is the project's default VPC., type: bool, returned: always}
    private_network_count: {description: How many private networks it holds., type: int, returned: always, sample: 1}
"""

from ..module_utils.resources.vpc import Vpc
from ..module_utils.run import run


def main():
    run(Vpc, DOCUMENTATION)


if __name__ == "__main__":
    main()
