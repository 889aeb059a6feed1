"""Object Storage: who an access key of the S3 endpoint is, and what its owner's policies give it.

The API itself is S3, served by machines/object_storage.py. What it does not do, and why: docs/sandbox.md#object-storage.
"""

from urllib.parse import urlsplit

from ..collection import REGIONS, Service, action
from ..machines.dns import Record
from ..machines.s3.access import Caller
from ..permissions import Permissions
from .iam import is_expired


class ObjectStorage(Service):
    """Starts with the sandbox; the admin API tells what is stored."""

    path = "/_sandbox/object-storage"

    def prepare(self):
        if not self.settings.api_only:
            self.machines.engine.ensure_network()  # it listens on the bridge's gateway
        for region in REGIONS:
            for kind in ("s3", "s3-website"):
                records = [Record(name, "A", urlsplit(self.settings.s3_url).hostname) for name in ("", "*")]
                self.machines.dns.publish(f"{kind}.{region}.scw.cloud", records)
        self.machines.object_storage.start(self.caller, self.sandbox.faults.pick)

    def caller(self, access_key: str, project_id: str | None) -> Caller | None:
        key = self.store.get("iam.api_key", access_key)
        if key is None or is_expired(key) or not self.store.get("account.project", project_id or self.organization_id):
            return None
        kind = "user" if key.get("user_id") else "application"
        permissions = Permissions(self.store, key)
        return Caller(
            secret_key=key["_secret_key"],
            project_id=project_id or key["default_project_id"],
            principal=f"{kind}_id:{key[f'{kind}_id']}",
            is_owner=permissions.is_owner,
            permits=lambda permission, project: permissions.allow(f"object-storage:{permission}", project),
        )

    @action("GET", "")
    def overview(self, call):
        names = ("name", "project_id", "region", "objects", "bytes")
        buckets = [dict(zip(names, found, strict=True)) for found in self.machines.object_storage.buckets()]
        return {"url": self.settings.s3_url, "buckets": buckets}
