#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up backups of databases: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_backup_info
short_description: Look up backups of databases
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the backups of a project and region that match every option given, those of instances that are gone included.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of one backup.
    type: str
  instance_id:
    description: ID or name of the instance that they are of.
    type: str
  name:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: See which backups there are
  stackway.scaleway.rdb_backup_info:
    instance_id: riff
  register: found

- name: Show the newest
  ansible.builtin.debug:
    msg: "{{ found.database_backups | sort(attribute='created_at') | last }}"
"""

RETURN = r"""
database_backups:
  description: The backups as M(stackway.scaleway.rdb_backup) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.rdb_backup import Backup
from ..module_utils.run import run


class BackupInfo(Info):
    resource = Backup


def main():
    run(BackupInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
