#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases of a Managed Database instance: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_database
short_description: Manage databases of a Managed Database instance
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A database has no properties but its name. The service's superuser owns it; M(stackway.scaleway.rdb_privilege) lets users in.
  - O(state=absent) drops the database with everything in it.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  instance_id:
    description: ID or name of the instance.
    type: str
    required: true
  name:
    description: Name of the database.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Have a database
  stackway.scaleway.rdb_database:
    instance_id: riff
    name: riff
"""

RETURN = r"""
database:
  description: The database as the API returned it.
  returned: when the database exists
  type: dict
  contains:
    name: {description: Name of the database., type: str, returned: always, sample: riff}
    owner: {description: Role that owns it; empty right after creation., type: str, returned: always, sample: _rdb_superadmin}
    size: {description: Size in bytes; 0 right after creation., type: int, returned: always, sample: 7736467}
"""

from ..module_utils.resources.rdb_database import Database
from ..module_utils.run import run


def main():
    run(Database, DOCUMENTATION)


if __name__ == "__main__":
    main()
