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
          - V(certificate) is a JSON object with C(certificate), C(key) and C(authority), in PEM. The authority signed this certificate alone, and
            is what clients trust. It is valid for ten years.
        type: str
        choices: [password, alphanumeric, hex, base64, uuid, ssh_key, certificate]
        default: password
      length:
        description: Characters of a V(password) or V(alphanumeric), random bytes of a V(hex) or V(base64). Default is 32.
        type: int
      names:
        description: Names and addresses that a V(certificate) is for. Others need another O(rotation).
        type: list
        elements: str
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

- name: Have a key for PASETO tokens, which is 32 bytes in base64
  stackway.scaleway.secret:
    path: /shop/prod
    name: paseto-key
    generate: {kind: base64, length: 32}

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

from ..module_utils.resources.secret import Secret
from ..module_utils.run import run


def main():
    run(Secret, DOCUMENTATION)


if __name__ == "__main__":
    main()
