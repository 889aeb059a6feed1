# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources whose secret the API tells once, when they are made: kept in Secret Manager, or returned."""

from __future__ import annotations

import json
from typing import ClassVar

from .errors import ResourceError
from .resource import Resource
from .resources.secret import Secret
from .values import UNKNOWN


class ToldOnce(Resource):
    """Keeps the fields `told` as JSON in the secret of the option `store`: the first tells which resource it is about, the
    last is what must not be seen. A resource that its secret does not hold is replaced: it is lost to everybody.
    """

    told: ClassVar[tuple[str, ...]]
    write_only = {"reveal"}

    def __init__(self, client, params, **options):
        super().__init__(client, params, **options)
        self.replacement = None

    def observe(self):
        found = super().observe()
        return found and found | {"store": self.store_of(found)}

    def get(self, record):
        found = super().get(self.replacement or record)
        return found and found | {"store": self.store_of(found)}

    def secret(self, **value):
        return Secret(self.client, self.options["store"] | value, check_mode=self.check_mode)

    def store_of(self, record):
        """The option `store` if the secret that it names holds this resource, else None."""
        if "store" not in self.options:
            return None
        secret = self.secret()
        found = secret.observe()
        if found is None or found["revision"] is None:
            return None
        try:
            held = json.loads(secret.access(found))
        except ValueError:
            return None
        which = self.told[0]
        return self.options["store"] if isinstance(held, dict) and held.get(which) == record[which] else None

    def creation(self):
        if "store" not in self.options and not self.options.get("reveal"):
            raise ResourceError(
                f"store, reveal: the {self.told[-1].replace('_', ' ')} of {self.title()} is told once: "
                "name the secret to put it into (store), or have it returned (reveal: true)",
                fields=["store", "reveal"],
            )
        return super().creation()

    def create(self):
        record = super().create()
        while not record.get(self.told[-1]):  # its answer was lost on the way, and with it the secret
            self.delete(record)
            record = super().create()
        if "store" in self.options:
            secret = self.secret(value={name: record[name] for name in self.told})
            held = secret.observe()
            if held is None:
                secret.create()
            else:
                secret.update(held, {"value": secret.options["value"]})
        return record

    def update(self, current, changes):
        if "store" in changes:
            # What it told is lost: it goes first, so that a run that dies here leaves no second one.
            self.delete(current)
            self.replacement = self.create()
        elif changes:
            super().update(current, changes)

    def report(self, record):
        if record is None:
            return None
        hidden = self.told[-1]
        made = record.get(hidden) or (self.replacement or {}).get(hidden)
        record = {name: value for name, value in record.items() if name not in (hidden, "store", "reveal")}
        if self.options.get("reveal"):
            record[hidden] = UNKNOWN if record[self.id_field] == UNKNOWN else made
        return record
