#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of Cockpit's Grafana: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_grafana_user
short_description: Manage users of Cockpit's Grafana
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A user of the project's Grafana, known by the login.
  - The API tells the password once, when the user is made. O(store) puts C(id), C(login) and C(password) into Secret Manager at once,
    so that they are nowhere else; O(reveal) returns the password instead, or as well.
  - Scaleway's documentation says that no user can be made since 2025-11-03, nor log in since 2026-01-20, in favour of logging in with IAM.
    Recordings of 2026 show an API that still makes them. The module is there to look after those of before.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
  - stackway.scaleway.scaleway.store
  - stackway.scaleway.scaleway.region
options:
  login:
    description: Name to log in with, of 2 to 24 letters, digits, C(_) and C(-).
    type: str
    required: true
  role:
    description: What the user may do. It cannot change on an existing user.
    type: str
    choices: [viewer, editor]
"""

EXAMPLES = r"""
- name: Let the team look at the dashboards
  stackway.scaleway.cockpit_grafana_user:
    login: team
    role: viewer
    store: {path: /shop/prod, name: grafana}
"""

RETURN = r"""
grafana_user:
  description: The user as the API returned it.
  returned: when the user exists
  type: dict
  contains:
    id: {description: Number of the user in the project., type: int, returned: always, sample: 2}
    login: {description: Name to log in with., type: str, returned: always, sample: team}
    role: {description: What the user may do., type: str, returned: always, sample: viewer}
    password: {description: Password., type: str, returned: when the user was made and O(reveal=true)}
"""

from ..module_utils.resources.cockpit_grafana_user import GrafanaUser
from ..module_utils.run import run


def main():
    run(GrafanaUser, DOCUMENTATION)


if __name__ == "__main__":
    main()
