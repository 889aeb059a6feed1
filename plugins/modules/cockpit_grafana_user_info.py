#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up users of Cockpit's Grafana: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_grafana_user_info
short_description: Look up users of Cockpit's Grafana
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the users of the project's Grafana, never their passwords.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
options:
  login:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: See who may look at the dashboards
  stackway.scaleway.cockpit_grafana_user_info:
  register: found
"""

RETURN = r"""
grafana_users:
  description: The users as M(stackway.scaleway.cockpit_grafana_user) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.cockpit_grafana_user import GrafanaUser
from ..module_utils.run import run


class GrafanaUserInfo(Info):
    resource = GrafanaUser


def main():
    run(GrafanaUserInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
