#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up data sources of Cockpit: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_source_info
short_description: Look up data sources of Cockpit
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the data sources of a project and region that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of one data source.
    type: str
  name:
    description: Exact name.
    type: str
  type:
    description: What is pushed to it.
    type: str
    choices: [metrics, logs, traces]
  origin:
    description: Whose data it holds; V(scaleway) is that of Scaleway's products.
    type: str
    choices: [custom, scaleway, external]
    default: custom
"""

EXAMPLES = r"""
- name: See where the metrics of Scaleway's products are
  stackway.scaleway.cockpit_source_info:
    type: metrics
    origin: scaleway
  register: found
"""

RETURN = r"""
data_sources:
  description: The data sources as M(stackway.scaleway.cockpit_source) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.cockpit_source import Source
from ..module_utils.run import run


class SourceInfo(Info):
    resource = Source


def main():
    run(SourceInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
