#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys: iam/v1alpha1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_api_key
short_description: Manage API keys of IAM applications and users
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - An API key is known by its bearer and its description.
  - The API tells the secret key once, when the key is made. O(store) puts C(access_key) and C(secret_key) into Secret Manager at once,
    so that they are nowhere else; O(reveal) returns the secret key instead, or as well.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
  - stackway.scaleway.scaleway.store
options:
  application_id:
    description: Application that the key belongs to, by name or ID. Mutually exclusive with O(user_id).
    type: str
  user_id:
    description: User that the key belongs to.
    type: str
  description:
    description: What the key is for, unique among the keys of its bearer.
    type: str
  id:
    description: Access key of an existing key, to change its description or to name it without doubt.
    type: str
  default_project_id:
    description:
      - Project that the key works in where none is named, by name or ID; Object Storage knows no other.
      - Default is the organization's default project.
    type: str
  expires_at:
    description: When the key ends to work, as V(2030-01-01T00:00:00Z). It cannot change on an existing key.
    type: str
"""

EXAMPLES = r"""
- name: Have a key for the shop, kept in Secret Manager
  stackway.scaleway.iam_api_key:
    application_id: shop
    description: object storage
    default_project_id: shop-prod
    store: {path: /shop/prod, name: s3}

- name: Use it
  ansible.builtin.template:
    src: env.j2 # S3_SECRET_KEY={{ lookup('stackway.scaleway.secret', '/shop/prod/s3', field='secret_key') }}
    dest: /srv/shop/.env
    mode: "0600"
"""

RETURN = r"""
api_key:
  description: The key as the API returned it.
  returned: when the key exists
  type: dict
  contains:
    access_key: {description: Its access key and ID., type: str, returned: always, sample: SCWABCDEFGHIJKLMNOPQ}
    secret_key: {description: Its secret key., type: str, returned: when the key was made and O(reveal=true)}
    default_project_id:
      description: Project that it works in where none is named.
      type: str
      returned: always
      sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7
"""

from ..module_utils.resources.iam_api_key import IamApiKey
from ..module_utils.run import run


def main():
    run(IamApiKey, DOCUMENTATION)


if __name__ == "__main__":
    main()
