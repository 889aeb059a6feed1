#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up backends of load balancers: lb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lb_backend_info
short_description: Look up backends of load balancers, and how their servers are
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the backends of a load balancer, with what its health checks say of their servers.
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
- name: Wait until every server can serve
  stackway.scaleway.lb_backend_info:
    lb_id: shop
    name: api
  register: found
  until: found.backends[0].servers.values() | map(attribute='last_health_check_status') | unique == ['passed']
"""

RETURN = r"""
backends:
  description:
    - The backends as M(stackway.scaleway.lb_backend) returns one; an empty list where there is none.
    - In C(servers), C(server_state), C(last_health_check_status) and C(server_state_changed_at) by address.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.lb_backend import Backend
from ..module_utils.run import run


class BackendInfo(Info):
    resource = Backend

    @classmethod
    def look_up(cls, client, params):
        backend = cls.resource(client, params)
        return [found | {"servers": backend.health(found)} for found in super().look_up(client, params)]


def main():
    run(BackendInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
