#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up Serverless Containers: containers/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_info
short_description: Look up Serverless Containers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the containers of a project and region that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of one container.
    type: str
  name:
    description: Exact name.
    type: str
  namespace_id:
    description: ID or name of the container namespace.
    type: str
"""

EXAMPLES = r"""
- name: Find out where the shop is reached
  stackway.scaleway.container_info:
    namespace_id: shop-prod
    name: web
  register: found
"""

RETURN = r"""
containers:
  description: The containers as M(stackway.scaleway.container) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.container import Container
from ..module_utils.run import run


class ContainerInfo(Info):
    resource = Container


def main():
    run(ContainerInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
