#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up read replicas of a Managed Database instance: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_read_replica_info
short_description: Look up read replicas of a Managed Database instance
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the read replicas of an instance.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  instance_id:
    description: ID or name of the instance.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: See which replicas there are
  stackway.scaleway.rdb_read_replica_info:
    instance_id: shop
  register: found
"""

RETURN = r"""
read_replicas:
  description: The replicas as M(stackway.scaleway.rdb_read_replica) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.rdb_read_replica import ReadReplica
from ..module_utils.run import run


class ReadReplicaInfo(Info):
    resource = ReadReplica


def main():
    run(ReadReplicaInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
