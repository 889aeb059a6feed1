#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_certificate
short_description: Manage certificates of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A certificate of Let's Encrypt, or one of your own. Frontends name those that they show.
  - A certificate cannot change. For another one take another name, give it to the frontends, and remove the first.
  - One that could not be issued is made again by the next run.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
options:
  lb_id:
    description: ID or name of the load balancer.
    type: str
    required: true

  name:
    description: Name of the certificate, unique in the load balancer.
    type: str
    required: true
  letsencrypt:
    description: Has Let's Encrypt issue it. Every name has to lead to the load balancer's address by then.
    type: dict
    suboptions:
      common_name: {description: The first name., type: str, required: true}
      subject_alternative_name: {description: Further names., type: list, elements: str, default: []}
  certificate_chain:
    description: A private key, its certificate and the certificates above that, in PEM.
    type: str
"""

EXAMPLES = r"""
- name: Have a certificate of Let's Encrypt
  stackway.scaleway.lb_certificate:
    lb_id: shop
    name: shop.example
    letsencrypt:
      common_name: shop.example
      subject_alternative_name: [www.shop.example]
"""

RETURN = r"""
certificate:
  description: The certificate as the API returned it; nothing tells its key.
  returned: when the certificate exists
  type: dict
  contains:
    id: {description: ID of the certificate., type: str, returned: always, sample: 623ef97e-32c0-472d-ae56-4d66c1bc9037}
    status: {description: Its state., type: str, returned: always, sample: ready}
    not_valid_after: {description: When it ends., type: str, returned: always, sample: "2026-10-19T09:20:46Z"}
"""

from ..module_utils.resources.lb_certificate import Certificate
from ..module_utils.run import run


def main():
    run(Certificate, DOCUMENTATION)


if __name__ == "__main__":
    main()
