#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications: iam/v1alpha1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_application
short_description: Manage IAM applications
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - An application is a program that has API keys. What it may do is said by the policies it is the principal of.
  - An application is known by its name in the organization. Deleting one deletes its API keys.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.state
options:
  name:
    description: Name of the application, unique in the organization.
    type: str
  id:
    description: ID of an existing application, to rename it or to name it without doubt.
    type: str
  description:
    description: What the application is.
    type: str
  tags:
    description: Tags of the application.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have an identity for the shop
  stackway.scaleway.iam_application:
    name: shop
    tags: [prod]
"""

RETURN = r"""
application:
  description: The application as the API returned it.
  returned: when the application exists
  type: dict
  contains:
    id: {description: ID of the application., type: str, returned: always, sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7}
    nb_api_keys: {description: How many API keys it has., type: int, returned: always, sample: 1}
"""

from ..module_utils.resources.iam_application import IamApplication
from ..module_utils.run import run


def main():
    run(IamApplication, DOCUMENTATION)


if __name__ == "__main__":
    main()
