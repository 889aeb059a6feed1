#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up alerts of Cockpit: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_alert_info
short_description: Look up alerts of Cockpit
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the alerts of a project and region that match every option given, with what they watch and whether they fire.
  - Those that Scaleway has configured are listed once one of them was switched, see M(stackway.scaleway.cockpit_alert_rules).
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  name:
    description: Exact name.
    type: str
  is_preconfigured:
    description: Whether Scaleway has configured it.
    type: bool
  rule_status:
    description: Whether it is on.
    type: str
    choices: [enabled, disabled, enabling, disabling]
"""

EXAMPLES = r"""
- name: See which alerts are on
  stackway.scaleway.cockpit_alert_info:
    rule_status: enabled
  register: found
"""

RETURN = r"""
alerts:
  description: The alerts as the API returned them; an empty list where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the alert., type: str, returned: always, sample: LBHighCPULoad}
    rule: {description: "What is watched, in PromQL.", type: str, returned: always, sample: load_balancer_lb_cpu_usage > 0.8}
    rule_status: {description: Whether it is on., type: str, returned: always, sample: enabled}
    state: {description: "V(inactive), V(pending) or V(firing).", type: str, returned: always, sample: inactive}
    preconfigured_data: {description: What Scaleway says about it., type: dict, returned: when Scaleway has configured it}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.cockpit_alert import Alert
from ..module_utils.run import run


class AlertInfo(Info):
    resource = Alert


def main():
    run(AlertInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
