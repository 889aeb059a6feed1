#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up tokens for private Serverless Containers: containers/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_token_info
short_description: Look up tokens for private Serverless Containers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists tokens, without what is secret of them.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  container_id:
    description: ID or name of the container that they are for.
    type: str
  namespace_id:
    description: ID or name of the namespace that they are for.
    type: str
  description:
    description: Exact description.
    type: str
"""

EXAMPLES = r"""
- name: See who may call the worker
  stackway.scaleway.container_token_info:
    container_id: worker
  register: found
"""

RETURN = r"""
tokens:
  description: The tokens as M(stackway.scaleway.container_token) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.container_token import ContainerToken
from ..module_utils.run import run


class ContainerTokenInfo(Info):
    resource = ContainerToken


def main():
    run(ContainerTokenInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
