#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up flexible IPs of instances: instance/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: instance_ip_info
short_description: Look up flexible IPs of instances
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the flexible IPs of a project and zone that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  id:
    description: ID or address of one IP.
    type: str
  name:
    description: Name under which M(stackway.scaleway.instance_ip) made it.
    type: str
  type:
    description: Family of the address.
    type: str
    choices: [routed_ipv4, routed_ipv6]
  tags:
    description: Tags that an IP must have, all of them.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Look up the address of the web server
  stackway.scaleway.instance_ip_info:
    name: web
  register: found

- name: Show it
  ansible.builtin.debug:
    msg: "{{ found.ips[0].address }}"
"""

RETURN = r"""
ips:
  description: The IPs as M(stackway.scaleway.instance_ip) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.instance_ip import Ip
from ..module_utils.run import run


class IpInfo(Info):
    resource = Ip


def main():
    run(IpInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
