#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block volumes: block/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: block_volume
short_description: Manage block volumes
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A block volume is a disk of its own, which an instance of the same zone can have attached. It survives the instance.
  - It can be removed once no instance has it any more.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of the volume, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the volume.
    type: str
  size:
    description:
      - Size in bytes, a multiple of 1 GB (1000000000). It grows, never shrinks.
      - Needed for a new volume, unless O(snapshot_id) is given; then the default is the snapshot's size.
    type: int
  perf_iops:
    description: Operations per second that the volume sustains. Default is V(5000) for a new volume.
    type: int
    choices: [5000, 15000]
  snapshot_id:
    description: ID or name of the snapshot that a new volume is a copy of. It cannot change on an existing volume.
    type: str
  kms_key_id:
    description: Key Manager key that encrypts the volume. It cannot change on an existing volume.
    type: str
  tags:
    description: Tags of the volume.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have a fast volume of 50 GB
  stackway.scaleway.block_volume:
    name: search-index
    size: 50000000000
    perf_iops: 15000

- name: Have a copy of what it was
  stackway.scaleway.block_volume:
    name: search-index-copy
    snapshot_id: search-index-monday
"""

RETURN = r"""
volume:
  description: The volume as the API returned it, with O(perf_iops) and O(snapshot_id) as they are given.
  returned: when the volume exists
  type: dict
  contains:
    id: {description: ID of the volume., type: str, returned: always, sample: c2872daf-b5cc-48c7-a493-5777cb288af3}
    status: {description: V(available) or V(in_use)., type: str, returned: always, sample: available}
    size: {description: Size in bytes., type: int, returned: always, sample: 50000000000}
    references:
      description: The instances that have it attached.
      type: list
      elements: dict
      returned: always
"""

from ..module_utils.resources.block_volume import Volume
from ..module_utils.run import run


def main():
    run(Volume, DOCUMENTATION)


if __name__ == "__main__":
    main()
