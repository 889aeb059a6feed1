#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up triggers of Serverless Containers: containers/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_trigger_info
short_description: Look up triggers of Serverless Containers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the triggers of a container.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  container_id:
    description: ID or name of the container.
    type: str
    required: true
  name:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: See what calls the worker
  stackway.scaleway.container_trigger_info:
    container_id: worker
  register: found
"""

RETURN = r"""
triggers:
  description: The triggers as M(stackway.scaleway.container_trigger) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.container_trigger import ContainerTrigger
from ..module_utils.run import run


class ContainerTriggerInfo(Info):
    resource = ContainerTrigger


def main():
    run(ContainerTriggerInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
