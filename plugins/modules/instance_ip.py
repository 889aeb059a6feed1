#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flexible IPs of instances: instance/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: instance_ip
short_description: Manage flexible IPs of instances
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A flexible IP is a public address of its own. It survives the instance it is attached to.
  - The API has no names for them. The one given here is kept as the tag C(name=<name>), by which the IP is found again.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID or address of the IP, for one that was not made under a name.
    type: str
  name:
    description: Name of the IP, unique in the project and zone.
    type: str
  type:
    description: Family of the address. It cannot change on an existing IP. Default is V(routed_ipv4) for a new one.
    type: str
    choices: [routed_ipv4, routed_ipv6]
  server_id:
    description:
      - ID or name of the instance that has the IP; it is taken from any other. An empty string detaches it.
      - Leave it out where O(stackway.scaleway.instance_server#module:public_ips) says the same.
    type: str
  reverse:
    description:
      - Name that the address resolves to. It has to resolve to the address first, which is waited for up to a minute.
      - An empty string removes it.
    type: str
  tags:
    description: Tags of the IP, besides the one that keeps its name.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have an address for the web server
  stackway.scaleway.instance_ip:
    name: web
  register: web

- name: Let it resolve to its name
  stackway.scaleway.instance_ip:
    name: web
    reverse: www.example.com
"""

RETURN = r"""
ip:
  description: The IP as the API returned it, with its O(name), and O(server_id) as it is given.
  returned: when the IP exists
  type: dict
  contains:
    id: {description: ID of the IP., type: str, returned: always, sample: fcbbf6b7-cec6-451c-a636-798760c908c4}
    address: {description: The address; null for version 6., type: str, returned: always, sample: 163.172.149.120}
    prefix: {description: The network of version 6; null for version 4., type: str, returned: always, sample: null}
    state: {description: "V(detached), V(attached) or V(pending).", type: str, returned: always, sample: attached}
"""

from ..module_utils.resources.instance_ip import Ip
from ..module_utils.run import run


def main():
    run(Ip, DOCUMENTATION)


if __name__ == "__main__":
    main()
