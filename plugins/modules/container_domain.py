#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains of Serverless Containers: containers/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_domain
short_description: Manage domains of Serverless Containers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lets a domain name lead to a container, with a certificate that the API gets.
  - The name needs a CNAME record that leads to the host of the container's C(public_endpoint).
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of the domain.
    type: str
  container_id:
    description: ID or name of the container.
    type: str
  namespace_id:
    description: ID or name of the container's namespace, where a name alone does not tell which container is meant.
    type: str
  hostname:
    description: The name.
    type: str
  dns_timeout:
    description: Seconds to wait until the API sees the CNAME record.
    type: int
    default: 60
  tags:
    description: Tags of the domain.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Let the name lead to the container
  stackway.scaleway.domain_record:
    dns_zone: example.com
    name: shop
    type: CNAME
    data: ["{{ web.container.public_endpoint | urlsplit('hostname') }}."]

- name: Have the container answer by it
  stackway.scaleway.container_domain:
    container_id: web
    hostname: shop.example.com
"""

RETURN = r"""
domain:
  description: The domain as the API returned it.
  returned: when the domain exists
  type: dict
  contains:
    id: {description: ID of the domain., type: str, returned: always}
    hostname: {description: The name., type: str, returned: always, sample: shop.example.com}
    status: {description: Status of the domain., type: str, returned: always, sample: ready}
"""

from ..module_utils.resources.container_domain import ContainerDomain
from ..module_utils.run import run


def main():
    run(ContainerDomain, DOCUMENTATION)


if __name__ == "__main__":
    main()
