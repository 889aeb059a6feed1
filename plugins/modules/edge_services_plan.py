#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of Edge Services: edge_services/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: edge_services_plan
short_description: Manage the plan of Edge Services
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A project subscribes to one plan, and needs it for its pipelines.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.state
options:
  plan_name:
    description: Which plan. Needed unless O(state=absent).
    type: str
    choices: [starter, professional, advanced]
"""

EXAMPLES = r"""
- name: Subscribe to the small plan
  stackway.scaleway.edge_services_plan:
    plan_name: starter
"""

RETURN = r"""
plan:
  description: The plan as the API returned it.
  returned: when there is one
  type: dict
  contains:
    plan_name: {description: Name of the plan., type: str, returned: always, sample: starter}
"""

from ..module_utils.errors import ApiError, ResourceError
from ..module_utils.resource import Resource
from ..module_utils.run import run


class Plan(Resource):
    """There is one in a project, or none."""

    api = "edge_services.v1beta1.EdgeServicesV1Beta1API"
    noun = "plan"
    methods = {"list": "get_current_plan", "delete": "delete_current_plan"}
    key = ()
    id_field = "plan_name"

    def check_options(self):
        super().check_options()
        if "plan_name" not in self.options and self.params.get("state") != "absent":
            raise ResourceError("plan_name: needed to subscribe to a plan", field="plan_name")

    def observe(self):
        if self.parent_unknown():
            return None
        try:
            return self.client.call(self.api, "get_current_plan")
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def identity(self, name, record):
        return {}

    def creation(self):
        return {}

    def create(self):
        return self.client.call(self.api, "select_plan", plan_name=self.options["plan_name"])

    def update(self, current, changes):
        self.create()

    def get(self, record):
        return self.observe()


def main():
    run(Plan, DOCUMENTATION)


if __name__ == "__main__":
    main()
