#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up namespaces of Serverless Containers: containers/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_namespace_info
short_description: Look up namespaces of Serverless Containers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the namespaces of a project and region that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of one namespace.
    type: str
  name:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: Look a namespace up
  stackway.scaleway.container_namespace_info:
    name: shop-prod
  register: found
"""

RETURN = r"""
namespaces:
  description: The namespaces as M(stackway.scaleway.container_namespace) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.container_namespace import ContainerNamespace
from ..module_utils.run import run


class ContainerNamespaceInfo(Info):
    resource = ContainerNamespace


def main():
    run(ContainerNamespaceInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
