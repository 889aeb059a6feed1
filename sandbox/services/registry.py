"""Container Registry, registry/v1: namespaces, and the images and tags that were pushed into them.

Shapes: scaleway-sdk-python, scaleway/registry/v1/types.py. What is not served, and why: docs/sandbox.md#registry.
Behind it is one docker-registry, whose clients get their tokens here (Distribution's token authentication).
"""

import base64
import secrets
import threading

from .. import errors
from ..call import Call
from ..collection import REGIONS, Collection, Service, action, equals
from ..machines.dns import Record
from ..machines.registry import Access
from ..permissions import Permissions

PLATFORM = "serverless"
"""The user as whom Serverless Containers pull; its password is made at every start."""


class Namespaces(Collection):
    path = "/registry/v1/regions/{region}/namespaces"
    noun = "namespace"
    kind = "registry.namespace"
    missing = "Namespace was not found"
    required = ("name",)
    mutable = ("description", "is_public")
    defaults = {"description": "", "is_public": False, "status": "ready", "status_message": ""}
    formats = {"name": r"[a-z0-9]([a-z0-9_.-]{0,98}[a-z0-9])?"}
    filters = {field: Collection.filters[field] for field in ("name", "project_id", "organization_id")}
    deleting, delete_code = "deleting", 200
    busy = ("deleting",)

    def shape(self, body):
        if self.store.find(self.kind, name=body["name"]):
            raise errors.already_exists(self.resource, body["name"], "name is taken")
        self.machines.registry.ensure()  # an image may be pushed as soon as this is answered
        host = self.machines.registry.host or hostname(body["region"])
        return super().shape(body) | {"endpoint": f"{host}/{body['name']}"}

    def present(self, namespace, verb):
        images = self.service(Images).of(namespace)
        return super().present(namespace, verb) | {
            "size": sum(image["size"] for image in images),
            "image_count": len(images),
        }

    def remove(self, namespace):
        images = self.service(Images)
        for image in images.of(namespace):
            images.remove(image)
        return super().remove(namespace)

    def stopped(self, namespace):
        self.machines.registry.remove(namespace["name"])


class Images(Collection):
    """What the registry holds: looked up there whenever it is asked for."""

    path = "/registry/v1/regions/{region}/images"
    noun = "image"
    kind = "registry.image"
    missing = "Image was not found"
    operations = ("list", "get", "update", "delete")
    common = ("id", "created_at", "updated_at")
    mutable = ("visibility",)
    defaults = {"visibility": "inherit", "status": "ready", "status_message": ""}
    enums = {"visibility": ("inherit", "public", "private", "visibility_unknown")}
    filters = {
        "name": equals("name"),
        "namespace_id": equals("namespace_id"),
        "project_id": equals("_project_id"),
        "organization_id": equals("_organization_id"),
    }
    deleting, delete_code = "deleting", 200
    busy = ("deleting",)

    def shape(self, body):
        return {
            field: body[field] for field in ("name", "namespace_id", "size", "tags", "_project_id", "_organization_id")
        }

    def revise(self, image, body):
        return {} if body.get("visibility") == "visibility_unknown" else super().revise(image, body)

    def of(self, namespace: dict) -> list[dict]:
        """The images of a namespace, as the registry has them now."""
        with self.store.lock(self.kind):
            known = {image["name"]: image for image in self.store.find(self.kind, namespace_id=namespace["id"])}
            held = self.machines.registry.images(namespace["name"])
            for name, image in held.items():
                fields = {"size": image.size, "tags": sorted(image.tags)}
                if name not in known:
                    owner = {"_project_id": namespace["project_id"], "_organization_id": namespace["organization_id"]}
                    place = {"region": namespace["region"], "namespace_id": namespace["id"], "name": name}
                    known[name] = self.add(place | owner | fields)
                elif any(known[name][field] != value for field, value in fields.items()):
                    known[name] = self.change(known[name], **fields)
                self.service(Tags).keep(known[name], image.tags)
            for name in known.keys() - held.keys():
                self.service(Tags).keep(known[name], {})
                self.store.delete(self.kind, known[name]["id"], known[name]["_scope"])
            return [image for name, image in known.items() if name in held]

    def look(self):
        for namespace in self.store.all(Namespaces.kind):
            self.of(namespace)

    def _list(self, call):
        self.look()
        return super()._list(call)

    def _get(self, image, call):
        self.look()
        return super()._get(self.fetch(image["id"]), call)

    def repository(self, image: dict) -> str:
        return f"{self.service(Namespaces).fetch(image['namespace_id'])['name']}/{image['name']}"

    def stopped(self, image):
        self.machines.registry.remove(self.repository(image))

    @action("GET", "/{id}/tags")
    def tags(self, image, call: Call):
        self.look()
        tags = self.service(Tags)
        found = tags.select(image, call)
        return {"tags": [tags.present(tag, "list") for tag in found], "total_count": len(found)}


