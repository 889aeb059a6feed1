"""Secret Manager: secret/v1beta1.

Shapes: scaleway-sdk-python, scaleway/secret/v1beta1/types.py. What is not served, and why: docs/sandbox.md#secret-manager.
Payloads are in the store only, a file that nobody but its owner can read.
"""

import base64
import binascii
import json
import re
import zlib
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from cryptography.x509 import load_pem_x509_certificates

from .. import errors
from ..collection import Collection, Service, action, equals

ROOT = "/secret-manager/v1beta1/regions/{region}"
SECRET_TYPES = ("opaque", "certificate", "key_value", "basic_credentials", "database_credentials", "ssh_key")
MAX_PAYLOAD = 64 * 1024  # bytes (documentation, FAQ of Secret Manager)
PRODUCTS = ("edge_services", "s2s_vpn")
# What the JSON of a type has to say; values are strings.
FIELDS = {
    "basic_credentials": {"username", "password"},
    "database_credentials": {"engine", "username", "password", "host", "port", "dbname"},
    "ssh_key": {"ssh_private_key"},
}


class Secrets(Collection):
    """Deleting schedules: the record answers until it is purged, and no list shows it unless asked."""

    path = f"{ROOT}/secrets"
    noun = "secret"
    kind = "secret.secret"
    required = ("name",)
    mutable = ("name", "tags", "description", "path", "ephemeral_policy")
    defaults = {
        "status": "ready", "tags": [], "description": "", "managed": False, "type": "opaque", "protected": False, "path": "/",
        "ephemeral_policy": None, "used_by": [], "deletion_requested_at": None, "key_id": None,
    }  # fmt: skip
    common = ("id", "name", "project_id", "created_at", "updated_at", "region")
    enums = {"type": SECRET_TYPES}
    formats = {"path": r"/.*"}
    filters = Collection.filters | {
        "path": lambda record, values: record["path"] == folder(values[-1]),
        "type": equals("type"),
        "ephemeral": lambda record, values: bool(record["ephemeral_policy"]) == is_true(values),
        "scheduled_for_deletion": lambda record, values: bool(record["deletion_requested_at"]) == is_true(values),
    }

    def shape(self, body):
        created_only = {field: body[field] for field in ("type", "protected", "key_id") if field in body}
        record = super().shape(body) | created_only | self._normalised(body)
        self._refuse_twin(record | {"project_id": body.get("project_id"), "region": body["region"]})
        return record

    def revise(self, record, body):
        changes = super().revise(record, body) | self._normalised(body)
        self._refuse_twin(record | changes)
        return changes

    def present(self, record, verb):
        return super().present(record, verb) | {"version_count": len(self.service(Versions).of(record))}

    def removable(self, secret):
        if secret["protected"]:
            raise errors.precondition_failed("protected_resource", "cannot delete a protected secret")

    def remove(self, secret):
        if secret["ephemeral_policy"]:
            return super().remove(secret)
        return self.change(secret, deletion_requested_at=self.now())

    def by_path(self, region, project_id, path, name):
        for secret in self.store.find(self.kind, region=region, name=name, path=folder(path)):
            if secret["project_id"] == project_id and not secret["deletion_requested_at"]:
                return self.permitted(secret)
        raise self.not_found("")

    @action("POST", "/{id}/protect")
    def protect(self, secret, call):
        return self.answer(self.change(secret, protected=True), "update")

    @action("POST", "/{id}/unprotect")
    def unprotect(self, secret, call):
        return self.answer(self.change(secret, protected=False), "update")

    @action("POST", "/{id}/restore", permits="restore")
    def restore(self, secret, call):
        self._refuse_twin(secret)
        return self.answer(self.change(secret, deletion_requested_at=None), "update")

    @action("POST", "/{id}/add-owner")
    def add_owner(self, secret, call):
        product = call.body.get("product")
        if product not in PRODUCTS:
            raise errors.invalid_argument("product", "constraint", f"must be one of {', '.join(PRODUCTS)}")
        self.change(secret, used_by=sorted({*secret["used_by"], product}))

    @action("GET", "/browse")
    def browse(self, call):
        """Secrets and folders that are directly in `prefix`."""
        prefix = folder(call.argument("prefix") or "/")
        inside = prefix.rstrip("/") + "/"
        shown = [secret for secret in self._live(call) if f"{secret['path'].rstrip('/')}/".startswith(inside)]
        here = [secret for secret in shown if secret["path"] == prefix]
        folders = sorted({secret["path"][len(inside) :].split("/")[0] for secret in shown if secret["path"] != prefix})
        items = [{"name": name, "created_at": None, "updated_at": None, "folder": {}} for name in folders]
        for secret in sorted(here, key=lambda secret: secret["name"]):
            details = self.present(secret, "list")
            item = {field: details.pop(field) for field in ("name", "created_at", "updated_at")}
            known = ("id", "tags", "version_count", "protected", "type", "ephemeral_policy")
            items.append(item | {"secret": {field: details[field] for field in known}})
        return {"items": self.page(call, items), "current_path": prefix, "total_count": len(items)}

    def _select(self, records, call):
        call.query.setdefault("scheduled_for_deletion", ["false"])
        call.query.setdefault("order_by", ["name_asc"])
        return super()._select(records, call)

    def _live(self, call):
        found = self._select(self.store.all(self.kind, self._scope(call)), call)
        return [secret for secret in found if call.allows(secret["project_id"])]

    def _normalised(self, body):
        changes = {"path": folder(body["path"])} if "path" in body else {}
        if policy := body.get("ephemeral_policy"):
            if policy.get("action") not in ("delete", "disable"):
                raise errors.invalid_argument("ephemeral_policy.action", "constraint", "must be delete or disable")
            lifetime = policy.get("time_to_live")
            changes["ephemeral_policy"] = {
                "time_to_live": lifetime and f"{seconds(lifetime):.9f}".rstrip("0").rstrip(".") + "s",
                "expires_once_accessed": bool(policy.get("expires_once_accessed")),
                "action": policy["action"],
            }
        return changes

    def _refuse_twin(self, secret):
        project = secret["project_id"] or self.organization_id
        found = self.store.find(self.kind, region=secret["region"], name=secret["name"], path=secret.get("path", "/"))
        for twin in found:
            if twin["id"] != secret.get("id") and twin["project_id"] == project and not twin["deletion_requested_at"]:
                raise errors.already_exists(self.resource, twin["id"], "a secret of this name is in this path")


