# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies: iam/v1alpha1."""

from __future__ import annotations

from ..errors import ResourceError
from ..resource import Reference, Resource

API = "iam.v1alpha1.IamV1Alpha1API"
PROJECT = Reference("account.v3.AccountV3ProjectAPI", "list_projects", "project")
PRINCIPALS = ("application_id", "group_id", "user_id", "no_principal")


class IamPolicy(Resource):
    api = API
    noun = "policy"
    plural = "policies"
    methods = {"set_rules": "set_rules"}
    filters = {"name": "policy_name"}
    create_with = {"description": ""}
    references = {
        "application_id": Reference(API, "list_applications", "application"),
        "group_id": Reference(API, "list_groups", "group"),
    }

    def check_options(self):
        super().check_options()
        given = [name for name in PRINCIPALS if self.options.get(name)]
        if len(given) > 1:
            raise ResourceError(f"{', '.join(given)}: a policy has one principal: give one of them", fields=given)
        for rule in self.options.get("rules") or ():
            if bool(rule.get("project_ids")) == bool(rule.get("organization_id")):
                names = ", ".join(rule["permission_set_names"])
                raise ResourceError(
                    f"rules: the rule on {names} needs a scope: give one of project_ids and organization_id",
                    field="rules",
                )

    def resolve_references(self):
        super().resolve_references()
        if "rules" in self.options:
            self.options["rules"] = [self.with_project_ids(rule) for rule in self.options["rules"]]

    def with_project_ids(self, rule):
        names = rule.get("project_ids") or ()
        return rule | {"project_ids": [self.resolve("rules", PROJECT, name) for name in names] or None}

    def normalise(self, option, value):
        if option == "rules":
            value = [canonical(rule) for rule in value or ()]
        return super().normalise(option, value)

    def observe(self):
        found = super().observe()
        return found if found is None or "rules" in found else self.with_rules(found)

    def get(self, record):
        found = super().get(record)
        return found and self.with_rules(found)

    def with_rules(self, policy):
        return policy | {"rules": self.client.list(API, "list_rules", policy_id=policy["id"])}

    def parent_unknown(self):
        return False  # a policy belongs to the organization, which exists

    def creation(self):
        if not any(self.options.get(name) for name in PRINCIPALS):
            raise ResourceError(
                f"{', '.join(PRINCIPALS)}: one of them is needed to create {self.title()}", fields=list(PRINCIPALS)
            )
        return super().creation()

    def create(self):
        return self.get(super().create())  # the answer has not counted the rules yet

    def update(self, current, changes):
        if "rules" in changes:
            self.call("set_rules", current, rules=changes["rules"])
        if rest := {option: value for option, value in changes.items() if option != "rules"}:
            super().update(current, rest)


def canonical(rule):
    """A rule as a task or the API writes it -> what it says, in a form that can be compared."""
    return {
        "permission_set_names": sorted(rule["permission_set_names"]),
        "project_ids": sorted(rule.get("project_ids") or ()),
        "organization_id": rule.get("organization_id"),
        "condition": rule.get("condition") or "",
    }
