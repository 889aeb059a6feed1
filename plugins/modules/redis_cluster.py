#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed Redis clusters: redis/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_cluster
short_description: Manage Managed Redis clusters
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Creates, changes and removes clusters of Managed Database for Redis. One node stands alone, two are a main and a standby
    node, three and more share the keys (cluster mode).
  - Each change waits for the one before it, since the API wants one at a time.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of the cluster, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the cluster.
    type: str
  version:
    description:
      - Version of Redis, or its beginning such as V(8), which takes the newest and stays at what it took. Needed to create a cluster.
      - It changes in place, upwards only.
    type: str
  node_type:
    description: Node type, such as V(RED1-micro). Needed to create a cluster; it changes in place.
    type: str
  cluster_size:
    description: Number of nodes. Three and more can become more; anything else wants a new cluster. Default is V(1).
    type: int
  user_name:
    description: The user. Needed to create a cluster.
    type: str
  password:
    description:
      - The user's password. The API never tells it, so that it is sent at creation and together with another O(user_name) only.
    type: str
  tls_enabled:
    description: Whether clients speak TLS. It cannot change on an existing cluster. Default is V(false).
    type: bool
  cluster_settings:
    description: Settings of Redis and their values. Those not mentioned are left alone; null puts one back to its default.
    type: dict
  acl_rules:
    description:
      - Who may reach the public endpoint, completely. An empty list lets everybody in, as does a new cluster.
    type: list
    elements: dict
    suboptions:
      ip_cidr: {description: "Network, such as V(192.0.2.0/24).", type: str, required: true}
      description: {description: Who that is., type: str}
  public_network:
    description: Whether there is a public endpoint. Default at creation is V(true) without O(private_network_id), else V(false).
    type: bool
  private_network_id:
    description: ID or name of the private network with an endpoint of the cluster; an empty string for none.
    type: str
  service_ips:
    description: Addresses there with prefix length, one per node, such as V(10.8.0.20/22). Default is what IPAM chooses.
    type: list
    elements: str
  tags:
    description: Tags of the cluster.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have a cache that only the private network reaches
  stackway.scaleway.redis_cluster:
    name: shop
    version: "8"
    node_type: RED1-micro
    user_name: shop
    password: "{{ lookup('stackway.scaleway.secret', '/shop/prod/redis-password') }}"
    tls_enabled: true
    private_network_id: backend
    cluster_settings: {maxmemory-policy: allkeys-lru}

- name: Let the office in by a public endpoint
  stackway.scaleway.redis_cluster:
    name: shop-test
    version: "8"
    node_type: RED1-micro
    user_name: shop
    password: "{{ lookup('stackway.scaleway.secret', '/shop/test/redis-password') }}"
    tls_enabled: true
    acl_rules:
      - {ip_cidr: 192.0.2.0/24, description: office}
"""

RETURN = r"""
cluster:
  description: The cluster as the API returned it, its settings as a dictionary.
  returned: when the cluster exists
  type: dict
  contains:
    id: {description: ID of the cluster., type: str, returned: always, sample: 8ec61975-30bc-4d26-a234-a4cfd330e50c}
    endpoints:
      description: All endpoints; a private one has C(private_network).
      type: list
      elements: dict
      returned: always
      sample: [{id: 7c1ff986-a61f-4278-95c8-1ac60b6b2ec1, ips: [51.15.236.247], port: 6379, public_network: {}}]
    status: {description: Status of the cluster., type: str, returned: always, sample: ready}
    version: {description: Version of Redis., type: str, returned: always, sample: 8.6.3}
"""

from ..module_utils.resources.redis_cluster import Cluster
from ..module_utils.run import run


def main():
    run(Cluster, DOCUMENTATION)


if __name__ == "__main__":
    main()
