#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up images in Container Registry: registry/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_image_info
short_description: Look up images in Container Registry
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the images of a registry namespace with their tags, and the digests that the tags lead to.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  namespace_id:
    description: ID or name of the registry namespace.
    type: str
    required: true
  name:
    description: Exact name of the image, without the namespace.
    type: str
"""

EXAMPLES = r"""
- name: See which versions of the shop there are
  stackway.scaleway.registry_image_info:
    namespace_id: shop-prod
    name: web
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ found.images[0].digests }}"
"""

RETURN = r"""
images:
  description: The images; an empty list where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: ID of the image., type: str, returned: always}
    name: {description: Name of the image., type: str, returned: always, sample: web}
    size: {description: Bytes of its layers., type: int, returned: always}
    tags: {description: Names of its tags., type: list, elements: str, returned: always}
    digests: {description: What each tag leads to., type: dict, returned: always, sample: {"1.0": "sha256:9b2a…"}}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.registry_image import RegistryImage
from ..module_utils.run import run


class RegistryImageInfo(Info):
    resource = RegistryImage

    @classmethod
    def look_up(cls, client, params):
        found = super().look_up(client, params)
        return [image | {"digests": cls.digests(client, image)} for image in found]

    @staticmethod
    def digests(client, image):
        region = client.credentials.region
        tags = client.list(RegistryImage.api, "list_tags", region=region, image_id=image["id"])
        return {tag["name"]: tag["digest"] for tag in tags}


def main():
    run(RegistryImageInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
