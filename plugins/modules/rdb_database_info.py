#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up databases of a Managed Database instance: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_database_info
short_description: Look up databases of a Managed Database instance
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the databases of an instance, with owners and sizes.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  instance_id:
    description: ID or name of the instance.
    type: str
    required: true
  name:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: See how large the databases are
  stackway.scaleway.rdb_database_info:
    instance_id: riff
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ found.databases | items2dict(key_name='name', value_name='size') }}"
"""

RETURN = r"""
databases:
  description: The databases as M(stackway.scaleway.rdb_database) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.rdb_database import Database
from ..module_utils.run import run


class DatabaseInfo(Info):
    resource = Database


def main():
    run(DatabaseInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
