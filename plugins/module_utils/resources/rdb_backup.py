# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logical backups of databases: rdb/v1."""

from __future__ import annotations

from datetime import UTC, datetime

from ..errors import ResourceError
from ..rdb import INSTANCE
from ..resource import Resource
from ..values import UNKNOWN


def as_instant(value: str) -> datetime:
    found = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def instant(value: str) -> str | None:
    try:
        as_instant(value)
    except ValueError:
        return f"{value!r} is not a time such as 2030-01-01T00:00:00Z"
    return None


class Backup(Resource):
    api = "rdb.v1.RdbV1API"
    noun = "database_backup"
    key = ("instance_id", "name")
    references = {"instance_id": INSTANCE, "target_instance_id": INSTANCE}
    ready = {"ready"}
    failed = {"error", "locked"}
    immutable = {"database_name", "instance_id"}
    write_only = {"target_instance_id", "target_database_name"}
    checks = {"expires_at": instant}

    def normalise(self, option, value):
        return as_instant(value) if option == "expires_at" and value else super().normalise(option, value)

    def plan(self, current):
        changes = super().plan(current)
        if self.params.get("state") == "restored":
            changes["restored_into"] = self.options.get("target_database_name", current["database_name"])
        return changes

    def creation(self):
        if self.params.get("state") == "restored":
            raise ResourceError(f"name: {self.title()} does not exist, so that it cannot be restored", field="name")
        return self._with_instant(super().creation())

    def predict(self):
        return {"status": UNKNOWN, "size": UNKNOWN} | super().predict()

    def update(self, current, changes):
        database = changes.get("restored_into")
        if rest := {option: value for option, value in changes.items() if option != "restored_into"}:
            super().update(current, self._with_instant(rest))
            self.wait(current)
        if database:
            target = self.options.get("target_instance_id", current["instance_id"])
            self.call("restore", current, instance_id=target, database_name=database)

    def identity(self, name, record):
        """The backup alone: `instance_id` of its methods is a target, not a parent."""
        return {"database_backup_id": record["id"]} if record else {}

    @staticmethod
    def _with_instant(arguments):
        """The SDK wants a datetime."""
        expires_at = arguments.get("expires_at")
        return arguments | ({"expires_at": as_instant(expires_at)} if expires_at else {})
