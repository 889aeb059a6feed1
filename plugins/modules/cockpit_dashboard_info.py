#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up dashboards of Cockpit's Grafana: Grafana's API."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_dashboard_info
short_description: Look up dashboards of Cockpit's Grafana
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the dashboards of the project's Grafana, Scaleway's among them, or one by its UID with its model.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
options:
  uid:
    description: UID of one dashboard.
    type: str
  tag:
    description: A tag that they have.
    type: str
  url:
    description: Where Grafana answers. Default is what the API tells.
    type: str
"""

EXAMPLES = r"""
- name: See what dashboards shop has
  stackway.scaleway.cockpit_dashboard_info:
    tag: shop
"""

RETURN = r"""
dashboards:
  description: The dashboards as M(stackway.scaleway.cockpit_dashboard) returns one, but C(version) and C(model) of that with O(uid) alone.
  returned: always
  type: list
  elements: dict
  contains:
    uid: {description: UID of the dashboard., type: str, returned: always, sample: shop}
    title: {description: Its title., type: str, returned: always, sample: Shop}
    tags: {description: Its tags., type: list, elements: str, returned: always, sample: [shop]}
    url:
      description: Where people see it.
      type: str
      returned: always
      sample: https://105bdce1-64c0-48ab-899d-868455867ecf.dashboard.cockpit.scaleway.com/d/shop/shop
"""

from ..module_utils.resource import Info
from ..module_utils.resources.cockpit_dashboard import Dashboard
from ..module_utils.run import run


class DashboardInfo(Info):
    resource = Dashboard


def main():
    run(DashboardInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
