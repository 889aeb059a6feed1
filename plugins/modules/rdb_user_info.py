#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up users of a Managed Database instance: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_user_info
short_description: Look up users of a Managed Database instance
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the users of an instance. Nothing tells their passwords.
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
- name: See who can log in
  stackway.scaleway.rdb_user_info:
    instance_id: riff
  register: found
"""

RETURN = r"""
users:
  description: The users as M(stackway.scaleway.rdb_user) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.rdb_user import User
from ..module_utils.run import run


class UserInfo(Info):
    resource = User


def main():
    run(UserInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
