#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up Managed Redis clusters: redis/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_cluster_info
short_description: Look up Managed Redis clusters
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the clusters of a project and zone that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
options:
  id:
    description: ID of one cluster.
    type: str
  name:
    description: Exact name.
    type: str
  tags:
    description: Tags that a cluster must have, all of them.
    type: list
    elements: str
  certificate:
    description: Whether to get the certificate that clients check the server's against, too, where the cluster has TLS.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Look up a cache and its certificate
  stackway.scaleway.redis_cluster_info:
    name: shop
    certificate: true
  register: found
"""

RETURN = r"""
clusters:
  description: The clusters as M(stackway.scaleway.redis_cluster) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    certificate: {description: "In PEM, null without TLS.", type: str, returned: with O(certificate=true)}
"""

import base64

from ..module_utils.resource import Info
from ..module_utils.resources.redis_cluster import Cluster
from ..module_utils.run import run


class ClusterInfo(Info):
    resource = Cluster

    @classmethod
    def look_up(cls, client, params):
        found = super().look_up(client, params)
        return [cluster | cls.certificate(client, cluster) for cluster in found] if params["certificate"] else found

    @staticmethod
    def certificate(client, cluster):
        if not cluster["tls_enabled"]:
            return {"certificate": None}
        zone = client.credentials.zone
        answer = client.call(Cluster.api, "get_cluster_certificate", zone=zone, cluster_id=cluster["id"])
        return {"certificate": base64.b64decode(answer["content"]).decode()}


def main():
    run(ClusterInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
