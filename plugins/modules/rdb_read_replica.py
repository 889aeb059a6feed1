#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read replicas of Managed Database instances: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_read_replica
short_description: Manage read replicas of Managed Database instances
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A read replica follows an instance and answers queries, but takes no writes.
  - "It has no name: O(number) says which of the instance's replicas is meant, in the order in which the API lists them."
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  instance_id:
    description: ID or name of the instance.
    type: str
    required: true
  number:
    description: Which of the instance's read replicas, from 1. When one is removed, those after it move up.
    type: int
    default: 1
  direct_access:
    description: Whether it has a public endpoint. Default at creation is V(false).
    type: bool
  private_network_id:
    description: ID or name of the private network with an endpoint of the replica; an empty string for none.
    type: str
  service_ip:
    description: Address of the private endpoint with prefix length, such as V(10.8.0.11/22). Default is one chosen by IPAM.
    type: str
  same_zone:
    description: Whether it is in the zone of the instance. It cannot change on an existing replica. The API's default is V(true).
    type: bool
"""

EXAMPLES = r"""
- name: Have a replica for reports, in another zone
  stackway.scaleway.rdb_read_replica:
    instance_id: shop
    private_network_id: backend
    same_zone: false
  register: replica

- name: Show where it answers
  ansible.builtin.debug:
    msg: "{{ replica.read_replica.endpoints[0].ip }}:{{ replica.read_replica.endpoints[0].port }}"
"""

RETURN = r"""
read_replica:
  description: The read replica as the API returned it.
  returned: when the replica exists
  type: dict
  contains:
    id: {description: ID of the replica., type: str, returned: always, sample: 7f1bcd4e-1f5d-4b0e-8b6a-0f5c8f0b8a55}
    endpoints:
      description: Where it is reached; a private endpoint has C(private_network), a public one C(direct_access).
      type: list
      elements: dict
      returned: when the replica exists already
      sample: [{id: 2a2fa1f7-a8d1-4fd5-a1e3-62f14d6e3cb7, ip: 10.8.0.11, port: 5432, name: null, direct_access: {}}]
    status: {description: Status of the replica., type: str, returned: when the replica exists already, sample: ready}
"""

from ..module_utils.resources.rdb_read_replica import ReadReplica
from ..module_utils.run import run


def main():
    run(ReadReplica, DOCUMENTATION)


if __name__ == "__main__":
    main()
