#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH keys: iam/v1alpha1, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_ssh_key_info
short_description: List SSH keys of a project
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - List SSH keys of a project.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
options:
  name:
    description: Only the key of this name.
    type: str
  id:
    description: Only the key with this ID.
    type: str
  disabled:
    description: Only keys that are disabled, or only those that are not.
    type: bool
"""

EXAMPLES = r"""
- name: See who gets in
  stackway.scaleway.iam_ssh_key_info:
    disabled: false
  register: keys
"""

RETURN = r"""
ssh_keys:
  description: What was found, as the API returned it.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: ID of the key., type: str, returned: always, sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7}
    name: {description: Name of the key., type: str, returned: always, sample: operator}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.iam_ssh_key import IamSshKey
from ..module_utils.run import run


class IamSshKeyInfo(Info):
    resource = IamSshKey


def main():
    run(IamSshKeyInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
