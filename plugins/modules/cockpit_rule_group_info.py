#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of rules in a data source of Cockpit: Mimir's API."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_rule_group_info
short_description: Look up groups of rules in Cockpit
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the groups of alerting and recording rules in a namespace of a data source, or one by name.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  data_source_id:
    description: ID or name of the data source of metrics.
    type: str
    required: true
  namespace:
    description: What holds the groups.
    type: str
    required: true
  name:
    description: Name of the group.
    type: str
  url:
    description: Where the data source answers. Default is what the API tells.
    type: str
"""

EXAMPLES = r"""
- name: See what the rules of shop are
  stackway.scaleway.cockpit_rule_group_info:
    data_source_id: shop-metrics
    namespace: shop
"""

RETURN = r"""
rule_groups:
  description: The groups, those of M(stackway.scaleway.cockpit_rule_group).
  returned: always
  type: list
  elements: dict
  contains:
    name: {description: Name of the group., type: str, returned: always, sample: database}
    rules: {description: The rules., type: list, elements: dict, returned: always}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.cockpit_rule_group import RuleGroup
from ..module_utils.run import run


class RuleGroupInfo(Info):
    resource = RuleGroup


def main():
    run(RuleGroupInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
