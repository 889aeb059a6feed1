"""What an API key may do: its bearer's policies, the policies of the bearer's groups, and the sets that their rules name.

A permission is written `<product>:<noun>:<action>` (`rdb:instance:create`); catalog/permission-sets.json says which of them
a permission set allows (source: Scaleway's documentation, "Permission sets"). Rules add up; nothing denies. The owner of
the organization may do everything.
"""

from fnmatch import fnmatchcase

from .catalog import catalog
from .store import Store

ACTIONS = {"GET": "read", "POST": "create", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


class Permissions:
    """Those of an API key (a record of kind `iam.api_key`), as they are now."""

    def __init__(self, store: Store, key: dict):
        user = store.get("iam.user", key.get("user_id") or "")
        self.is_owner = bool(user) and user["type"] == "owner"
        self._rules = [] if self.is_owner else [rule for policy in policies(store, key) for rule in policy["_rules"]]

    def allow(self, permission: str, project_id: str | None = None) -> bool:
        """Whether the permission is given: in this project, or in any if None."""
        return self.is_owner or any(
            fnmatchcase(permission, pattern)
            for name in self.sets(project_id)
            for pattern in catalog("permission-sets")[name]["allows"]
        )

    def sets(self, project_id: str | None = None) -> set[str]:
        """Names of the permission sets in force: in this project, or in any if None."""
        return {
            name
            for rule in self._rules
            if not rule.get("project_ids") or project_id is None or project_id in rule["project_ids"]
            for name in rule["permission_set_names"]
        }


def policies(store: Store, key: dict) -> list[dict]:
    bearer = key.get("application_id") or key.get("user_id")
    field = "application" if key.get("application_id") else "user"
    groups = {group["id"] for group in store.all("iam.group") if bearer in group[f"{field}_ids"]}
    return [
        policy
        for policy in store.all("iam.policy")
        if policy.get(f"{field}_id") == bearer or policy.get("group_id") in groups
    ]
