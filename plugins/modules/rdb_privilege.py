#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Privileges of users on databases: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_privilege
short_description: Manage what a user may do with a database
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A permission covers what is in the database when it is set, not what is created afterwards. The API reports it as
    C(custom) once something is there that it does not cover; the next run sets it again.
  - Who creates tables owns them, whatever its permission.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  instance_id:
    description: ID or name of the instance.
    type: str
    required: true
  database_name:
    description: Name of the database, which must exist.
    type: str
    required: true
  user_name:
    description: Name of the user, which must exist.
    type: str
    required: true
  permission:
    description: What the user may do. Needed unless O(state=absent), which takes every permission away.
    type: str
    choices: [readonly, readwrite, all]
"""

EXAMPLES = r"""
- name: Let the application do everything with its database
  stackway.scaleway.rdb_privilege:
    instance_id: riff
    database_name: riff
    user_name: app
    permission: all

- name: Let reports read
  stackway.scaleway.rdb_privilege:
    instance_id: riff
    database_name: riff
    user_name: reports
    permission: readonly
"""

RETURN = r"""
privilege:
  description: The privilege as the API returned it.
  returned: when there is one
  type: dict
  contains:
    database_name: {description: Name of the database., type: str, returned: always, sample: riff}
    user_name: {description: Name of the user., type: str, returned: always, sample: app}
    permission: {description: What it may do., type: str, returned: always, sample: all}
"""

from ..module_utils.errors import ResourceError
from ..module_utils.rdb import INSTANCE
from ..module_utils.resource import Resource
from ..module_utils.run import run


class Privilege(Resource):
    api = "rdb.v1.RdbV1API"
    noun = "privilege"
    key = ("instance_id", "database_name", "user_name")
    references = {"instance_id": INSTANCE}
    methods = {"create": "set_privilege", "update": "set_privilege"}
    id_field = "user_name"

    def is_meant(self, record):
        return super().is_meant(record) and record["permission"] != "none"

    def get(self, record):
        return self.observe()  # there is no method that gets one

    def create(self):
        for option, noun in (("database_name", "database"), ("user_name", "user")):
            name, wanted = f"list_{noun}s", self.options[option]
            where = self.scope(name) | {"instance_id": self.options["instance_id"], "name": wanted}
            if wanted not in [found["name"] for found in self.client.list(self.api, name, **where)]:
                raise ResourceError(
                    f"{option}: there is no {noun} {wanted!r} on this instance (create it with rdb_{noun} first)",
                    field=option,
                )
        return super().create()

    def update(self, current, changes):
        self.set(changes["permission"])

    def delete(self, current):
        self.set("none")

    def set(self, permission):
        pair = {option: self.options[option] for option in self.key}
        self.client.call(self.api, "set_privilege", **self.scope("set_privilege"), **pair, permission=permission)


def main():
    run(Privilege, DOCUMENTATION)


if __name__ == "__main__":
    main()
