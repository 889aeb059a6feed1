#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up instances: instance/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: instance_server_info
short_description: Look up instances
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the instances of a project and zone that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  id:
    description: ID of one instance.
    type: str
  name:
    description: Exact name.
    type: str
  commercial_type:
    description: Type of the instances.
    type: str
  tags:
    description: Tags that an instance must have, all of them.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Look up the web servers
  stackway.scaleway.instance_server_info:
    tags: [web]
  register: found

- name: Show their addresses
  ansible.builtin.debug:
    msg: "{{ found.servers | map(attribute='public_ip.address') }}"
"""

RETURN = r"""
servers:
  description: The instances as M(stackway.scaleway.instance_server) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.instance_server import Server
from ..module_utils.run import run


class ServerInfo(Info):
    resource = Server


def main():
    run(ServerInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
