#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up security groups of instances: instance/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: instance_security_group_info
short_description: Look up security groups of instances
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the security groups of a project and zone that match every option given, with their rules.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  id:
    description: ID of one group.
    type: str
  name:
    description: Exact name.
    type: str
  project_default:
    description: Only the group of instances that name none, or all others.
    type: bool
  tags:
    description: Tags that a group must have, all of them.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Look up the default group
  stackway.scaleway.instance_security_group_info:
    project_default: true
  register: found
"""

RETURN = r"""
security_groups:
  description: >-
    The groups as M(stackway.scaleway.instance_security_group) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.instance_security_group import SecurityGroup
from ..module_utils.run import run


class SecurityGroupInfo(Info):
    resource = SecurityGroup


def main():
    run(SecurityGroupInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
