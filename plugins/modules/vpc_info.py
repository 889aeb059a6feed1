#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up VPCs: vpc/v2."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vpc_info
short_description: Look up VPCs
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the VPCs of a project and region that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of one VPC.
    type: str
  name:
    description: Exact name.
    type: str
  tags:
    description: Tags that a VPC must have, all of them.
    type: list
    elements: str
  is_default:
    description: Whether to list the default VPC, or the others.
    type: bool
"""

EXAMPLES = r"""
- name: Look up the default VPC
  stackway.scaleway.vpc_info:
    is_default: true
  register: found

- name: Show its ID
  ansible.builtin.debug:
    var: found.vpcs[0].id
"""

RETURN = r"""
vpcs:
  description: The VPCs as the API returned them; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.vpc import Vpc
from ..module_utils.run import run


class VpcInfo(Info):
    resource = Vpc


def main():
    run(VpcInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
