# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of a Managed Database instance: rdb/v1."""

from __future__ import annotations

import base64
import tempfile

try:
    import psycopg2
except ImportError:  # then no login can be tried: see update_password
    psycopg2 = None

from ..rdb import INSTANCE, password, user_name
from ..resource import Resource

LOGIN_SECONDS = 5


class User(Resource):
    api = "rdb.v1.RdbV1API"
    noun = "user"
    key = ("instance_id", "name")
    references = {"instance_id": INSTANCE}
    id_field = id_parameter = "name"
    secrets = {"password"}
    write_only = {"update_password"}
    create_with = {"is_admin": False}
    checks = {"name": user_name, "password": password}

    def get(self, record):
        return self.observe()  # there is no method that gets one

    def plan(self, current):
        changes = super().plan(current)
        wanted = self.options.get("password")
        if wanted and self.params["update_password"] == "always" and not self.accepted(wanted):
            changes["password"] = wanted
        return changes

    def accepted(self, wanted):
        """Whether the server lets the user in with this password. No answer from it counts as no."""
        name = "get_instance"
        where = self.scope(name) | {"instance_id": self.options["instance_id"]}
        endpoint = self.client.call(self.api, name, **where).get("endpoint")
        if psycopg2 is None or not endpoint:
            return False
        answer = self.client.call(self.api, "get_instance_certificate", **where)
        with tempfile.NamedTemporaryFile(suffix=".pem") as certificate:
            certificate.write(base64.b64decode(answer["content"]))
            certificate.flush()
            try:
                psycopg2.connect(
                    host=endpoint["ip"],
                    port=endpoint["port"],
                    dbname="rdb",
                    user=self.options["name"],
                    password=wanted,
                    sslmode="verify-ca",
                    sslrootcert=certificate.name,
                    connect_timeout=LOGIN_SECONDS,
                ).close()
            except psycopg2.OperationalError as error:
                # a right password is told before a missing database or permission
                return "does not have CONNECT privilege" in str(error) or "does not exist" in str(error)
        return True
