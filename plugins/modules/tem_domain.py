#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transactional Email domains: tem/v1alpha1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tem_domain
short_description: Manage domains that Transactional Email sends from
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A domain may send once its SPF, DKIM and DMARC records are in the DNS. The module returns the records to publish, and with
    O(verify) waits until they are found.
  - Where the zone is at Scaleway, O(autoconfig) has the records written by Scaleway.
  - The product exists in the region V(fr-par).
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  name:
    description: The domain, such as V(example.com) or V(mail.example.com).
    type: str
    required: true
  id:
    description: ID of the domain, as an earlier task returned it.
    type: str
  autoconfig:
    description: Whether Scaleway writes the records into the domain's zone. Default is V(false) for a new domain.
    type: bool
  verify:
    description:
      - Whether the domain must be valid. The module has it checked until it is, or O(wait_timeout) is over.
      - Publish the records first, unless O(autoconfig) does.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Register the domain
  stackway.scaleway.tem_domain:
    name: mail.example.com
  register: mail

- name: Publish its records
  stackway.scaleway.domain_record:
    dns_zone: example.com
    name: "{{ item.name }}"
    type: "{{ item.type }}"
    data: "{{ item.data }}"
    exclusive: false
  loop: "{{ mail.domain.dns_records }}"

- name: Wait until it may send
  stackway.scaleway.tem_domain:
    name: mail.example.com
    id: "{{ mail.domain.id }}"
    verify: true
"""

RETURN = r"""
domain:
  description: The domain as the API returned it, and the records to publish.
  returned: when the domain exists
  type: dict
  contains:
    id: {description: ID of the domain., type: str, returned: always, sample: 9d4fd472-4b01-4a96-bb62-83712549262f}
    name: {description: Its name., type: str, returned: always, sample: mail.example.com}
    status: {description: V(checked) when it may send., type: str, returned: always, sample: checked}
    dns_records:
      description: The records to publish, as M(stackway.scaleway.domain_record) takes them, by their complete names.
      type: list
      elements: dict
      returned: always
      sample: [{kind: spf, name: mail.example.com., type: TXT, data: ["v=spf1 include:_spf.tem.scaleway.com -all"]}]
    smtp:
      description: Where to hand mail in. The password is the secret key of an API key.
      type: dict
      returned: always
      sample: {host: smtp.tem.scaleway.com, port: 587, user: 105bdce1-64c0-48ab-899d-868455867ecf}
"""

from ..module_utils.resources.tem_domain import TemDomain
from ..module_utils.run import run


def main():
    run(TemDomain, DOCUMENTATION)


if __name__ == "__main__":
    main()
