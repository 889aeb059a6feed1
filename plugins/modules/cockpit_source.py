#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data sources of Cockpit: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_source
short_description: Manage data sources of Cockpit
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A data source takes metrics, logs or traces that you push to it. It is known by its type and name.
  - What Scaleway's own products report is in data sources that are there from the start, and that this module leaves alone.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of the data source, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the data source.
    type: str
  type:
    description: What is pushed to it. It cannot change on an existing data source.
    type: str
    choices: [metrics, logs, traces]
  retention_days:
    description: How long data is kept, from 1 to 1825 days. Default is 31 for metrics, and 7 for logs and traces.
    type: int
"""

EXAMPLES = r"""
- name: Have a place for metrics
  stackway.scaleway.cockpit_source:
    name: shop
    type: metrics
    retention_days: 90
  register: metrics

- name: Show where to push them
  ansible.builtin.debug:
    msg: "{{ metrics.data_source.push_url }}"
"""

RETURN = r"""
data_source:
  description: The data source as the API returned it.
  returned: when the data source exists
  type: dict
  contains:
    id: {description: ID of the data source., type: str, returned: always, sample: 5cbda7ee-4302-445b-85d1-3172b5311b7b}
    url:
      description: Where it is asked, with a token in the header C(X-Token).
      type: str
      returned: always
      sample: https://5cbda7ee-4302-445b-85d1-3172b5311b7b.metrics.cockpit.fr-par.scw.cloud
    push_url:
      description: Where data is pushed to, by Prometheus remote write (metrics), Loki's push API (logs) or OTLP over HTTP (traces).
      type: str
      returned: always
      sample: https://5cbda7ee-4302-445b-85d1-3172b5311b7b.metrics.cockpit.fr-par.scw.cloud/api/v1/push
    retention_days: {description: How long data is kept., type: int, returned: always, sample: 31}
"""

from ..module_utils.resources.cockpit_source import Source
from ..module_utils.run import run


def main():
    run(Source, DOCUMENTATION)


if __name__ == "__main__":
    main()
