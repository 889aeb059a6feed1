#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of a Managed Database instance: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_user
short_description: Manage users of a Managed Database instance
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A new user may do nothing yet; M(stackway.scaleway.rdb_privilege) gives it permissions on databases.
  - The API never tells a password, so that it cannot be compared with what a user has. O(update_password) says what to do.
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
    description: Name of the user. It starts with a letter and not with C(_rdb).
    type: str
    required: true
  password:
    description:
      - Password of 8 to 128 characters with a digit, an upper-case, a lower-case and a special character.
      - Needed to create a user.
    type: str
  is_admin:
    description: Whether the user may create databases and other users. Default is V(false).
    type: bool
  update_password:
    description:
      - V(on_create) sets O(password) for a new user only.
      - V(always) logs in with it at the instance's public endpoint, and sets it if that is refused. Where no endpoint can be
        reached from here, or C(psycopg2) is missing, nothing can be told, and the password is set by every run.
    type: str
    choices: [on_create, always]
    default: on_create
"""

EXAMPLES = r"""
- name: Have a user for the application
  stackway.scaleway.rdb_user:
    instance_id: riff
    name: app
    password: "{{ lookup('stackway.scaleway.secret', 'db-password', path='/riff') }}"

- name: Follow a password that was rotated in Secret Manager
  stackway.scaleway.rdb_user:
    instance_id: riff
    name: app
    password: "{{ lookup('stackway.scaleway.secret', 'db-password', path='/riff') }}"
    update_password: always
"""

RETURN = r"""
user:
  description: The user as the API returned it.
  returned: when the user exists
  type: dict
  contains:
    name: {description: Name of the user., type: str, returned: always, sample: app}
    is_admin: {description: Whether it is an admin., type: bool, returned: always, sample: false}
"""

from ..module_utils.resources.rdb_user import User
from ..module_utils.run import run


def main():
    run(User, DOCUMENTATION)


if __name__ == "__main__":
    main()
