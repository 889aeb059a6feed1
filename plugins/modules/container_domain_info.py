#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up domains of Serverless Containers: containers/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_domain_info
short_description: Look up domains of Serverless Containers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the domains of a container.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  container_id:
    description: ID or name of the container.
    type: str
    required: true
  hostname:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: See by which names the shop is known
  stackway.scaleway.container_domain_info:
    container_id: web
  register: found
"""

RETURN = r"""
domains:
  description: The domains as M(stackway.scaleway.container_domain) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.container_domain import ContainerDomain
from ..module_utils.run import run


class ContainerDomainInfo(Info):
    resource = ContainerDomain


def main():
    run(ContainerDomainInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
