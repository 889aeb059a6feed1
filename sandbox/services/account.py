"""Projects: account/v3.

Shapes: scaleway-sdk-python, scaleway/account/v3/types.py. What is not served, and why: docs/sandbox.md#account.
"""

from .. import errors
from ..collection import Collection, equals


class Projects(Collection):
    """The default project exists from the start; its id is the organization's."""

    path = "/account/v3/projects"
    noun = "project"
    resource = "project_id"
    common = ("id", "name", "organization_id", "created_at", "updated_at")
    required = ("name",)
    mutable = ("name", "description")
    defaults = {"description": ""}
    filters = {
        "name": equals("name"),
        "organization_id": equals("organization_id"),
        "project_ids": lambda record, values: record["id"] in ",".join(values).split(","),
    }

    def prepare(self):
        if not self.store.get(self.kind, self.organization_id):
            now = self.now()
            project = {"id": self.organization_id, "name": "default", "description": "", "_scope": ""}
            project |= {"organization_id": self.organization_id, "created_at": now, "updated_at": now}
            self.store.put(self.kind, "", project["id"], project)

    def removable(self, project):
        """What came with the project by itself goes with it; what was put into it keeps it."""
        if project["id"] == self.organization_id:
            raise errors.precondition_failed("resource_not_usable", "the default project cannot be deleted")
        held = [record for record in self.store.of_project(project["id"]) if not comes_and_goes(record)]
        held += [bucket for bucket, owner, *_ in self.machines.object_storage.buckets() if owner == project["id"]]
        if held:
            raise errors.precondition_failed("resource_not_usable", f"the project still holds {len(held)} resource(s)")

    def remove(self, project):
        self.store.delete_of_project(project["id"])
        return super().remove(project)

    def present(self, record, verb):
        """The qualification (what the project is for) is not known yet in the answer to a write."""
        known = {"architecture_type": "unknown_architecture_type"} if verb in ("get", "list") else None
        return super().present(record, verb) | {"qualification": known}


def comes_and_goes(record: dict) -> bool:
    """A project's default network and security groups, what its products report, what is over, and what is no resource."""
    default = record.get("is_default") or record.get("project_default") or record.get("origin") == "scaleway"
    is_over = record.get("deletion_requested_at") or record.get("revoked_at")
    return bool(default or is_over or record.get("_goes_with_project"))
