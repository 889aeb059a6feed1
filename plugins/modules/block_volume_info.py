#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up block volumes: block/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: block_volume_info
short_description: Look up block volumes
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the block volumes of a project and zone that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  id:
    description: ID of one volume.
    type: str
  name:
    description: Exact name.
    type: str
  product_resource_id:
    description: ID of the instance that has the volume attached.
    type: str
  tags:
    description: Tags that a volume must have, all of them.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Look up the volumes of an instance
  stackway.scaleway.block_volume_info:
    product_resource_id: 016fc945-5ad3-4791-b3db-9fbaa5455fb5
  register: found

- name: Show their sizes
  ansible.builtin.debug:
    msg: "{{ found.volumes | map(attribute='size') }}"
"""

RETURN = r"""
volumes:
  description: The volumes as M(stackway.scaleway.block_volume) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.block_volume import Volume
from ..module_utils.run import run


class VolumeInfo(Info):
    resource = Volume


def main():
    run(VolumeInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