class Tags(Collection):
    path = "/registry/v1/regions/{region}/tags"
    noun = "tag"
    kind = "registry.tag"
    missing = "Tag was not found"
    operations = ("get", "delete")
    common = ("id", "created_at", "updated_at")
    inside = {"image_id": Images}
    filters = {"name": equals("name")}
    defaults = {"status": "ready"}
    deleting, delete_code = "deleting", 200
    busy = ("deleting",)

    def shape(self, body):
        return {field: body[field] for field in ("name", "image_id", "digest")}

    def select(self, image: dict, call: Call) -> list[dict]:
        return self._select(self.store.find(self.kind, image_id=image["id"]), call)

    def keep(self, image: dict, tags: dict[str, str]):
        """Have the records of exactly these tags of an image: {name: digest}."""
        known = {tag["name"]: tag for tag in self.store.find(self.kind, image_id=image["id"])}
        for name, digest in tags.items():
            if name not in known:
                self.add({"region": image["_scope"], "image_id": image["id"], "name": name, "digest": digest})
            elif known[name]["digest"] != digest:
                self.change(known[name], digest=digest)
        for name in known.keys() - tags.keys():
            self.store.delete(self.kind, known[name]["id"], known[name]["_scope"])

    def stopped(self, tag):
        images = self.service(Images)
        self.machines.registry.remove(images.repository(images.fetch(tag["image_id"])), tag["name"])


class Authentication(Service):
    """Where `docker login`, `pull` and `push` get their tokens: an API key's secret is the password of any user."""

    path = "/registry/v1/tokens"
    noun = "token"
    needs_token = False

    def prepare(self):
        self.password = secrets.token_urlsafe(32)
        names = tuple(map(hostname, REGIONS))
        self.machines.registry.start(self.settings.bridge_url + self.path, (PLATFORM, self.password), names)
        for name in names:
            self.machines.dns.publish(name, [Record("", "A", self.settings.registry_address)])
        if self.store.count(Namespaces.kind):  # somebody may push to it
            threading.Thread(target=self.machines.registry.ensure, name="registry", daemon=True).start()

    @action("GET", "")
    def token(self, call: Call):
        user, password = credentials(call.authorization)
        key = None
        if password and not self.is_platform(user, password):
            key = self.sandbox.identify(password)
        asked = [scope for scopes in call.query.get("scope", []) for scope in scopes.split(" ")]
        granted = [found for scope in asked if (found := self.grant(scope, user, password, key))]
        token = self.machines.registry.token(user or "anonymous", granted)
        return {"token": token, "access_token": token}

    def is_platform(self, user: str, password: str) -> bool:
        return user == PLATFORM and secrets.compare_digest(password, self.password)

    def grant(self, scope: str, user: str, password: str, key: dict | None) -> Access | None:
        """What of a scope (`repository:shop/web:pull,push`) is allowed."""
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        wanted, (first, _, image) = set(actions.split(",")), name.partition("/")
        namespace = next(iter(self.store.find(Namespaces.kind, name=first)), None)
        if kind != "repository" or namespace is None or not image:
            return None
        if key is None and password:  # the platform, which was told by its password
            allowed = {"pull"}
        elif key is None:
            allowed = {"pull"} if self.is_public(namespace, image) else set()
        else:
            permissions = Permissions(self.store, key)
            verbs = {"pull": "read", "push": "write", "delete": "delete"}
            allowed = {
                verb
                for verb, permission in verbs.items()
                if permissions.allow(f"registry:image:{permission}", namespace["project_id"])
            }
            if self.is_public(namespace, image):
                allowed.add("pull")
        return Access(name, tuple(sorted(wanted & allowed)))

    def is_public(self, namespace: dict, image: str) -> bool:
        found = [
            record for record in self.store.find(Images.kind, namespace_id=namespace["id"]) if record["name"] == image
        ]
        visibility = found[0]["visibility"] if found else "inherit"
        return namespace["is_public"] if visibility == "inherit" else visibility == "public"


def hostname(region: str) -> str:
    return f"rg.{region}.scw.cloud"


def credentials(authorization: str) -> tuple[str, str]:
    """User and password of HTTP's basic authentication; empty without."""
    kind, _, encoded = authorization.partition(" ")
    try:
        user, _, password = (
            base64.b64decode(encoded).decode().partition(":") if kind.lower() == "basic" else ("", "", "")
        )
    except ValueError:
        raise errors.denied_authentication() from None
    return user, password
