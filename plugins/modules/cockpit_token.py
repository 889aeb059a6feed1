#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of Cockpit: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_token
short_description: Manage tokens of Cockpit
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A token lets agents push data to the data sources of its project and region, or ask them. It is known by its name.
  - The API tells its secret key once, when it is made. O(store) puts C(id) and C(secret_key) into Secret Manager at once, so that they are
    nowhere else; O(reveal) returns the secret key instead, or as well.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
  - stackway.scaleway.scaleway.store
options:
  name:
    description: Name of the token.
    type: str
    required: true
  scopes:
    description:
      - What the token allows, completely. Default is V(write_only_metrics) and V(write_only_logs).
      - It cannot change on an existing token.
    type: list
    elements: str
    choices: [read_only_metrics, write_only_metrics, full_access_metrics_rules, read_only_logs, write_only_logs, full_access_logs_rules,
      full_access_alert_manager, read_only_traces, write_only_traces]
"""

EXAMPLES = r"""
- name: Have a token for the agents, kept in Secret Manager
  stackway.scaleway.cockpit_token:
    name: agents
    scopes: [write_only_metrics, write_only_logs]
    store: {path: /shop/prod, name: cockpit}

- name: Use it
  ansible.builtin.template:
    src: agent.yml.j2 # X-Token: {{ lookup('stackway.scaleway.secret', '/shop/prod/cockpit', field='secret_key') }}
    dest: /etc/agent.yml
    mode: "0600"
"""

RETURN = r"""
token:
  description: The token as the API returned it.
  returned: when the token exists
  type: dict
  contains:
    id: {description: ID of the token., type: str, returned: always, sample: 3ed23100-398f-4b39-b3ab-fadd1b693da5}
    scopes: {description: What it allows., type: list, elements: str, returned: always, sample: [write_only_metrics]}
    secret_key: {description: Its secret key., type: str, returned: when the token was made and O(reveal=true)}
"""

from ..module_utils.resources.cockpit_token import Token
from ..module_utils.run import run


def main():
    run(Token, DOCUMENTATION)


if __name__ == "__main__":
    main()
