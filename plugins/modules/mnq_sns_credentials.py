#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials of topics: mnq/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mnq_sns_credentials
short_description: Manage credentials of topics
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Credentials let a client use the topics of one project and region. They are no API keys of IAM.
  - The API tells the secret key once, when the credentials are made. O(store) puts it into Secret Manager at once, so that it is
    nowhere else; O(reveal) returns it instead, or as well.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  id:
    description: ID of existing credentials, to rename them or where their name is not unique.
    type: str
  name:
    description: What the credentials are called, unique in the project.
    type: str
  permissions:
    description: What their holder may do. What is not mentioned is not permitted.
    type: dict
    suboptions:
      can_publish: {description: Whether it may publish messages to topics., type: bool}
      can_receive: {description: Whether it may subscribe to topics., type: bool}
      can_manage: {description: "Whether it may create, change and delete topics and subscriptions.", type: bool}
  store:
    description:
      - Secret that holds the credentials, as JSON with C(access_key) and C(secret_key). It is made where there is none.
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
- name: Let the worker use topics, with a key kept in Secret Manager
  stackway.scaleway.mnq_sns_credentials:
    name: worker
    permissions: {can_publish: true, can_receive: true}
    store: {path: /shop/prod, name: sns-worker}
"""

RETURN = r"""
sns_credentials:
  description: The credentials as the API returned them.
  returned: when they exist
  type: dict
  contains:
    id: {description: Their ID., type: str, returned: always, sample: ff954322-43a5-4863-a898-74668ac15476}
    access_key: {description: Their access key., type: str, returned: always, sample: pk8eWy9MpskuCSGNEVg9}
    secret_key: {description: Their secret key., type: str, returned: when they were made and O(reveal=true)}
    permissions: {description: What they permit., type: dict, returned: always}
"""

from ..module_utils.mnq import Keys, api_of
from ..module_utils.run import run


class SnsCredentials(Keys):
    api = api_of("sns")
    noun = plural = "sns_credentials"


def main():
    run(SnsCredentials, DOCUMENTATION)


if __name__ == "__main__":
    main()
