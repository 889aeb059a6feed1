#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security groups of instances with their rules: instance/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: instance_security_group
short_description: Manage security groups of instances
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A security group says what public traffic reaches the instances that have it, and leaves them. Traffic in private
    networks is not filtered.
  - Its rules are managed as a whole. Those that the API adds itself (O(enable_default_security)) are not counted.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
options:
  id:
    description: ID of the group, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the group.
    type: str
  description:
    description: What the group is for.
    type: str
  stateful:
    description: Whether answers to what was let through are let through as well. Default is V(true) for a new group.
    type: bool
  inbound_default_policy:
    description: What happens to incoming traffic that no rule mentions. Default is V(accept) for a new group.
    type: str
    choices: [accept, drop]
  outbound_default_policy:
    description: What happens to outgoing traffic that no rule mentions. Default is V(accept) for a new group.
    type: str
    choices: [accept, drop]
  enable_default_security:
    description: Whether outgoing mail (TCP ports 25, 465 and 587) is refused. Default is V(true) for a new group.
    type: bool
  project_default:
    description: Whether instances that name no group get this one.
    type: bool
  tags:
    description: Tags of the group.
    type: list
    elements: str
  rules:
    description:
      - All rules of the group, in the order in which they apply; the first that fits decides. An empty list removes them.
    type: list
    elements: dict
    suboptions:
      action:
        description: What happens to the traffic.
        type: str
        choices: [accept, drop]
        default: accept
      direction:
        description: Where the traffic goes, seen from the instance.
        type: str
        choices: [inbound, outbound]
        default: inbound
      protocol:
        description: Protocol of the traffic.
        type: str
        choices: [TCP, UDP, ICMP, ANY]
        default: TCP
      ip_range:
        description: Network or address of the other end.
        type: str
        default: 0.0.0.0/0
      dest_port_from:
        description: The port, or the first of a range. All ports if left out.
        type: int
      dest_port_to:
        description: The last port of a range.
        type: int
"""

EXAMPLES = r"""
- name: Let in the web, and SSH from the office
  stackway.scaleway.instance_security_group:
    name: web
    inbound_default_policy: drop
    rules:
      - {dest_port_from: 80}
      - {dest_port_from: 443}
      - {dest_port_from: 22, ip_range: 203.0.113.0/24}
      - {protocol: ICMP}
"""

RETURN = r"""
security_group:
  description: The group as the API returned it, with the rules that are its own.
  returned: when the group exists
  type: dict
  contains:
    id: {description: ID of the group., type: str, returned: always, sample: ac437fb1-732d-4fe7-ac39-713c5d0d730e}
    state: {description: V(available) once the group is in force., type: str, returned: always, sample: available}
    servers: {description: The instances that have it., type: list, elements: dict, returned: always}
    rules: {description: Its rules., type: list, elements: dict, returned: always}
"""

from ..module_utils.resources.instance_security_group import SecurityGroup
from ..module_utils.run import run


def main():
    run(SecurityGroup, DOCUMENTATION)


if __name__ == "__main__":
    main()
