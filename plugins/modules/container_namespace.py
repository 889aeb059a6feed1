#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces of Serverless Containers: containers/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_namespace
short_description: Manage namespaces of Serverless Containers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Creates, changes and removes namespaces of Serverless Containers. Removing one removes the containers in it.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  id:
    description: ID of the namespace, where its name is not unique.
    type: str
  name:
    description: Name of the namespace. It cannot change.
    type: str
  description:
    description: What the namespace is for.
    type: str
  environment_variables:
    description: Environment variables, completely; an empty dictionary removes them all.
    type: dict
  secret_environment_variables:
    description:
      - Environment variables whose values the API keeps to itself, completely; an empty dictionary removes them all.
      - The API tells hashes (Argon2id), against which the values are compared; a value that is unchanged is not sent again.
      - Comparing them takes half a second of processor time each, and the Python library C(cryptography), 45 or later.
    type: dict
  tags:
    description: Tags of the namespace.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have a namespace whose containers know which environment they are in
  stackway.scaleway.container_namespace:
    name: shop-prod
    environment_variables: {ENVIRONMENT: prod}
    secret_environment_variables:
      DATABASE_URL: "{{ database_url }}"
"""

RETURN = r"""
namespace:
  description: The namespace as the API returned it, secrets as hashes.
  returned: when the namespace exists
  type: dict
  contains:
    id: {description: ID of the namespace., type: str, returned: always, sample: ba55c9db-935b-44dc-b94f-437d8734b9f8}
    status: {description: Status of the namespace., type: str, returned: always, sample: ready}
"""

from ..module_utils.resources.container_namespace import ContainerNamespace
from ..module_utils.run import run


def main():
    run(ContainerNamespace, DOCUMENTATION)


if __name__ == "__main__":
    main()
