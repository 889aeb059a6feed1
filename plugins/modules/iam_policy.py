#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies: iam/v1alpha1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_policy
short_description: Manage IAM policies and their rules
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A policy says what one principal may do, by rules. It is known by its name in the organization.
  - The rules given are all its rules; their order, and that of the names in them, means nothing.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.state
options:
  name:
    description: Name of the policy, unique in the organization.
    type: str
  id:
    description: ID of an existing policy, to rename it or to name it without doubt.
    type: str
  description:
    description: What the policy is for.
    type: str
  tags:
    description: Tags of the policy.
    type: list
    elements: str
  application_id:
    description: Application that it is for, by name or ID. Mutually exclusive with the other principals.
    type: str
  group_id:
    description: Group that it is for, by name or ID.
    type: str
  user_id:
    description: User that it is for.
    type: str
  no_principal:
    description: Whether it is for nobody yet.
    type: bool
  rules:
    description: What is allowed. An empty list allows nothing.
    type: list
    elements: dict
    suboptions:
      permission_set_names:
        description: Names of permission sets, such as V(ObjectStorageFullAccess).
        type: list
        elements: str
        required: true
      project_ids:
        description: Projects where it is allowed, by name or ID. Mutually exclusive with O(rules[].organization_id).
        type: list
        elements: str
      organization_id:
        description:
          - ID of the organization, for all of its projects and for permission sets that concern the organization itself.
        type: str
      condition:
        description: Expression that a request has to fulfil.
        type: str
"""

EXAMPLES = r"""
- name: Let the shop use its bucket and send mail
  stackway.scaleway.iam_policy:
    name: shop
    application_id: shop
    rules:
      - permission_set_names: [ObjectStorageFullAccess, TransactionalEmailEmailFullAccess]
        project_ids: [shop]
"""

RETURN = r"""
policy:
  description: The policy as the API returned it, with its rules.
  returned: when the policy exists
  type: dict
  contains:
    id: {description: ID of the policy., type: str, returned: always, sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7}
    rules: {description: Its rules., type: list, elements: dict, returned: always}
"""

from ..module_utils.resources.iam_policy import IamPolicy
from ..module_utils.run import run


def main():
    run(IamPolicy, DOCUMENTATION)


if __name__ == "__main__":
    main()
