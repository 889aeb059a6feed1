#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS zones: domain/v2beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: domain_zone
short_description: Manage DNS zones
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A zone is known by its name; the domain above it has to be registered at Scaleway, or delegated to it.
  - What a zone holds is the business of M(stackway.scaleway.domain_record) and M(stackway.scaleway.domain_records).
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.state
options:
  domain:
    description: The domain, such as V(example.com).
    type: str
    required: true
  subdomain:
    description:
      - The part of the zone's name in front of the domain, such as V(staging). Empty for the domain's root zone.
      - The root zone comes and goes with the domain, so that O(state=absent) leaves it alone.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Have a zone for staging
  stackway.scaleway.domain_zone:
    domain: example.com
    subdomain: staging
  register: staging

- name: Put a record into it
  stackway.scaleway.domain_record:
    dns_zone: "{{ staging.dns_zone.name }}"
    name: www
    type: A
    data: [192.0.2.1]
"""

RETURN = r"""
dns_zone:
  description: The zone as the API returned it, and its name.
  returned: when the zone exists
  type: dict
  contains:
    name: {description: Name of the zone., type: str, returned: always, sample: staging.example.com}
    domain: {description: The domain it is a part of., type: str, returned: always, sample: example.com}
    subdomain: {description: Its name below the domain., type: str, returned: always, sample: staging}
    ns: {description: Its name servers., type: list, elements: str, returned: always, sample: [ns0.dom.scw.cloud, ns1.dom.scw.cloud]}
    status: {description: State of the zone., type: str, returned: always, sample: active}
"""

from ..module_utils.resources.domain_zone import DomainZone
from ..module_utils.run import run


def main():
    run(DomainZone, DOCUMENTATION)


if __name__ == "__main__":
    main()
