#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logical backups of databases: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_backup
short_description: Make, keep and restore backups of a database
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A backup holds one database as it was when the backup was made. It outlives its instance.
  - A backup is known by its instance and name; one that exists is not made again.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of the backup, where its name is not unique or its instance is gone.
    type: str
  instance_id:
    description: ID or name of the instance that the backup is of. Needed unless O(id) is given.
    type: str
  database_name:
    description: Name of the database. Needed to make a backup; cannot change.
    type: str
  name:
    description: Name of the backup. Needed unless O(id) is given.
    type: str
  expires_at:
    description: When the backup is deleted, such as V(2030-01-01T00:00:00Z).
    type: str
  state:
    description:
      - Whether the backup exists. V(restored) puts it back into a database, which is a change every time.
    type: str
    choices: [present, absent, restored]
    default: present
  target_instance_id:
    description: With O(state=restored), ID or name of the instance to restore into. Default is the backup's own.
    type: str
  target_database_name:
    description: With O(state=restored), the database that is replaced or created. Default is the backup's own.
    type: str
"""

EXAMPLES = r"""
- name: Keep the database as it is before a migration
  stackway.scaleway.rdb_backup:
    instance_id: riff
    database_name: riff
    name: before-{{ release }}
    expires_at: "2030-01-01T00:00:00Z"

- name: Look at it beside the live database
  stackway.scaleway.rdb_backup:
    instance_id: riff
    name: before-{{ release }}
    state: restored
    target_database_name: riff_before
"""

RETURN = r"""
database_backup:
  description: The backup as the API returned it.
  returned: when the backup exists
  type: dict
  contains:
    id: {description: ID of the backup., type: str, returned: always, sample: f2d8a7a0-7b3e-4c53-9d3a-3d5d0a2d0c11}
    status: {description: Status of the backup., type: str, returned: always, sample: ready}
    size: {description: Size in bytes., type: int, returned: always, sample: 1255}
    expires_at: {description: When it is deleted., type: str, returned: always, sample: "2030-01-01T00:00:00Z"}
"""

from ..module_utils.resources.rdb_backup import Backup
from ..module_utils.run import run


def main():
    run(Backup, DOCUMENTATION)


if __name__ == "__main__":
    main()
