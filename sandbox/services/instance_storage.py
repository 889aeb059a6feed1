"""Local volumes, snapshots, images and placement groups of instance/v1.

Shapes: scaleway-sdk-python, scaleway/instance/v1/types.py. What is not served, and why: docs/sandbox.md#instance.
"""

import uuid

from .. import errors
from ..collection import equals
from .block import Snapshots as BlockSnapshots
from .instance_base import SERVER, Zonal, not_a_value
from .marketplace import LocalImages, image_of

NO_TASK = "00000000-0000-0000-0000-000000000000"


class Volumes(Zonal):
    """Disks of the hypervisor. Block volumes are another product's: services/block.py."""

    path = "/instance/v1/zones/{zone}/volumes"
    noun = "volume"
    mutable = ("name", "tags", "size")
    nullable = ("tags",)
    defaults = {"tags": [], "state": "available", "export_uri": None, "_server": None}
    enums = {"volume_type": ("l_ssd", "scratch")}
    filters = Zonal.filters | {"volume_type": equals("volume_type")}

    def shape(self, body):
        size = body.get("size")
        if origin := body.get("base_snapshot"):
            size = size or self.service(Snapshots).fetch(origin, body["zone"])["size"]
        if not isinstance(size, int) or size < 1:
            raise errors.invalid_argument("size", "required", "is required")
        kept = {"tags": body.get("tags") or [], "volume_type": body.get("volume_type", "l_ssd"), "size": size}
        return kept | {"_server": body.get("_server")}

    def revise(self, volume, body):
        if body.get("size", volume["size"]) < volume["size"]:
            raise errors.invalid_argument("size", "constraint", "a volume cannot shrink")
        return super().revise(volume, body) | ({"tags": body["tags"] or []} if "tags" in body else {})

    def present(self, volume, verb):
        return super().present(volume, verb) | {"server": self.server_of(volume)}

    def removable(self, volume):
        if volume["_server"]:
            raise errors.precondition_failed("resource_still_in_use", "volume must be detached to be deleted")


class Snapshots(Zonal):
    """Of local volumes. They remember the size, not the content: docs/sandbox.md#instance."""

    path = "/instance/v1/zones/{zone}/snapshots"
    noun = "snapshot"
    mutable = ("name", "tags")
    nullable = ("tags",)
    initial, ready = "snapshotting", "available"
    defaults = {"tags": [], "error_reason": None}
    filters = Zonal.filters | {"base_volume_id": lambda snapshot, values: snapshot["base_volume"]["id"] in values}

    def shape(self, body):
        volume = self.service(Volumes).fetch(body.get("volume_id") or "", body["zone"])
        return {
            "tags": body.get("tags") or [],
            "volume_type": volume["volume_type"],
            "size": volume["size"],
            "base_volume": {"id": volume["id"], "name": volume["name"]},
        }

    def revise(self, snapshot, body):
        return super().revise(snapshot, body) | ({"tags": body["tags"] or []} if "tags" in body else {})

    def answer(self, record, verb):
        answer = super().answer(record, verb)
        return answer | {"task": task(record, "snapshots", "volume_snapshot")} if verb == "create" else answer


class Images(Zonal):
    """Images of the user's own, and by id those of the marketplace."""

    path = "/instance/v1/zones/{zone}/images"
    noun = "image"
    mutable = ("name", "tags", "public")
    nullable = ("tags",)
    initial, ready = "creating", "available"
    required = ("root_volume", "arch")
    enums = {"arch": ("x86_64", "arm64", "arm")}
    defaults = {"tags": [], "public": False, "default_bootscript": None, "from_server": "", "extra_volumes": {}}
    filters = Zonal.filters | {"public": equals("public"), "arch": equals("arch")}

    def fetch(self, id, scope=None):
        """Also by the id of a marketplace's local image."""
        if local := self.service(LocalImages).find(id):
            if scope in (None, local["zone"]):
                return image_of(local)
            raise self.not_found(id)
        return super().fetch(id, scope)

    def shape(self, body):
        kept = {"tags": body.get("tags") or [], "public": body.get("public", False), "arch": body["arch"]}
        extra = {index: self._volume(given["id"], body) for index, given in (body.get("extra_volumes") or {}).items()}
        root = self._volume(body["root_volume"], body)
        return kept | {"root_volume": root, "extra_volumes": extra, "from_server": body.get("_from_server", "")}

    def revise(self, image, body):
        if "_label" in image:
            raise errors.permissions_denied("write", "image")
        return super().revise(image, body) | ({"tags": body["tags"] or []} if "tags" in body else {})

    def removable(self, image):
        if "_label" in image:
            raise errors.permissions_denied("write", "image")

    def _volume(self, snapshot_id: str, body: dict) -> dict:
        """What an image tells of the snapshot that a volume is made from."""
        local, block = self.service(Snapshots), self.service(BlockSnapshots)
        if snapshot := self.store.get(local.kind, snapshot_id, body["zone"]):
            return {field: local.permitted(snapshot)[field] for field in ("id", "name", "volume_type", "size")}
        if not (snapshot := self.store.get(block.kind, snapshot_id, body["zone"])):
            raise errors.not_found("instance_snapshot", snapshot_id)
        block.permitted(snapshot)
        return {"id": snapshot_id, "name": "", "volume_type": "sbs_snapshot", "size": 0}


class PlacementGroups(Zonal):
    """Kept and told, but there is one machine to place everything on."""

    path = "/instance/v1/zones/{zone}/placement_groups"
    noun = "placement_group"
    common = ("id", "name", "project", "organization", "zone")
    mutable = ("name", "tags", "policy_mode", "policy_type")
    nullable = ("tags",)
    defaults = {"tags": [], "policy_mode": "optional", "policy_type": "max_availability", "policy_respected": True}
    enums = {"policy_mode": ("optional", "enforced"), "policy_type": ("max_availability", "low_latency")}

    def shape(self, body):
        return super().shape(body) | {"tags": body.get("tags") or []}

    def revise(self, group, body):
        return super().revise(group, body) | ({"tags": body["tags"] or []} if "tags" in body else {})

    def fetch(self, id, scope=None):
        """An id that is none is another refusal than one that is unknown."""
        try:
            uuid.UUID(id)
        except ValueError:
            raise not_a_value(self.noun) from None
        return super().fetch(id, scope)

    def removable(self, group):
        if self.store.find(SERVER, _placement_group=group["id"]):
            raise errors.precondition_failed("resource_still_in_use", "the placement group is in use")


def task(record: dict, path: str, description: str = "fake task", started_at: str | None = None) -> dict:
    """What is answered instead of a task: there is nothing to ask about it."""
    return {
        "id": NO_TASK,
        "description": description,
        "status": "pending",
        "href_from": f"/{path}",
        "href_result": f"/{path}/{record['id']}",
        "started_at": started_at or record["modification_date"],
        "terminated_at": None,
        "progress": 0,
        "zone": record["zone"],
    }
