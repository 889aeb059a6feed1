#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed Database instances: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_instance
short_description: Manage Managed Database instances
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Creates, changes and removes instances of Managed Database for PostgreSQL and MySQL.
  - What the API does not take at creation (settings, backup schedule, logs policy) is set as soon as the instance is ready.
    Each change waits for the one before it, since the API wants one at a time.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of the instance, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the instance.
    type: str
  engine:
    description:
      - Engine and major version, such as V(PostgreSQL-17). Needed to create an instance.
      - It cannot change on an existing instance. Back the databases up and restore them into a new instance.
    type: str
  node_type:
    description: Node type, such as V(DB-DEV-S). Needed to create an instance; changes in place, settings stay as they are.
    type: str
  user_name:
    description: First user, an admin with all permissions on the database C(rdb). Used at creation only.
    type: str
  password:
    description:
      - Password of the first user, of 8 to 128 characters with a digit, an upper-case, a lower-case and a special character.
      - Used at creation only. M(stackway.scaleway.rdb_user) changes it later.
    type: str
  is_ha_cluster:
    description: Whether a standby node takes over when the first fails. It can be added, not taken away. Default is V(false).
    type: bool
  volume_type:
    description: Storage of the data; V(lssd) is local, with the size that the node type has. Default is V(lssd).
    type: str
    choices: [lssd, sbs_5k, sbs_15k]
  volume_size:
    description: Size of a V(sbs_5k) or V(sbs_15k) volume in bytes, a multiple of 5 GB. It grows, never shrinks.
    type: int
  settings:
    description:
      - Settings of the engine and their values. Those not mentioned are left alone; null puts one back to its default.
      - Some come into force with a restart. Whether the service does it by itself is not evidenced; the sandbox does.
      - Logical replication wants C(rdb.enable_logical_replication), C(hot_standby_feedback) and C(sync_replication_slots), of PostgreSQL 17.
    type: dict
  init_settings:
    description: Settings that only creation takes, such as C(lower_case_table_names) of MySQL.
    type: dict
  load_balancer:
    description:
      - Whether there is a public endpoint. Default at creation is V(true) without O(private_network_id), else V(false).
      - A public endpoint that is made again has another port.
    type: bool
  private_network_id:
    description: ID or name of the private network with an endpoint of the instance; an empty string for none.
    type: str
  service_ip:
    description: Address of the private endpoint with prefix length, such as V(10.8.0.10/22). Default is one chosen by IPAM.
    type: str
  backup_schedule:
    description: When backups of all databases are made, and for how long they are kept.
    type: dict
    suboptions:
      disabled: {description: Whether none are made., type: bool}
      frequency: {description: Hours from one to the next. The API's default is 24., type: int}
      retention: {description: Days for which one is kept. The API's default is 7., type: int}
      start_hour: {description: Hour of the day (UTC) at which they start; of several runs a day that of any., type: int}
  backup_same_region:
    description: Whether backups stay in the instance's region. Default is V(false).
    type: bool
  logs_policy:
    description: How long logs are kept on the node.
    type: dict
    suboptions:
      max_age_retention: {description: Days. The API's default is 30., type: int}
      total_disk_retention: {description: Bytes., type: int}
  encryption:
    description: Encryption at rest.
    type: dict
    suboptions:
      enabled: {description: Whether the volume is encrypted. It can be switched on only., type: bool}
  tags:
    description: Tags of the instance.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have a small PostgreSQL with 10 GB
  stackway.scaleway.rdb_instance:
    name: riff
    engine: PostgreSQL-17
    node_type: DB-DEV-S
    volume_type: sbs_5k
    volume_size: 10000000000
    user_name: riff
    password: "{{ lookup('stackway.scaleway.secret', 'db-password', path='/riff') }}"

- name: Reach it by a private network alone, with logical replication
  stackway.scaleway.rdb_instance:
    name: shop
    engine: PostgreSQL-17
    node_type: DB-GP-XS
    is_ha_cluster: true
    volume_type: sbs_15k
    volume_size: 50000000000
    private_network_id: backend
    load_balancer: false
    settings:
      rdb.enable_logical_replication: true
      hot_standby_feedback: true
      sync_replication_slots: true
      work_mem: 8
    backup_schedule: {frequency: 12, retention: 30, start_hour: 3}
"""

RETURN = r"""
instance:
  description: The instance as the API returned it, its settings as a dictionary.
  returned: when the instance exists
  type: dict
  contains:
    id: {description: ID of the instance., type: str, returned: always, sample: 3f1bcd4e-1f5d-4b0e-8b6a-0f5c8f0b8a55}
    endpoint:
      description: The public endpoint, null without one.
      type: dict
      returned: always
      sample: {id: 2a2fa1f7-a8d1-4fd5-a1e3-62f14d6e3cb7, ip: 51.159.206.168, load_balancer: {}, name: null, port: 21733}
    endpoints: {description: All endpoints; a private one has C(private_network)., type: list, elements: dict, returned: always}
    settings: {description: Settings in force., type: dict, returned: always, sample: {max_connections: "100"}}
    status: {description: Status of the instance., type: str, returned: always, sample: ready}
"""

from ..module_utils.resources.rdb_instance import Instance
from ..module_utils.run import run


def main():
    run(Instance, DOCUMENTATION)


if __name__ == "__main__":
    main()
