# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens for private containers: containers/v1beta1, which is the only version that has them."""

from __future__ import annotations

import json

from ..containers import CONTAINER, NAMESPACE
from ..errors import ResourceError
from ..resource import Resource
from ..values import UNKNOWN
from .iam_api_key import fault, instant
from .secret import Secret


class ContainerToken(Resource):
    api = "container.v1beta1.ContainerV1Beta1API"
    noun = "token"
    references = {"container_id": CONTAINER, "namespace_id": NAMESPACE}
    ready = {"ready"}
    failed = {"error"}
    immutable = {"expires_at"}
    write_only = {"reveal"}
    checks = {"expires_at": fault}

    def __init__(self, client, params, **options):
        super().__init__(client, params, **options)
        scope = "container_id" if "container_id" in self.options else "namespace_id"
        self.key = (scope, "description")
        self.made = None

    def check_options(self):
        super().check_options()
        if {"container_id", "namespace_id"} <= self.options.keys():
            raise ResourceError(
                "container_id, namespace_id: a token is for one of them", fields=["container_id", "namespace_id"]
            )

    def normalise(self, option, value):
        return instant(value) if option == "expires_at" and value else super().normalise(option, value)

    def observe(self):
        found = super().observe()
        return found and found | {"store": self.store_of(found)}

    def get(self, record):
        found = super().get(self.made or record)
        return found and found | {"store": self.store_of(found)}

    def secret(self, **value):
        return Secret(self.client, self.options["store"] | value, check_mode=self.check_mode)

    def store_of(self, token):
        """The option `store` if the secret that it names holds this token, else None."""
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
        return self.options["store"] if isinstance(held, dict) and held.get("id") == token["id"] else None

    def creation(self):
        if "store" not in self.options and not self.options.get("reveal"):
            raise ResourceError(
                f"store, reveal: {self.title()} is told once: name the secret to put it into (store), or have it returned "
                "(reveal: true)",
                fields=["store", "reveal"],
            )
        arguments = super().creation()
        if "expires_at" in arguments:  # the SDK wants more than text here
            arguments["expires_at"] = instant(arguments["expires_at"])
        return arguments

    def create(self):
        record = super().create()
        while record["token"].startswith("<"):  # its answer was lost on the way, and with it the token
            self.delete(record)
            record = super().create()
        self.made = record
        if "store" in self.options:
            secret = self.secret(value={name: record[name] for name in ("id", "token")})
            held = secret.observe()
            if held is None:
                secret.create()
            else:
                secret.update(held, {"value": secret.options["value"]})
        return record

    def update(self, current, changes):
        """Only what is stored can differ: the secret of this token is lost, so that another takes its place."""
        self.delete(current)
        self.create()

    def report(self, record):
        if record is None:
            return None
        record = {
            name: value for name, value in record.items() if name not in ("token", "store", "reveal", "public_key")
        }
        if self.options.get("reveal"):
            record["token"] = UNKNOWN if record["id"] == UNKNOWN else (self.made or {}).get("token")
        return record
