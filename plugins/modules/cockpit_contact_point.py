#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact points of Cockpit's alert manager: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_contact_point
short_description: Manage contact points of Cockpit's alert manager
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A contact point is an email address to which the alert manager of a project and region writes.
  - The alert manager has to be enabled, see M(stackway.scaleway.cockpit_alert_manager).
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  email:
    description: Address to write to.
    type: str
    required: true
  send_resolved_notifications:
    description: Whether it is told, too, when an alert is over. Default is V(true).
    type: bool
"""

EXAMPLES = r"""
- name: Tell those on duty
  stackway.scaleway.cockpit_contact_point:
    email: duty@example.com
"""

RETURN = r"""
contact_point:
  description: The contact point as the API returned it.
  returned: when the contact point exists
  type: dict
  contains:
    email: {description: Address to write to., type: str, returned: always, sample: duty@example.com}
    send_resolved_notifications:
      description: Whether it is told when an alert is over.
      type: bool
      returned: always
      sample: true
"""

from ..module_utils.resources.cockpit_contact_point import ContactPoint
from ..module_utils.run import run


def main():
    run(ContactPoint, DOCUMENTATION)


if __name__ == "__main__":
    main()
