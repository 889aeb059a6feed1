# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of secrets, read from Secret Manager where they are used."""

from __future__ import annotations

DOCUMENTATION = r"""
name: secret
short_description: Read secrets from Secret Manager
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Returns the text that a version of each secret holds.
  - A task reads a secret once, however often its templates refer to it.
  - Credentials come from the variable C(scaleway_credentials), a dictionary of the options below, where the lookup is not given others. The
    playbooks of this collection hand the same variable to the modules.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  _terms:
    description: Secrets, each by its name, or by its path and name such as V(/shop/prod/db-password).
    required: true
  path:
    description: Folder of the secrets that are given by name alone.
    type: str
    default: /
  revision:
    description: Number of the version to read, V(latest), or V(latest_enabled).
    type: str
    default: latest_enabled
  field:
    description: Of a secret that holds a JSON object, the value under this key.
    type: str
  default:
    description: What to return where the secret, or a version of it, does not exist. Without it, that is an error.
    type: str
  planned:
    description:
      - The secret is one that the same run makes. In check mode, where it cannot exist yet, C((known after apply)) is returned; likewise
        in tasks with a true variable C(stack_look_up), as which the playbooks of this collection mark those that they run in check mode.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Give the application its password
  stackway.scaleway.rdb_user:
    instance_id: shop
    name: app
    password: "{{ lookup('stackway.scaleway.secret', 'db-password', path='/shop/prod') }}"

- name: Also on an empty account in check mode
  ansible.builtin.set_fact:
    session_key: "{{ lookup('stackway.scaleway.secret', '/shop/prod/session-key', planned=true) }}"
  no_log: true

- name: Two values of one secret
  ansible.builtin.set_fact:
    s3_access_key: "{{ lookup('stackway.scaleway.secret', '/shop/prod/s3', field='access_key') }}"
    s3_secret_key: "{{ lookup('stackway.scaleway.secret', '/shop/prod/s3', field='secret_key') }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: One text for each secret.
  type: list
  elements: str
"""

import base64
import json

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils.errors import ApiError, StackwayError
from ..module_utils.values import UNKNOWN
from ..plugin_utils import lookup_client

API = "secret.v1beta1.SecretV1Beta1API"
_read: dict[tuple, str] = {}


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        client = lookup_client.client(self, variables, kwargs)
        try:
            return [self.value(client, term, variables or {}) for term in terms]
        except StackwayError as error:
            raise AnsibleLookupError(str(error)) from error

    def value(self, client, term, variables):
        folder, _slash, name = term.rpartition("/") if "/" in term else (self.get_option("path"), "/", term)
        folder = "/" + folder.strip("/")
        try:
            text = self.read(client, folder, name)
        except ApiError as error:
            if error.status != 404:
                raise
            if self.get_option("default") is not None:
                return self.get_option("default")
            # Ansible tells a lookup of a run in check mode, but not of a task; the playbooks of this collection do.
            check_mode = variables.get("ansible_check_mode") or variables.get("stack_look_up")
            if self.get_option("planned") and check_mode:
                return UNKNOWN
            raise AnsibleLookupError(self.absence(client, folder, name, check_mode)) from error
        return text if self.get_option("field") is None else self.field(text, f"{folder.rstrip('/')}/{name}")

    def read(self, client, folder, name):
        credentials, revision = client.credentials, self.get_option("revision")
        key = (credentials.api_url, credentials.region, credentials.project_id, folder, name, revision)
        if key not in _read:
            answer = client.call(
                API,
                "access_secret_version_by_path",
                secret_path=folder,
                secret_name=name,
                revision=revision,
                region=credentials.region,
                project_id=credentials.project_id,
            )
            _read[key] = base64.b64decode(answer["data"]).decode()
        return _read[key]

    def field(self, text, title):
        wanted = self.get_option("field")
        try:
            return json.loads(text)[wanted]
        except (ValueError, KeyError, TypeError) as error:
            raise AnsibleLookupError(f"field: secret {title} holds no JSON object with a key {wanted!r}") from error

    def absence(self, client, folder, name, check_mode):
        """What is missing, and what there is instead."""
        credentials = client.credentials
        found = client.list(
            API,
            "list_secrets",
            scheduled_for_deletion=False,
            region=credentials.region,
            project_id=credentials.project_id,
            name=name,
        )
        where = f"region {credentials.region}, project {credentials.project_id}"
        folders = sorted(secret["path"] for secret in found)
        if folder in folders:
            return f"secret {name} in {folder} has no version {self.get_option('revision')} ({where}): give it a value first"
        hint = f"; there is one in {', '.join(folders)}" if folders else ": create it with stackway.scaleway.secret"
        if check_mode:
            hint += ", or look it up with planned=true where the run itself makes it"
        return f"secret {name} does not exist in {folder} ({where}){hint}"
