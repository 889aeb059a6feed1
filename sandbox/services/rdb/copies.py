"""Copies of what is in an instance: backups of one database, snapshots of everything."""

import secrets
from datetime import UTC, datetime, timedelta

from starlette.responses import FileResponse

from ... import errors
from ...call import Call
from ...collection import Collection, Service, action, equals
from . import engines
from .instances import Instances

EXPORT_HOURS = 24


class Copies(Collection):
    initial, deleting, delete_code = "creating", "deleting", 200
    busy = ("creating", "exporting", "restoring", "deleting")
    common = ("id", "name", "created_at", "region")
    inside = {"instance_id": Instances}
    mutable = ("name", "expires_at")
    defaults = {"expires_at": None, "size": None, "updated_at": None}
    filters = {
        "name": equals("name"),
        "instance_id": equals("instance_id"),
        "project_id": equals("_project_id"),
        "organization_id": equals("_organization_id"),
    }

    def shape(self, body):
        instance = self.service(Instances).fetch(body["instance_id"], body["region"])
        if instance["status"] != "ready":
            raise errors.transient_state("instance", instance["id"], instance["status"])
        return super().shape(body) | {
            "instance_id": instance["id"],
            "instance_name": instance["name"],
            "_project_id": instance["project_id"],
            "_organization_id": instance["organization_id"],
        }

    def file(self, copy: dict):
        return self.machines.postgres.home / self.plural / copy["id"]

    def stopped(self, copy):
        self.file(copy).unlink(missing_ok=True)


class Backups(Copies):
    path = "/rdb/v1/regions/{region}/backups"
    noun = "database_backup"
    required = ("instance_id", "database_name")
    defaults = Copies.defaults | {"download_url": None, "download_url_expires_at": None}

    def shape(self, body):
        record = super().shape(body)
        instance = self.service(Instances).fetch(body["instance_id"], body["region"])
        scope = f"{body['region']}/{body['instance_id']}"
        if not self.store.get("rdb.database", body["database_name"], scope):
            raise errors.not_found("database", body["database_name"])
        return record | {"same_region": instance["backup_same_region"]}

    def started(self, backup, body):
        self.machines.postgres.dump(backup["instance_id"], backup["database_name"], self.file(backup))
        return {"status": "ready", "size": self.file(backup).stat().st_size, "updated_at": self.now()}

    def resumed(self, backup):
        under_way = {"exporting": self.exported, "restoring": self.restored}
        return under_way.get(backup["status"], super().resumed)(backup)

    @action("POST", "/{id}/restore")
    def restore(self, backup, call: Call):
        instance = self.service(Instances).fetch(call.body.get("instance_id") or backup["instance_id"])
        database = call.body.get("database_name") or backup["database_name"]
        backup = self.change(backup, status="restoring", _target=[instance["id"], database])
        self.later(backup, self.restored)
        return self.answer(backup, "restore")

    def restored(self, backup):
        from .contents import Databases

        id, database = backup["_target"]
        instance = self.service(Instances).awaited(id)
        if not self.store.get("rdb.database", database, f"{instance['_scope']}/{instance['id']}"):
            place = {"region": instance["region"], "instance_id": instance["id"]}
            self.service(Databases).add(place | {"name": database})
        self.machines.postgres.restore(instance["id"], database, self.file(backup))
        return {"status": "ready"}

    @action("POST", "/{id}/export")
    def export(self, backup, call: Call):
        backup = self.change(backup, status="exporting", download_url=None)
        self.later(backup, self.exported)
        return self.answer(backup, "export")

    def exported(self, backup):
        key = secrets.token_urlsafe(32)
        expires = datetime.now(UTC) + timedelta(hours=EXPORT_HOURS)
        url = f"{self.settings.api_url}{Downloads.path}/{backup['id']}/{backup['id']}.custom?key={key}"
        return {
            "status": "ready",
            "download_url": url,
            "download_url_expires_at": expires.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "_download_key": key,
        }


class Downloads(Service):
    """What the real API keeps in a bucket of its own: whoever has the address has the file."""

    path = "/rdb/v1/exports"
    needs_token = False

    @action("GET", "/{id}/{file}")
    def download(self, call: Call):
        backups = self.service(Backups)
        backup = self.store.get(backups.kind, call.params["id"])
        key = (backup or {}).get("_download_key", "")
        if not key or not secrets.compare_digest(key, call.argument("key", "")):
            raise errors.ApiError(403, "Access Denied")
        if datetime.fromisoformat(backup["download_url_expires_at"]) < datetime.now(UTC):
            raise errors.ApiError(403, "Request has expired")
        return FileResponse(backups.file(backup), filename=call.params["file"])


class Snapshots(Copies):
    path = "/rdb/v1/regions/{region}/snapshots"
    noun = "snapshot"
    resource = "instance_snapshot"
    operations = ("list", "get", "update", "delete")

    def shape(self, body):
        instance = self.service(Instances).fetch(body["instance_id"], body["region"])
        volume = {field: instance["volume"][field] for field in ("type", "class")}
        kept = {"node_type": instance["node_type"], "volume_type": volume, "_instance": instance}
        return {"expires_at": body.get("expires_at")} | super().shape(body) | kept

    def started(self, snapshot, body):
        self.machines.postgres.copy(snapshot["instance_id"], self.file(snapshot))
        return {"status": "ready", "size": snapshot["_instance"]["volume"]["size"], "updated_at": self.now()}

    @action("POST", "/{id}/create-instance")
    def create_instance(self, snapshot, call: Call):
        """The instance that a snapshot was taken of need not exist any more."""
        instances, was = self.service(Instances), snapshot["_instance"]
        node = engines.node_type(call.body.get("node_type") or was["node_type"])
        fields = {
            "name": call.body.get("instance_name") or snapshot["instance_name"],
            "node_type": node["name"],
            "is_ha_cluster": bool(call.body.get("is_ha_cluster")),
            "volume": engines.volume(node, was["volume"]["type"], was["volume"]["size"]),
            "tags": [],
        }
        return instances.answer(instances.twin(was, False, self.file(snapshot), **fields), "create")


class InstanceSnapshots(Service):
    path = "/rdb/v1/regions/{region}/instances/{instance_id}/snapshots"

    @action("POST", "")
    def create(self, call: Call):
        snapshots = self.service(Snapshots)
        return snapshots.answer(snapshots.add(call.body | call.params), "create")
