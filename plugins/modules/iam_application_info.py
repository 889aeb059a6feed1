#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications: iam/v1alpha1, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_application_info
short_description: List IAM applications
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - List IAM applications.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
options:
  name:
    description: Only the application of this name.
    type: str
  id:
    description: Only the application with this ID.
    type: str
  tag:
    description: Only applications with this tag.
    type: str
"""

EXAMPLES = r"""
- name: See which programs have an identity
  stackway.scaleway.iam_application_info:
    tag: prod
  register: programs
"""

RETURN = r"""
applications:
  description: What was found, as the API returned it.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: ID of the application., type: str, returned: always, sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7}
    name: {description: Name of the application., type: str, returned: always, sample: shop}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.iam_application import IamApplication
from ..module_utils.run import run


class IamApplicationInfo(Info):
    resource = IamApplication


def main():
    run(IamApplicationInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
