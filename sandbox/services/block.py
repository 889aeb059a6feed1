"""Block storage: block/v1, and v1alpha1, which the CLI still speaks.

Shapes: scaleway-sdk-python, scaleway/block/v1/types.py. What is not served, and why: docs/sandbox.md#block.
"""

import uuid
from dataclasses import replace

from .. import errors
from ..call import Call
from ..collection import Collection, Service, action, equals

GB = 10**9
SMALLEST, LARGEST = 1 * GB, 10_000 * GB
PERF_IOPS = (5000, 15000)


def _volume_type(perf_iops: int) -> str:
    return f"sbs_{perf_iops // 1000}k"


class Both(Service):
    """Serves v1alpha1 as v1, of which it lacks the encryption key."""

    def routes(self):
        for route in super().routes():
            yield route
            older = route.path.replace("/block/v1/", "/block/v1alpha1/")
            yield replace(route, path=older, handler=_without_key(route.handler))


def _without_key(handler):
    def strip(value):
        if isinstance(value, dict):
            return {key: strip(item) for key, item in value.items() if key != "kms_key_id"}
        return type(value)(map(strip, value)) if isinstance(value, (list, tuple)) else value

    return lambda call: strip(handler(call))


class Volumes(Both, Collection):
    path = "/block/v1/zones/{zone}/volumes"
    noun = "volume"
    kind = "block.volume"
    initial, ready = "creating", "available"
    busy = ("creating", "updating", "snapshotting")
    common = ("id", "name", "project_id", "created_at", "updated_at", "zone")
    mutable = ("name", "tags")
    defaults = {"tags": [], "references": [], "parent_snapshot_id": None, "last_detached_at": None, "kms_key_id": None}
    filters = Collection.filters | {
        "volume_ids": equals("id"),
        "volume_type": equals("type"),
        "product_resource_id": lambda volume, values: any(
            reference["product_resource_id"] in values for reference in volume["references"]
        ),
    }

    # For services ---------------------------------------------------------------------------------------------------

    def attach(self, volume_id: str, server_id: str) -> dict:
        """A server takes the volume. Raises: 404; 412 where another server has it."""
        volume = self.fetch(volume_id)
        with self.store.lock(self.kind, volume["_scope"], volume_id):
            volume = self.fetch(volume_id)
            holders = {reference["product_resource_id"] for reference in volume["references"]}
            if holders - {server_id}:
                raise errors.precondition_failed("resource_still_in_use", "volume is attached to another server")
            if holders:
                return volume
            reference = {
                "id": str(uuid.uuid4()),
                "product_resource_type": "instance_server",
                "product_resource_id": server_id,
                "created_at": self.now(),
                "type": "exclusive",
                "status": "attached",
            }
            return self.change(volume, references=[reference], status="in_use")

    def detach(self, volume_id: str):
        """No server has the volume any more; what is gone is fine."""
        if volume := self.store.get(self.kind, volume_id):
            self.change(volume, references=[], status="available", last_detached_at=self.now())

    # Hooks ----------------------------------------------------------------------------------------------------------

    def shape(self, body):
        perf_iops = _perf_iops(body.get("perf_iops", 5000))
        return super().shape(body) | self._content(body) | {
            "type": _volume_type(perf_iops),
            "specs": {"perf_iops": perf_iops, "class": "sbs"},
            "kms_key_id": body.get("kms_key_id"),
        }  # fmt: skip

    def _content(self, body: dict) -> dict:
        """Size and origin of a new volume."""
        if empty := body.get("from_empty"):
            return {"size": _size(empty.get("size"), "from_empty.size")}
        if origin := body.get("from_snapshot"):
            snapshot = self.service(Snapshots).fetch(origin.get("snapshot_id", ""), body["zone"])
            size = _size(origin.get("size") or snapshot["size"], "from_snapshot.size", snapshot["size"])
            return {"size": size, "parent_snapshot_id": snapshot["id"]}
        raise errors.invalid_argument("from_empty", "required", "from_empty or from_snapshot is required")

    def present(self, volume, verb):
        """A server may have taken the volume, or left it, since its status was written."""
        settled = {"status": "in_use" if volume["references"] else "available"}
        return super().present(volume, verb) | (settled if volume["status"] in ("in_use", "available") else {})

    def started(self, volume, body):
        return {"status": self._settled(volume)}

    def revise(self, volume, body):
        changes, wanted = super().revise(volume, body), {}
        if "size" in body and body["size"] != volume["size"]:
            wanted["size"] = _size(body["size"], "size", volume["size"])
        if "perf_iops" in body and (perf_iops := _perf_iops(body["perf_iops"])) != volume["specs"]["perf_iops"]:
            wanted |= {"specs": volume["specs"] | {"perf_iops": perf_iops}, "type": _volume_type(perf_iops)}
        return changes | ({"status": "updating", "_wanted": wanted} if wanted else {})

    def updated(self, volume, changes):
        """Size and performance change a while after the answer."""
        if volume["status"] == "updating":
            return volume["_wanted"] | {"status": self._settled(volume), "_wanted": {}}
        return None

    def resumed(self, volume):
        return self.updated(volume, {}) or (
            {"status": self._settled(volume)} if volume["status"] == self.initial else None
        )

    def removable(self, volume):
        if volume["references"]:
            raise errors.precondition_failed("resource_still_in_use", "volume must be detached to be deleted")

    def _settled(self, volume: dict) -> str:
        """A server may have taken the volume, or left it, since the change began."""
        return "in_use" if self.fetch(volume["id"])["references"] else "available"


