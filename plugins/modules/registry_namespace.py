#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces of Container Registry: registry/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_namespace
short_description: Manage namespaces of Container Registry
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Creates, changes and removes namespaces of Container Registry, which images are pushed into.
  - Docker logs in with any user name and the secret key of an API key as the password; Scaleway's own tools write C(nologin).
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  id:
    description: ID of the namespace.
    type: str
  name:
    description: Name of the namespace, unique in the region across all organizations. It cannot change.
    type: str
  description:
    description: What the namespace is for.
    type: str
  is_public:
    description: Whether anybody may pull its images. Default is V(false).
    type: bool
"""

EXAMPLES = r"""
- name: Have a place for the shop's images
  stackway.scaleway.registry_namespace:
    name: shop-prod
    description: images of the shop
  register: registry

- name: Log in to it
  community.docker.docker_login:
    registry_url: "{{ registry.namespace.endpoint | split('/') | first }}"
    username: nologin
    password: "{{ lookup('ansible.builtin.env', 'SCW_SECRET_KEY') }}"
"""

RETURN = r"""
namespace:
  description: The namespace as the API returned it.
  returned: when the namespace exists
  type: dict
  contains:
    id: {description: ID of the namespace., type: str, returned: always, sample: c2914c11-bd01-4416-9a48-7b259e741468}
    endpoint: {description: What names of images start with., type: str, returned: always, sample: rg.fr-par.scw.cloud/shop-prod}
    size: {description: Bytes of all images., type: int, returned: always, sample: 27020587}
    image_count: {description: Number of images., type: int, returned: always, sample: 2}
"""

from ..module_utils.resources.registry_namespace import RegistryNamespace
from ..module_utils.run import run


def main():
    run(RegistryNamespace, DOCUMENTATION)


if __name__ == "__main__":
    main()
