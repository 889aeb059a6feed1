#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS zones: domain/v2beta1, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: domain_zone_info
short_description: List DNS zones
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the DNS zones of the project, with their name servers and their state.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
options:
  domain:
    description: Only the zones of this domain.
    type: str
  subdomain:
    description: Only the zone of this name below its domain; empty for root zones.
    type: str
"""

EXAMPLES = r"""
- name: See which zones there are below a domain
  stackway.scaleway.domain_zone_info:
    domain: example.com
  register: zones
"""

RETURN = r"""
dns_zones:
  description: The zones as the API returned them, and their names.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the zone., type: str, returned: always, sample: staging.example.com}
    status: {description: State of the zone., type: str, returned: always, sample: active}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.domain_zone import DomainZone
from ..module_utils.run import run


class DomainZoneInfo(Info):
    resource = DomainZone


def main():
    run(DomainZoneInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