class Snapshots(Both, Collection):
    path = "/block/v1/zones/{zone}/snapshots"
    noun = "snapshot"
    initial, ready = "creating", "available"
    busy = ("creating",)
    common = Volumes.common
    required = ("volume_id",)
    mutable = ("name", "tags", "public")
    defaults = {"tags": [], "references": [], "class": "sbs", "public": False, "kms_key_id": None}
    filters = Collection.filters | {"volume_id": equals("_volume_id")}

    def shape(self, body):
        volume = self.service(Volumes).fetch(body["volume_id"], body["zone"])
        kept = {field: body[field] for field in self.mutable if field in body}
        return kept | {"size": volume["size"], "kms_key_id": volume["kms_key_id"], "_volume_id": volume["id"]}

    def present(self, snapshot, verb):
        volume = self.store.get(Volumes.kind, snapshot["_volume_id"])
        parent = {field: volume[field] for field in ("id", "name", "type", "status")} if volume else None
        return super().present(snapshot, verb) | {"parent_volume": parent}

    def not_found(self, id):
        """Snapshots behind the marketplace's images exist, but nobody else may see them."""
        if self.store.find(Volumes.kind, parent_snapshot_id=id):
            return errors.permissions_denied("read", "snapshot")
        return super().not_found(id)


def _size(size: int | None, name: str, smallest: int = SMALLEST) -> int:
    """A size in bytes, or the refusal of it."""
    if not isinstance(size, int):
        raise errors.invalid_argument(name, "required", "is required")
    if not smallest <= size <= LARGEST:
        raise errors.invalid_argument(name, "constraint", f"must be between {smallest} and {LARGEST} bytes")
    return size


def _perf_iops(perf_iops: int) -> int:
    if perf_iops not in PERF_IOPS:
        raise errors.invalid_argument("perf_iops", "constraint", f"must be one of {', '.join(map(str, PERF_IOPS))}")
    return perf_iops


class VolumeTypes(Both):
    path = "/block/v1/zones/{zone}/volume-types"

    @action("GET", "")
    def list(self, call: Call):
        zone = call.params["zone"]
        types = [
            {
                "type": _volume_type(perf_iops),
                "specs": {"perf_iops": perf_iops, "class": "sbs"},
                "pricing": None,
                "snapshot_pricing": None,
                "zone": zone,
            }
            for perf_iops in PERF_IOPS
        ]
        return {"volume_types": self.page(call, types), "total_count": len(types)}
