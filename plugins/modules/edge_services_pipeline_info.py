#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up pipelines of Edge Services: edge_services/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: edge_services_pipeline_info
short_description: Look up pipelines of Edge Services
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the pipelines of a project that match every option given, with their stages.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.zone
options:
  id:
    description: ID of one pipeline.
    type: str
  name:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: See what is wrong with any of them
  stackway.scaleway.edge_services_pipeline_info:
  register: found
"""

RETURN = r"""
pipelines:
  description: The pipelines as M(stackway.scaleway.edge_services_pipeline) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.edge_services_pipeline import Pipeline
from ..module_utils.run import run


class PipelineInfo(Info):
    resource = Pipeline


def main():
    run(PipelineInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
