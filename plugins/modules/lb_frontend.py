#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frontends of load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_frontend
short_description: Manage frontends of load balancers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A frontend is a port that a load balancer listens at, with the backend that requests go to unless a
    M(stackway.scaleway.lb_route) leads elsewhere.
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
    description: Name of the frontend, unique in the load balancer.
    type: str
    required: true
  inbound_port:
    description: Port to listen at. Needed to create.
    type: int
  backend_id:
    description: ID or name of the backend. Needed to create.
    type: str
  certificate_ids:
    description: IDs or names of the certificates, the default one first. With any, TLS is spoken.
    type: list
    elements: str
  timeout_client:
    description: Milliseconds that a client may keep silent.
    type: int
  enable_http3:
    description: Whether HTTP/3 is offered.
    type: bool
  enable_access_logs:
    description: Whether requests are logged in Cockpit.
    type: bool
  connection_rate_limit:
    description: Connections that are taken per second.
    type: int
"""

EXAMPLES = r"""
- name: Listen with TLS
  stackway.scaleway.lb_frontend:
    lb_id: shop
    name: https
    inbound_port: 443
    backend_id: api
    certificate_ids: [shop.example]
"""

RETURN = r"""
frontend:
  description: The frontend as the API returned it.
  returned: when the frontend exists
  type: dict
  contains:
    id: {description: ID of the frontend., type: str, returned: always, sample: 3781cfe7-641e-4cce-80ab-42ed1d3a463a}
    inbound_port: {description: Its port., type: int, returned: always, sample: 443}
"""

from ..module_utils.resources.lb_frontend import Frontend
from ..module_utils.run import run


def main():
    run(Frontend, DOCUMENTATION)


if __name__ == "__main__":
    main()
