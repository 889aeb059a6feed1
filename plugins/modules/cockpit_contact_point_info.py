#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up contact points of Cockpit's alert manager: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_contact_point_info
short_description: Look up contact points of Cockpit's alert manager
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists to whom the alert manager of a project and region writes.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  email:
    description: Exact address.
    type: str
"""

EXAMPLES = r"""
- name: See who is told
  stackway.scaleway.cockpit_contact_point_info:
  register: found
"""

RETURN = r"""
contact_points:
  description: The contact points as M(stackway.scaleway.cockpit_contact_point) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.cockpit_contact_point import ContactPoint
from ..module_utils.run import run


class ContactPointInfo(Info):
    resource = ContactPoint


def main():
    run(ContactPointInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
