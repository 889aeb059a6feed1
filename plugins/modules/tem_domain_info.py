#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transactional Email domains: tem/v1alpha1, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tem_domain_info
short_description: List domains that Transactional Email sends from
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the domains of the project with their state, the records to publish and how much was sent.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  name:
    description: Only the domain of this name.
    type: str
  status:
    description: Only the domains in one of these states, such as V(checked).
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: See which domains may send
  stackway.scaleway.tem_domain_info:
    status: [checked]
  register: senders
"""

RETURN = r"""
domains:
  description: The domains as the API returned them, and the records to publish.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: ID of the domain., type: str, returned: always, sample: 9d4fd472-4b01-4a96-bb62-83712549262f}
    name: {description: Its name., type: str, returned: always, sample: mail.example.com}
    status: {description: V(checked) when it may send., type: str, returned: always, sample: checked}
    statistics: {description: How many emails were sent., type: dict, returned: always}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.tem_domain import TemDomain
from ..module_utils.run import run


class TemDomainInfo(Info):
    resource = TemDomain


def main():
    run(TemDomainInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
