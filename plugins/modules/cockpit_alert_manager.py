#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alert manager of Cockpit: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_alert_manager
short_description: Manage the alert manager of Cockpit
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A project has one alert manager in each region, which is enabled or not.
  - Contact points and alerts need it. They are gone once it is disabled.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  state:
    description: Whether it is enabled.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Let alerts be sent
  stackway.scaleway.cockpit_alert_manager:
"""

RETURN = r"""
alert_manager:
  description: The alert manager as the API returned it.
  returned: when it is enabled
  type: dict
  contains:
    alert_manager_enabled: {description: Whether it is enabled., type: bool, returned: always, sample: true}
    alert_manager_url:
      description: Where it is asked, with a token that has the scope V(full_access_alert_manager).
      type: str
      returned: always
      sample: https://a8c439cf-ad5a-4158-8e91-b13825f33792.alertmanager.cockpit.fr-par.scw.cloud
"""

from ..module_utils.cockpit import REGIONAL
from ..module_utils.resource import Resource
from ..module_utils.run import run


class AlertManager(Resource):
    """There is one, which is enabled or not."""

    api = REGIONAL
    noun = "alert_manager"
    methods = {"list": "get_alert_manager", "create": "enable_alert_manager", "delete": "disable_alert_manager"}
    key = ()
    id_field = "alert_manager_url"

    def observe(self):
        found = None if self.parent_unknown() else self.call("get")
        return found if found and found["alert_manager_enabled"] else None

    def identity(self, name, record):
        return {}

    def predict(self):
        return super().predict() | {"alert_manager_enabled": True}


def main():
    run(AlertManager, DOCUMENTATION)


if __name__ == "__main__":
    main()
