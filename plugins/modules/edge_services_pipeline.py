#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pipelines of Edge Services: edge_services/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: edge_services_pipeline
short_description: Manage pipelines of Edge Services with their stages
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A pipeline serves a bucket, load balancer, container or function by names of yours, with a certificate, a cache and a firewall.
  - "Its stages are declared with it: a request passes O(dns), O(tls), O(cache), O(waf) and O(backend), those that there are."
  - Rules by which some requests take another way (route stages) are not covered.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.zone
options:
  id:
    description: ID of the pipeline, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the pipeline.
    type: str
  description:
    description: What the pipeline is for.
    type: str
  backend:
    description: Where what is not in the cache comes from, by one of these. Needed to create a pipeline.
    type: dict
    suboptions:
      scaleway_s3:
        description: A bucket. What it holds has to be public.
        type: dict
        suboptions:
          bucket_name: {description: Name of the bucket., type: str}
          bucket_region: {description: Region of the bucket. Default is that of this task., type: str}
          is_website: {description: Whether it is served as a website is., type: bool}
      scaleway_lb:
        description: A frontend of a load balancer.
        type: dict
        suboptions:
          id: {description: ID of the load balancer., type: str}
          zone: {description: Zone of the load balancer. Default is that of this task., type: str}
          frontend_id: {description: ID of its frontend., type: str}
          is_ssl: {description: Whether the frontend speaks TLS., type: bool}
          domain_name: {description: Name to ask it for., type: str}
          has_websocket: {description: Whether WebSocket connections are passed on., type: bool}
      scaleway_serverless_container:
        description: A Serverless Container.
        type: dict
        suboptions:
          region: {description: Region of the container. Default is that of this task., type: str}
          container_id: {description: ID of the container., type: str}
      scaleway_serverless_function:
        description: A Serverless Function.
        type: dict
        suboptions:
          region: {description: Region of the function. Default is that of this task., type: str}
          function_id: {description: ID of the function., type: str}
  waf:
    description: Web application firewall. An empty dictionary takes it away. It needs O(tls) or O(cache).
    type: dict
    suboptions:
      mode: {description: Whether it refuses requests or only notes them., type: str, choices: [disable, log_only, enable]}
      paranoia_level: {description: "How easily it suspects a request, from 1 to 4.", type: int, choices: [1, 2, 3, 4]}
  cache:
    description: Cache. An empty dictionary takes it away.
    type: dict
    suboptions:
      fallback_ttl:
        description: How long what says nothing itself is kept, as V(3600s).
        type: str
      include_cookies: {description: Whether answers to requests with cookies are kept., type: bool}
  tls:
    description: Certificate for the names in O(dns). An empty dictionary takes it away.
    type: dict
    suboptions:
      managed_certificate: {description: Whether one of Let's Encrypt is made and renewed., type: bool}
      secrets:
        description: Secrets that hold a certificate with its chain and key in PEM.
        type: list
        elements: dict
        suboptions:
          secret_id: {description: ID or name of the secret., type: str, required: true}
          region: {description: Region of the secret. Default is that of this task., type: str}
  dns:
    description: The names by which it is reached, besides its own.
    type: dict
    suboptions:
      fqdns:
        description:
          - Subdomains, each with a CNAME record that leads to RV(pipeline.default_fqdn). They need O(tls).
        type: list
        elements: str
      wildcard_domain: {description: Whether names below them are served too., type: bool}
      full_private: {description: Whether they are served inside the VPC only., type: bool}
  verify:
    description:
      - Whether to wait until nothing is wrong with the pipeline, such as a missing CNAME record or certificate.
      - The records can be written only once the pipeline is there and has told its own name.
    type: bool
    default: false
  assets:
    description: With O(state=purged), the paths to forget, such as V(/logo.png). Default is everything.
    type: list
    elements: str
  state:
    description: V(purged) empties the cache of an existing pipeline, which is a change each time.
    type: str
    choices: [present, absent, purged]
    default: present
"""

EXAMPLES = r"""
- name: Serve the media bucket from the edge
  stackway.scaleway.edge_services_pipeline:
    name: media
    backend: {scaleway_s3: {bucket_name: shop-media}}
    cache: {fallback_ttl: 86400s}
    tls: {managed_certificate: true}
    dns: {fqdns: [media.example.com]}
  register: media

- name: Lead the name to it
  stackway.scaleway.domain_record:
    dns_zone: example.com
    name: media
    type: CNAME
    data: ["{{ media.pipeline.default_fqdn }}."]

- name: Wait until it is served with its certificate
  stackway.scaleway.edge_services_pipeline:
    name: media
    verify: true

- name: Forget the old logo
  stackway.scaleway.edge_services_pipeline:
    name: media
    state: purged
    assets: [/logo.png]
"""

RETURN = r"""
pipeline:
  description: The pipeline as the API returned it, its stages as this module's options say them.
  returned: when the pipeline exists
  type: dict
  contains:
    id: {description: ID of the pipeline., type: str, returned: always, sample: cda3bc3d-51f9-4630-a8a5-01e761478618}
    default_fqdn:
      description: The name of its own, to which CNAME records lead.
      type: str
      returned: always
      sample: cda3bc3d-51f9-4630-a8a5-01e761478618.svc.edge.scw.cloud
    status: {description: "V(ready), or V(warning) while something is wrong.", type: str, returned: always, sample: ready}
    errors: {description: What is wrong., type: list, elements: dict, returned: when the pipeline exists already, sample: []}
    stages: {description: The stages as the API returned them by kind., type: dict, returned: when the pipeline exists already}
"""

from ..module_utils.resources.edge_services_pipeline import Pipeline
from ..module_utils.run import run


def main():
    run(Pipeline, DOCUMENTATION)


if __name__ == "__main__":
    main()