class Versions(Collection):
    """Payloads. Revisions count from 1 and are never used again; `latest` and `latest_enabled` stand for numbers."""

    path = f"{ROOT}/secrets/{{secret_id}}/versions"
    parent = Secrets
    noun = "version"
    kind = "secret.version"
    resource = "secret_version"
    key = "revision"
    common = ("created_at", "updated_at", "region")
    required = ("data",)
    mutable = ("description", "ephemeral_properties")
    defaults = {
        "status": "enabled", "description": "", "deleted_at": None, "deletion_requested_at": None, "ephemeral_properties": None,
    }  # fmt: skip
    filters = {"status": lambda version, values: version["status"] in ",".join(values).split(",")}

    def of(self, secret):
        """Its versions, oldest first."""
        return self.store.all(self.kind, f"{secret['_scope']}/{secret['id']}")

    def shape(self, body):
        secret = self.parent_of(body)
        payload = decoded(body["data"])
        if len(payload) > MAX_PAYLOAD:
            raise errors.invalid_argument("data", "constraint", f"holds more than {MAX_PAYLOAD} bytes")
        checksum = body.get("data_crc32")
        if checksum is not None and int(checksum) != zlib.crc32(payload):
            raise errors.invalid_argument("data_crc32", "constraint", "does not match the data")
        if fault := fault_of(secret["type"], payload):
            raise errors.invalid_argument("data", "format", fault)
        before = self.of(secret)
        if body.get("disable_previous"):
            for version in [version for version in before if version["status"] == "enabled"][-1:]:
                self.change(version, status="disabled")
        policy = secret["ephemeral_policy"]
        kept = {"description": body["description"]} if "description" in body else {}
        return kept | {
            "_data": body["data"],
            "_crc32": checksum,
            "secret_id": secret["id"],
            "revision": max((version["revision"] for version in before), default=0) + 1,
            "ephemeral_properties": policy and self._properties(policy),
        }

    def present(self, record, verb):
        newest = max((version["revision"] for version in self.of(self._secret(record))), default=record["revision"])
        return super().present(record, verb) | {"latest": record["revision"] == newest}

    def fetch(self, id, scope=None):
        versions = [self._expire(version) for version in self.store.all(self.kind, scope)]
        if id == "latest_enabled":
            versions = [version for version in versions if version["status"] == "enabled"]
        if id.startswith("latest"):
            found = versions[-1:]
        else:
            found = [version for version in versions if str(version["revision"]) == id]
        if not found:
            raise self.not_found(id)
        return found[0]

    def remove(self, version):
        return self.change(version, status="scheduled_for_deletion", deletion_requested_at=self.now())

    @action("POST", "/{id}/restore", permits="restore")
    def restore(self, version, call):
        return self.answer(self.change(version, status="enabled", deletion_requested_at=None), "update")

    @action("POST", "/{id}/enable")
    def enable(self, version, call):
        return self.answer(self.change(version, status="enabled"), "update")

    @action("POST", "/{id}/disable")
    def disable(self, version, call):
        return self.answer(self.change(version, status="disabled"), "update")

    @action("GET", "/{id}/access", permits="access")
    def access(self, version, call):
        if version["status"] != "enabled":
            raise errors.precondition_failed("resource_not_usable", f"the version is {version['status']}")
        secret = self._secret(version)
        answer = {"secret_id": secret["id"], "revision": version["revision"], "type": secret["type"]}
        answer |= {"data": version["_data"], "data_crc32": version["_crc32"]}
        if (version["ephemeral_properties"] or {}).get("expires_once_accessed"):
            self._end(version)
        return answer

    def _select(self, records, call):
        return super()._select([self._expire(version) for version in records], call)[::-1]  # newest first

    def _secret(self, version):
        return self.store.get(Secrets.kind, version["secret_id"])

    def _properties(self, policy):
        lifetime = policy["time_to_live"]
        expires_at = lifetime and (datetime.now(UTC) + timedelta(seconds=seconds(lifetime))).isoformat()
        return {
            "expires_at": expires_at and expires_at.replace("+00:00", "Z"),
            "expires_once_accessed": policy["expires_once_accessed"],
            "action": policy["action"],
        }

    def _expire(self, version):
        """The version as it is now that its time may be up."""
        expires_at = (version["ephemeral_properties"] or {}).get("expires_at")
        over = expires_at and datetime.fromisoformat(expires_at) < datetime.now(UTC)
        return self._end(version) if over and version["status"] == "enabled" else version

    def _end(self, version):
        if version["ephemeral_properties"]["action"] == "disable":
            return self.change(version, status="disabled")
        return self.change(version, status="deleted", deleted_at=self.now(), _data=None)


