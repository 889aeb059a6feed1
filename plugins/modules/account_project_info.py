#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects: account/v3, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: account_project_info
short_description: List projects of an organization
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - List projects of an organization.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
options:
  name:
    description: Only the project of this name.
    type: str
  id:
    description: Only the project with this ID.
    type: str
"""

EXAMPLES = r"""
- name: See which projects there are
  stackway.scaleway.account_project_info:
  register: all
"""

RETURN = r"""
projects:
  description: What was found, as the API returned it.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: ID of the project., type: str, returned: always, sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7}
    name: {description: Name of the project., type: str, returned: always, sample: shop-staging}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.account_project import AccountProject
from ..module_utils.run import run


class AccountProjectInfo(Info):
    resource = AccountProject


def main():
    run(AccountProjectInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
