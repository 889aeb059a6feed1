#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects: account/v3."""

from __future__ import annotations

DOCUMENTATION = r"""
module: account_project
short_description: Manage projects of an organization
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A project is known by its name in the organization.
  - A project that still holds resources is not deleted.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.state
options:
  name:
    description: Name of the project, unique in the organization.
    type: str
  id:
    description: ID of an existing project, to rename it or to name it without doubt.
    type: str
  description:
    description: What the project is for.
    type: str
"""

EXAMPLES = r"""
- name: Have a project for staging
  stackway.scaleway.account_project:
    name: shop-staging
    description: The shop, before it is released
  register: staging

- name: Put something into it
  stackway.scaleway.iam_ssh_key:
    project_id: "{{ staging.project.id }}"
    name: deploy
    public_key: "{{ lookup('ansible.builtin.file', '~/.ssh/id_ed25519.pub') }}"
"""

RETURN = r"""
project:
  description: The project as the API returned it.
  returned: when the project exists
  type: dict
  contains:
    id: {description: ID of the project., type: str, returned: always, sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7}
    name: {description: Name of the project., type: str, returned: always, sample: shop-staging}
"""

from ..module_utils.resources.account_project import AccountProject
from ..module_utils.run import run


def main():
    run(AccountProject, DOCUMENTATION)


if __name__ == "__main__":
    main()
