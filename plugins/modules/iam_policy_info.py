#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies: iam/v1alpha1, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_policy_info
short_description: List IAM policies
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - List IAM policies.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
options:
  name:
    description: Only the policy of this name.
    type: str
  id:
    description: Only the policy with this ID.
    type: str
  application_ids:
    description: Only policies for one of these applications.
    type: list
    elements: str
  group_ids:
    description: Only policies for one of these groups.
    type: list
    elements: str
  tag:
    description: Only policies with this tag.
    type: str
"""

EXAMPLES = r"""
- name: See what the shop may do
  stackway.scaleway.iam_policy_info:
    name: shop
  register: allowed
"""

RETURN = r"""
policies:
  description: What was found, as the API returned it.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: ID of the policy., type: str, returned: always, sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7}
    name: {description: Name of the policy., type: str, returned: always, sample: shop}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.iam_policy import IamPolicy
from ..module_utils.run import run


class IamPolicyInfo(Info):
    resource = IamPolicy


def main():
    run(IamPolicyInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
