#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret Manager: secret/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret
short_description: Manage secrets and their values in Secret Manager
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A secret is known by its path and name. Its value is either given, or generated once and left alone by every later run.
  - Read values where they are needed with the lookup P(stackway.scaleway.secret#lookup); the module returns one only when asked.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  name:
    description: Name of the secret, unique in its path.
    type: str
    required: true
  path:
    description: Folder of the secret.
    type: str
    default: /
  value:
    description:
      - What the secret holds; a dictionary or list is stored as JSON.
      - A value that differs from the newest enabled version becomes a new version.
    type: raw
  generate:
    description: Make a value where the secret has none. Mutually exclusive with O(value).
    type: dict
    suboptions:
      kind:
        description:
          - V(password) has lower and upper case letters, digits and at least one of C(-_.~), as Managed Databases demand.
          - V(alphanumeric) has letters and digits only; V(hex) and V(base64) spell random bytes.
          - V(ssh_key) is an Ed25519 private key; its public key is returned.
        type: str
        choices: [password, alphanumeric, hex, base64, uuid, ssh_key]
        default: password
      length:
        description: Characters of a V(password) or V(alphanumeric), random bytes of a V(hex) or V(base64). Default is 32.
        type: int
  rotation:
    description:
      - A label for the generated value, such as V(2026-03). A label that differs from that of the newest enabled version
        makes a new value; the same label changes nothing. It is kept as the version's description.
      - For O(generate) only.
    type: str
  disable_previous:
    description: Whether a new version disables the one before it, so that it cannot be read any more.
    type: bool
    default: false
  description:
    description: What the secret is for.
    type: str
  tags:
    description: Tags of the secret.
    type: list
    elements: str
  type:
    description: What kind of value the API accepts. It cannot change on an existing secret. Default is V(opaque).
    type: str
    choices: [opaque, certificate, key_value, basic_credentials, database_credentials, ssh_key]
  protected:
    description: Whether the secret refuses to be deleted. With O(state=absent), V(false) takes the protection away first.
    type: bool
  ephemeral_policy:
    description: When versions expire, and what becomes of them.
    type: dict
    suboptions:
      time_to_live:
        description: How long a version is valid, such as V(3600s).
        type: str
      expires_once_accessed:
        description: Whether reading a version ends it. Such a value is never compared, because that would read it.
        type: bool
      action:
        description: What happens to a version that expires.
        type: str
        choices: [delete, disable]
        required: true
  key_id:
    description: Key Manager key that encrypts the versions. It cannot change on an existing secret.
    type: str
  reveal:
    description: Whether the value is returned in the clear; give the task C(no_log) then.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Have a database password, made once
  stackway.scaleway.secret:
    path: /shop/prod
    name: db-password
    generate: {kind: password, length: 40}

- name: Use it
  stackway.scaleway.rdb_user:
    instance_id: shop
    name: app
    password: "{{ lookup('stackway.scaleway.secret', 'db-password', path='/shop/prod') }}"

- name: Rotate a key each quarter by changing the label
  stackway.scaleway.secret:
    path: /shop/prod
    name: session-key
    generate: {kind: hex, length: 32}
    rotation: 2026-Q1
    disable_previous: true

- name: Keep a value that comes from elsewhere
  stackway.scaleway.secret:
    path: /shop/prod
    name: payment-token
    value: "{{ lookup('ansible.builtin.env', 'PAYMENT_TOKEN') }}"
"""

RETURN = r"""
secret:
  description: The secret as the API returned it.
  returned: when the secret exists
  type: dict
  contains:
    id: {description: ID of the secret., type: str, returned: always, sample: 9d4fd472-4b01-4a96-bb62-83712549262f}
    revision:
      description: Number of the newest enabled version, null while there is none.
      type: int
      returned: always
      sample: 1
    rotation: {description: Label of that version., type: str, returned: always, sample: 2026-Q1}
    value: {description: What that version holds., type: str, returned: when O(reveal=true)}
    public_key:
      description: Public key that belongs to the generated private key.
      type: str
      returned: when O(generate.kind=ssh_key)
"""

import base64
import json

from ..module_utils.errors import ResourceError
from ..module_utils.generate import check, generate, public_key
from ..module_utils.resource import Resource
from ..module_utils.run import run
from ..module_utils.values import UNKNOWN

VERSION_OPTIONS = ("value", "generate", "rotation")


class Secret(Resource):
    api = "secret.v1beta1.SecretV1Beta1API"
    noun = "secret"
    methods = {"access": "access_secret_version", "version": "create_secret_version"}
    key = ("path", "name")
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
        wanted = self.options.get("generate")
        if wanted and (fault := check(wanted["kind"], wanted.get("length"))):
            raise ResourceError(f"generate: {fault}", field="generate")

    def list_arguments(self):
        path = {"path": self.normalise("path", self.options["path"])} if "path" in self.options else {}
        return super().list_arguments() | {"scheduled_for_deletion": False} | path

    def get(self, record):
        found = super().get(record)
        # A deleted secret still answers for a while, for those who want it back.
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
        record = super().create()
        if self.options.keys() & {"value", "generate"}:
            self.add_version(record)
        return self.get(record)

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
            value = generate(wanted["kind"], wanted.get("length"))
        elif not isinstance(value, str):
            value = json.dumps(value, sort_keys=True)
        self.call(
            "version",
            record,
            data=base64.b64encode(value.encode()).decode(),
            description=self.options.get("rotation"),
            disable_previous=self.options.get("disable_previous") and record.get("revision") is not None,
        )

    def delete(self, current):
        if current["protected"]:
            if self.options.get("protected") is not False:
                raise ResourceError(
                    f"{self.title()} is protected: add protected: false to delete it all the same", field="protected"
                )
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


def main():
    run(Secret, DOCUMENTATION)


if __name__ == "__main__":
    main()
