# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys: iam/v1alpha1."""

from __future__ import annotations

import json
from datetime import datetime

from ..errors import ResourceError
from ..resource import Reference, Resource
from ..values import UNKNOWN
from .secret import Secret


def instant(value):
    return datetime.fromisoformat(value.replace("Z", "+00:00"))


def fault(moment):
    """What is wrong with a date, or None."""
    try:
        return None if instant(moment).tzinfo else f"{moment!r} has no time zone: write it as 2030-01-01T00:00:00Z"
    except ValueError:
        return f"{moment!r} is not a date such as 2030-01-01T00:00:00Z"


class IamApiKey(Resource):
    api = "iam.v1alpha1.IamV1Alpha1API"
    noun = "api_key"
    id_field = "access_key"
    id_parameter = "access_key"
    filters = {"application_id": "bearer_id", "user_id": "bearer_id"}
    references = {
        "application_id": Reference("iam.v1alpha1.IamV1Alpha1API", "list_applications", "application"),
        "default_project_id": Reference("account.v3.AccountV3ProjectAPI", "list_projects", "project"),
    }
    immutable = {"expires_at"}
    write_only = {"reveal"}
    checks = {"expires_at": fault}

    def __init__(self, client, params, **options):
        super().__init__(client, params, **options)
        bearer = "user_id" if "user_id" in self.options else "application_id"
        self.key = (bearer, "description")
        self.replacement = None

    def check_options(self):
        super().check_options()
        if {"application_id", "user_id"} <= self.options.keys():
            raise ResourceError(
                "application_id, user_id: a key has one bearer: give one of them", fields=["application_id", "user_id"]
            )

    def normalise(self, option, value):
        if option == "expires_at" and value:
            return instant(value)
        return super().normalise(option, value)

    def observe(self):
        found = super().observe()
        return found and found | {"store": self.store_of(found)}

    def get(self, record):
        found = super().get(self.replacement or record)
        return found and found | {"store": self.store_of(found)}

    def secret(self, **value):
        return Secret(self.client, self.options["store"] | value, check_mode=self.check_mode)

    def store_of(self, key):
        """The option `store` if the secret that it names holds this key, else None."""
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
        return self.options["store"] if isinstance(held, dict) and held.get("access_key") == key["access_key"] else None

    def creation(self):
        if "store" not in self.options and not self.options.get("reveal"):
            raise ResourceError(
                f"store, reveal: the secret key of {self.title()} is told once: "
                "name the secret to put it into (store), or have it returned (reveal: true)",
                fields=["store", "reveal"],
            )
        arguments = super().creation()
        if "expires_at" in arguments:  # the SDK wants more than text here
            arguments["expires_at"] = instant(arguments["expires_at"])
        return arguments

    def create(self):
        record = super().create()
        while record["secret_key"] is None:  # its answer was lost on the way, and with it the secret
            self.delete(record)
            record = super().create()
        if "store" in self.options:
            secret = self.secret(value={name: record[name] for name in ("access_key", "secret_key")})
            held = secret.observe()
            if held is None:
                secret.create()
            else:
                secret.update(held, {"value": secret.options["value"]})
        return record

    def update(self, current, changes):
        if "store" in changes:
            # The secret of this key is lost: it goes first, so that a run that dies here leaves no second one.
            self.delete(current)
            self.replacement = self.create()
        elif changes:
            super().update(current, changes)

    def report(self, record):
        if record is None:
            return None
        made = record.get("secret_key") or (self.replacement or {}).get("secret_key")
        hidden = ("secret_key", "store", "reveal")
        record = {name: value for name, value in record.items() if name not in hidden}
        if self.options.get("reveal"):
            record["secret_key"] = UNKNOWN if record["access_key"] == UNKNOWN else made
        return record
