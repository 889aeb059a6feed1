#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials of NATS users: mnq/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mnq_nats_credentials
short_description: Manage credentials of NATS users
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - The holder of credentials may do everything in their account.
  - The API tells the file once, when the credentials are made. O(store) puts it into Secret Manager at once, so that it is
    nowhere else; O(reveal) returns it instead, or as well.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  id:
    description: ID of existing credentials, where their name is not unique.
    type: str
  nats_account_id:
    description: Account that they are for, by name or ID.
    type: str
    required: true
  name:
    description: What the credentials are called, unique in their account.
    type: str
  store:
    description:
      - Secret that holds the credentials, as JSON with C(id) and C(content), the text of a C(.creds) file. It is made where there is none.
      - Where the secret does not hold these credentials (a run died before they were stored, or somebody deleted it), they are lost
        to everybody and are replaced by new ones.
    type: dict
    suboptions:
      name:
        description: Name of the secret.
        type: str
        required: true
      path:
        description: Folder of the secret.
        type: str
        default: /
  reveal:
    description: Whether credentials that were made are returned with their secret in the clear; give the task C(no_log) then.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Let the worker use NATS, with a file kept in Secret Manager
  stackway.scaleway.mnq_nats_credentials:
    nats_account_id: shop
    name: worker
    store: {path: /shop/prod, name: nats-worker}

- name: Give the worker the file
  ansible.builtin.copy:
    content: "{{ lookup('stackway.scaleway.secret', '/shop/prod/nats-worker', field='content') }}"
    dest: /srv/shop/user.creds
    mode: "0600"
"""

RETURN = r"""
nats_credentials:
  description: The credentials as the API returned them.
  returned: when they exist
  type: dict
  contains:
    id: {description: Their ID., type: str, returned: always, sample: e759e709-16c5-4a3f-b616-ac1ea1e1f0ee}
    content: {description: Text of the C(.creds) file., type: str, returned: when they were made and O(reveal=true)}
"""

import re

from ..module_utils.resource import Reference
from ..module_utils.run import run
from ..module_utils.told_once import ToldOnce

ACCOUNT = re.compile("A[A-Z2-7]{55}")


class NatsCredentials(ToldOnce):
    api = "mnq.v1beta1.MnqV1Beta1NatsAPI"
    noun = plural = "nats_credentials"
    key = ("nats_account_id", "name")
    told = ("id", "content")
    references = {"nats_account_id": Reference(api, "list_nats_accounts", "NATS account")}

    def resolve(self, option, reference, value):
        return value if ACCOUNT.fullmatch(value) else super().resolve(option, reference, value)

    def read(self, answer):
        """The file is in the answer to the creation only."""
        file = answer.get("credentials") or {}
        return {name: value for name, value in answer.items() if name != "credentials"} | {
            "content": file.get("content")
        }


def main():
    run(NatsCredentials, DOCUMENTATION)


if __name__ == "__main__":
    main()
