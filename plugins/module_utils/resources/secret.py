# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret Manager: secret/v1beta1."""

from __future__ import annotations

import base64
import json

from ..errors import ResourceError
from ..generate import check, generate, public_key
from ..resource import Resource
from ..values import UNKNOWN

VERSION_OPTIONS = ("value", "generate", "rotation")


class Secret(Resource):
    api = "secret.v1beta1.SecretV1Beta1API"
    noun = "secret"
    methods = {"access": "access_secret_version", "version": "create_secret_version"}
    key = ("path", "name")
    ready = {"ready"}
    failed = {"locked"}
    deleted_at_once = True  # it answers on, for those who want it back
    immutable = {"type", "key_id"}
    secrets = {"value"}
    write_only = {"generate", "disable_previous", "reveal"}
    create_with = {"protected": False}

    def normalise(self, option, value):
        if option == "path":
            return "/" + value.strip("/")
        return super().normalise(option, value)

    def check_options(self):
        super().check_options()
        if "value" in self.options and "generate" in self.options:
            raise ResourceError("value, generate: give one of them", fields=["value", "generate"])
        if "rotation" in self.options and "generate" not in self.options:
            raise ResourceError(
                "rotation: is for a generated value; a given one rotates by changing it", field="rotation"
            )
        if "path" in self.options:
            self.options["path"] = self.normalise("path", self.options["path"])
        if self.options.get("value") == "":
            raise ResourceError("value: is empty, which the API keeps no secret for", field="value")
        wanted = self.options.get("generate")
        if wanted and (fault := check(wanted["kind"], wanted.get("length"), wanted.get("names"))):
            raise ResourceError(f"generate: {fault}", field="generate")

    def title(self):
        return super().title().replace("//", "/")

    def list_arguments(self):
        return super().list_arguments() | {"scheduled_for_deletion": False}

    def get(self, record):
        found = super().get(record)
        return None if found is None or found.get("deletion_requested_at") else self.with_version(found)

    def observe(self):
        found = super().observe()
        return found if found is None or "revision" in found else self.with_version(found)

    def with_version(self, record):
        """The record with what its newest enabled version tells."""
        newest = max(self.enabled_versions(record), key=lambda version: version["revision"], default={})
        return record | {"revision": newest.get("revision"), "rotation": newest.get("description")}

    def enabled_versions(self, record):
        scope = self.scope("list_secret_versions")
        return self.client.list(self.api, "list_secret_versions", secret_id=record["id"], status=["enabled"], **scope)

    def plan(self, current):
        changes = super().plan(current)
        if current["revision"] is None:
            changes |= {option: self.options[option] for option in ("value", "generate") if option in self.options}
        elif "value" in self.options and self.is_comparable(current) and not self.holds(current):
            changes["value"] = self.options["value"]
        if changes and current.get("managed"):
            raise ResourceError(f"{self.title()} is managed by another Scaleway product: change it there")
        return changes

    def is_comparable(self, current):
        return not (current.get("ephemeral_policy") or {}).get("expires_once_accessed")

    def holds(self, current):
        held, desired = self.access(current), self.options["value"]
        if isinstance(desired, str):
            return held == desired
        try:
            return json.loads(held) == desired
        except ValueError:
            return False

    def access(self, record):
        """The text that the newest enabled version holds."""
        answer = self.call("access", record, revision=str(record["revision"]))
        return base64.b64decode(answer["data"]).decode(errors="replace")

    def create(self):
        record = self.wait(super().create(), fresh=True)  # a moment may pass until it can be read
        if self.options.keys() & {"value", "generate"}:
            self.add_version(record)
        return record

    def update(self, current, changes):
        if "protected" in changes:
            self.call("protect" if changes["protected"] else "unprotect", current)
        if changes.keys() & set(VERSION_OPTIONS):
            self.add_version(current)
        if rest := {name: value for name, value in changes.items() if name not in {"protected", *VERSION_OPTIONS}}:
            super().update(current, rest)

    def add_version(self, record):
        value = self.options.get("value")
        if value is None:
            wanted = self.options["generate"]
            value = generate(wanted["kind"], wanted.get("length"), wanted.get("names"))
        elif not isinstance(value, str):
            value = json.dumps(value, sort_keys=True)
        fields = {
            "data": base64.b64encode(value.encode()).decode(),
            "description": self.options.get("rotation"),
            "disable_previous": self.options.get("disable_previous") and record.get("revision") is not None,
        }
        known = record.get("revision") or 0
        self.client.create(
            lambda: next((version for version in self.enabled_versions(record) if version["revision"] > known), None),
            lambda: self.call("version", record, repeatable=False, **fields),
        )

    def check_removal(self, current):
        if current["protected"] and self.options.get("protected") is not False:
            raise ResourceError(
                f"{self.title()} is protected: add protected: false to delete it all the same", field="protected"
            )

    def delete(self, current):
        if current["protected"]:
            self.call("unprotect", current)
        super().delete(current)

    def report(self, record):
        if record is None:
            return None
        record = {
            name: value
            for name, value in record.items()
            if name not in {"value", "generate", "reveal", "disable_previous"}
        }
        wants_public_key = (self.options.get("generate") or {}).get("kind") == "ssh_key"
        if not (self.options.get("reveal") or wants_public_key):
            return record
        changes_value = self.check_mode and (record["id"] == UNKNOWN or self.plan(record).keys() & set(VERSION_OPTIONS))
        held = UNKNOWN if changes_value else record.get("revision") and self.access(record)
        if self.options.get("reveal"):
            record["value"] = held
        if wants_public_key:
            record["public_key"] = held if held in (None, UNKNOWN) else public_key(held)
        return record
