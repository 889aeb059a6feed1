#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up certificates of load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_certificate_info
short_description: Look up certificates of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the certificates of a load balancer.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  lb_id:
    description: ID or name of the load balancer.
    type: str
    required: true

  name:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: See when certificates end
  stackway.scaleway.lb_certificate_info:
    lb_id: shop
  register: found
"""

RETURN = r"""
certificates:
  description: The certificates as M(stackway.scaleway.lb_certificate) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.lb_certificate import Certificate
from ..module_utils.run import run


class CertificateInfo(Info):
    resource = Certificate


def main():
    run(CertificateInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