class AccessByPath(Service):
    path = f"{ROOT}/secrets-by-path/versions"

    @action("GET", "/{revision}/access", permits="access")
    def access(self, call):
        project = call.argument("project_id") or self.organization_id
        path, name = call.argument("secret_path") or "/", call.argument("secret_name") or ""
        secret = self.service(Secrets).by_path(call.params["region"], project, path, name)
        versions = self.service(Versions)
        return versions.access(versions.fetch(call.params["revision"], f"{secret['_scope']}/{secret['id']}"), call)


class Overview(Service):
    """What tags and types the secrets of a project have."""

    path = ROOT

    @action("GET", "/tags")
    def tags(self, call):
        return self._told(call, "tags", {tag for secret in self._secrets(call) for tag in secret["tags"]})

    @action("GET", "/secret-types")
    def types(self, call):
        return self._told(call, "types", {secret["type"] for secret in self._secrets(call)})

    def _secrets(self, call):
        project = call.argument("project_id")
        secrets = self.store.find(Secrets.kind, region=call.params["region"])
        return [
            secret
            for secret in secrets
            if project in (None, secret["project_id"])
            and not secret["deletion_requested_at"]
            and call.allows(secret["project_id"])
        ]

    def _told(self, call, name, values):
        return {name: self.page(call, sorted(values)), "total_count": len(values)}


def folder(path):
    return "/" + path.strip("/")


def is_true(values):
    return values[-1].lower() == "true"


def seconds(duration):
    """ "1800s", or "1800.000000000s" as Go writes it -> 1800.0."""
    if not re.fullmatch(r"\d+(\.\d+)?s", duration):
        raise errors.invalid_argument("ephemeral_policy.time_to_live", "format", "must be a duration such as 1800s")
    return float(duration[:-1])


def decoded(data):
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, TypeError):
        raise errors.invalid_argument("data", "format", "must be base64") from None


def fault_of(secret_type, payload):
    """What makes a payload unfit for the type of its secret, in words; None where it fits."""
    if secret_type == "opaque":
        return None
    try:
        if secret_type == "certificate":
            load_pem_x509_certificates(payload)
            return None
        content = json.loads(payload)
        if not isinstance(content, dict):
            return "- (root): Invalid type. Expected: object"
        for name, value in content.items():
            if not isinstance(value, str):
                given = {dict: "object", list: "array", bool: "boolean", type(None): "null"}.get(type(value), "number")
                return f"- {name}: Invalid type. Expected: string, given: {given}"
        for name in sorted(FIELDS.get(secret_type, set()) - content.keys()):
            return f"- (root): {name} is required"
        if secret_type == "ssh_key":
            load_ssh_private_key(content["ssh_private_key"].encode(), password=None)
    except ValueError as error:
        return str(error)
    return None
