#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serverless Containers: containers/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container
short_description: Manage Serverless Containers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Creates, changes and removes Serverless Containers, and waits until a new version takes requests.
  - Where a version does not become ready, the task fails with the API's reason; the version before it goes on.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of the container, where its name is not unique.
    type: str
  namespace_id:
    description: ID or name of the container namespace.
    type: str
  name:
    description: Name of the container, unique in the namespace. It cannot change.
    type: str
  image:
    description: Image, such as V(rg.fr-par.scw.cloud/shop-prod/web:1.0). Needed to create a container.
    type: str
  pin_digest:
    description:
      - Whether the image's tag is looked up in Container Registry, and the container deployed by the digest that it leads to.
      - The container is then deployed again as soon as something else was pushed by the same tag, and only then. Without this
        only another reference is a change, since the API does not tell which content it has deployed.
    type: bool
    default: false
  description:
    description: What the container is for.
    type: str
  environment_variables:
    description: Environment variables, completely; an empty dictionary removes them all.
    type: dict
  secret_environment_variables:
    description:
      - Environment variables whose values the API keeps to itself, completely; an empty dictionary removes them all.
      - The API tells hashes (Argon2id), against which the values are compared; a value that is unchanged is not sent again.
      - Comparing them takes half a second of processor time each, and the Python library C(cryptography), 45 or later.
    type: dict
  min_scale:
    description: Replicas that always run. Default is V(0).
    type: int
  max_scale:
    description: Replicas that run at most. Default is V(5).
    type: int
  scaling_option:
    description: When another replica is started. Give one threshold; one of usage needs O(min_scale) of at least 1.
    type: dict
    suboptions:
      concurrent_requests_threshold: {description: "Requests at a time of one replica. The API's default is 50.", type: int}
      cpu_usage_threshold: {description: Percent of its CPU., type: int}
      memory_usage_threshold: {description: Percent of its memory., type: int}
  memory_limit_bytes:
    description: Memory of a replica in bytes. Default is V(2048000000).
    type: int
  mvcpu_limit:
    description: CPU of a replica in thousandths of a vCPU. Default is V(1000).
    type: int
  local_storage_limit_bytes:
    description: Local storage of a replica in bytes. Default is V(1000000000).
    type: int
  timeout:
    description: "Time that a request may take, such as V(30s). Default is V(300s)."
    type: str
  privacy:
    description: Whether anybody may call it, or only who shows a token in the header C(X-Auth-Token). Default is V(public).
    type: str
    choices: [public, private]
  protocol:
    description: What the container speaks. Default is V(http1).
    type: str
    choices: [http1, h2c]
  port:
    description: Port at which the container listens. Default is V(8080).
    type: int
  https_connections_only:
    description: Whether requests without TLS are sent to HTTPS. Default is V(false).
    type: bool
  sandbox:
    description: Execution environment. Default is V(v2).
    type: str
    choices: [v1, v2]
  liveness_probe:
    description: Check after which a replica that fails is replaced. What is left out stays as it is.
    type: dict
    suboptions:
      failure_threshold: {description: How often in a row it may fail. Default is V(30)., type: int}
      interval: {description: "Time between two checks, such as V(10s).", type: str}
      timeout: {description: "Time that an answer may take, such as V(1s).", type: str}
      tcp: {description: An empty dictionary to check that the port is open., type: dict}
      http:
        description: Check that a request is answered.
        type: dict
        suboptions:
          path: {description: "Path to ask for, such as V(/health).", type: str, required: true}
  startup_probe:
    description: Check that a new replica has to pass before it gets requests. What is left out stays as it is.
    type: dict
    suboptions:
      failure_threshold: {description: How often in a row it may fail. Default is V(30)., type: int}
      interval: {description: "Time between two checks, such as V(10s).", type: str}
      timeout: {description: "Time that an answer may take, such as V(1s).", type: str}
      tcp: {description: An empty dictionary to check that the port is open., type: dict}
      http:
        description: Check that a request is answered.
        type: dict
        suboptions:
          path: {description: "Path to ask for, such as V(/health).", type: str, required: true}
  private_network_id:
    description: ID or name of a private network that the replicas are in; an empty string for none.
    type: str
  command:
    description: Command instead of the image's; an empty list for the image's.
    type: list
    elements: str
  args:
    description: Arguments instead of the image's; an empty list for the image's.
    type: list
    elements: str
  tags:
    description: Tags of the container.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Run the shop, and roll out what is pushed by this tag
  stackway.scaleway.container:
    namespace_id: shop-prod
    name: web
    image: rg.fr-par.scw.cloud/shop-prod/web:1.0
    pin_digest: true
    port: 8000
    max_scale: 10
    memory_limit_bytes: 512000000
    mvcpu_limit: 500
    startup_probe: {interval: 2s, timeout: 1s, failure_threshold: 15, http: {path: /health}}
    secret_environment_variables:
      DATABASE_URL: "{{ database_url }}"
  no_log: true
"""

RETURN = r"""
container:
  description: The container as the API returned it, secrets as hashes.
  returned: when the container exists
  type: dict
  contains:
    id: {description: ID of the container., type: str, returned: always, sample: 48b2547f-0c30-4985-9bcb-5bfeeb88d666}
    public_endpoint:
      description: Where it is reached.
      type: str
      returned: always
      sample: https://shopprodba55c9db-web.functions.fnc.fr-par.scw.cloud
    image: {description: Image that is deployed., type: str, returned: always}
    status: {description: Status of the container., type: str, returned: always, sample: ready}
"""

from ..module_utils.resources.container import Container
from ..module_utils.run import run


def main():
    run(Container, DOCUMENTATION)


if __name__ == "__main__":
    main()
