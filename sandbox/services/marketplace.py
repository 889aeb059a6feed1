"""Marketplace: which images exist, and their ids in a zone. What each one really is: docs/sandbox.md#instance.

Shapes: scaleway-sdk-python, scaleway/marketplace/v2/types.py.
"""

import uuid
from functools import cache

from .. import errors
from ..call import Call
from ..collection import ZONES, Service, action, catalog

SCALEWAY = "51b656e3-4865-41e8-adbc-0c45bdd780db"
"""The organization that owns the public images."""
RELEASED_AT = "2026-05-12T15:20:10.934226"
LOCAL, SBS = "instance_local", "instance_sbs"


@cache
def server_types() -> dict[str, dict]:
    """Commercial type -> what products/servers tells of it, and the `zones` that have it."""
    known = catalog("instance-types")
    found = {}
    for name, given in known["types"].items():
        merged = known["common"] | given
        merged["capabilities"] = known["common"]["capabilities"] | given.get("capabilities", {})
        found[name] = merged
    return found


@cache
def local_images() -> dict[str, dict]:
    """Id -> the image of a label in a zone, for an architecture and a kind of root volume."""
    found = {}
    for label, known in catalog("instance-images").items():
        for zone in ZONES:
            for kind in (LOCAL, SBS):
                for arch in known["arch"] if kind == SBS else ("x86_64",):
                    id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{zone}/{label}/{kind}/{arch}"))
                    types = [name for name, offered in server_types().items() if _fits(name, offered, kind, arch)]
                    fields = {"id": id, "arch": arch, "zone": zone, "label": label, "type": kind}
                    found[id] = fields | {"compatible_commercial_types": types}
    return found


def _fits(name: str, offered: dict, kind: str, arch: str) -> bool:
    if offered["arch"] != arch or offered["gpu"] or name.endswith("-WIN"):
        return False
    return kind == SBS or offered["volumes_constraint"]["max_size"] > 0


def image_of(local: dict) -> dict:
    """A local image -> the image as instance/v1 tells it."""
    name = catalog("instance-images")[local["label"]]["name"]
    snapshot = str(uuid.uuid5(uuid.UUID(local["id"]), "snapshot"))
    root = {"volume_type": "sbs_snapshot", "id": snapshot, "size": 0, "name": ""}
    if local["type"] == LOCAL:
        root = {"volume_type": "l_ssd", "id": snapshot, "size": 10_000_000_000, "name": name}
    return {
        "id": local["id"], "name": name, "organization": SCALEWAY, "project": SCALEWAY, "root_volume": root,
        "extra_volumes": {}, "public": True, "arch": local["arch"], "creation_date": f"{RELEASED_AT}+00:00",
        "modification_date": f"{RELEASED_AT}+00:00", "default_bootscript": None, "from_server": "", "state": "available",
        "tags": [], "zone": local["zone"], "_label": local["label"], "_scope": local["zone"],
    }  # fmt: skip


class LocalImages(Service):
    path = "/marketplace/v2/local-images"
    needs_token = False

    def find(self, id: str) -> dict | None:
        return local_images().get(id)

    @action("GET", "")
    def list(self, call: Call):
        label = (call.argument("image_label") or "").replace("-", "_")
        if label and label not in catalog("instance-images"):
            raise errors.not_found("MarketplaceImage", label)
        if not any(call.argument(name) for name in ("image_label", "image_id", "version_id")):
            raise errors.invalid_argument("image_label", "required", "one of image_label, image_id, version_id")
        wanted = {"label": label, "zone": call.argument("zone"), "type": call.argument("type")}
        wanted = {field: value for field, value in wanted.items() if value and not value.startswith("unknown")}
        if image_id := call.argument("image_id") or call.argument("version_id"):
            wanted["label"] = _label_of(image_id)
        found = [
            image for image in local_images().values() if all(image[name] == value for name, value in wanted.items())
        ]
        found.sort(key=lambda image: image["type"])
        return {"local_images": self.page(call, found), "total_count": len(found)}

    @action("GET", "/{image_id}")
    def get(self, call: Call):
        local = self.find(call.params["image_id"])
        if not local:
            raise errors.not_found("MarketplaceImage", call.params["image_id"])
        return local


class Images(Service):
    path = "/marketplace/v2/images"
    needs_token = False

    @action("GET", "")
    def list(self, call: Call):
        found = [_image(label) for label in catalog("instance-images")]
        return {"images": self.page(call, found), "total_count": len(found)}

    @action("GET", "/{image_id}")
    def get(self, call: Call):
        return _image(_label_of(call.params["image_id"]))


def _image(label: str) -> dict:
    known = catalog("instance-images")[label]
    return {
        "id": _id_of(label), "label": label, "name": known["name"], "description": "", "logo": "",
        "categories": [known["category"]], "created_at": f"{RELEASED_AT}Z", "updated_at": f"{RELEASED_AT}Z",
        "valid_until": None,
    }  # fmt: skip


def _id_of(label: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, label))


def _label_of(image_id: str) -> str:
    for label in catalog("instance-images"):
        if _id_of(label) == image_id:
            return label
    raise errors.not_found("MarketplaceImage", image_id)
