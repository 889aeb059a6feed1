#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dashboards of Cockpit's Grafana: Grafana's API."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_dashboard
short_description: Manage dashboards of Cockpit's Grafana
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A dashboard of the project's Grafana, known by its UID.
  - Grafana is asked itself, with the API key; its owner needs the permission set C(ObservabilityFullAccess).
notes:
  - Address and header follow Scaleway's documentation, and the rest Grafana's. No recording of it is known.
  - Modules of the collection C(community.grafana) cannot send the header that Cockpit wants.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.state
options:
  uid:
    description: UID of the dashboard, of your choice, of at most 40 letters, digits, C(_) and C(-). It is part of the address.
    type: str
    required: true
  model:
    description:
      - The JSON model, completely, as Grafana exports it. C(id), C(uid) and C(version) in it are Grafana's own, and left out.
      - Keys that Grafana adds are not compared. Needed to create a dashboard.
      - Name data sources by a variable of type C(datasource), since their UIDs differ from project to project.
    type: dict
  url:
    description:
      - Where Grafana answers. Default is what the API tells.
      - Another is for a proxy, or for a sandbox, whose names only its own DNS knows.
    type: str
"""

EXAMPLES = r"""
- name: Have a dashboard from a file
  stackway.scaleway.cockpit_dashboard:
    uid: shop
    model: "{{ lookup('ansible.builtin.file', 'shop-dashboard.json') | from_json }}"
"""

RETURN = r"""
dashboard:
  description: The dashboard as Grafana returned it.
  returned: when the dashboard exists
  type: dict
  contains:
    uid: {description: UID of the dashboard., type: str, returned: always, sample: shop}
    title: {description: Title in the model., type: str, returned: always, sample: Shop}
    tags: {description: Tags in the model., type: list, elements: str, returned: always, sample: [shop]}
    url:
      description: Where people see it.
      type: str
      returned: always
      sample: https://105bdce1-64c0-48ab-899d-868455867ecf.dashboard.cockpit.scaleway.com/d/shop/shop
    version: {description: Grafana's number of the last change., type: int, returned: always, sample: 3}
    model: {description: The JSON model., type: dict, returned: always, sample: {title: Shop, panels: []}}
"""

from ..module_utils.resources.cockpit_dashboard import Dashboard
from ..module_utils.run import run


def main():
    run(Dashboard, DOCUMENTATION)


if __name__ == "__main__":
    main()
