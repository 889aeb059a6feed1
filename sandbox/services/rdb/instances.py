"""Instances: what they are made of, and the server behind each."""

import base64
import re
import time
import uuid
from datetime import datetime, timedelta

from ... import errors
from ...call import Call
from ...collection import Collection, action
from ...machines.postgres import Server
from ..ipam import Ips
from . import engines
from .access import Access, private_of
from .upgrades import Upgrades

PASSWORD = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[^\w]|.*_).{8,128}")
USER_NAME = re.compile(r"(?!_rdb)[A-Za-z][\w.-]{0,62}")


class Instances(Access, Upgrades, Collection):
    path = "/rdb/v1/regions/{region}/instances"
    noun = "instance"
    common = ("id", "name", "project_id", "organization_id", "created_at", "region")
    required = ("engine", "node_type")
    mutable = ("name", "tags", "backup_same_region")
    defaults = {
        "tags": [],
        "backup_same_region": False,
        "maintenances": [],
        "logs_policy": {"max_age_retention": 30, "total_disk_retention": None},
        "high_availability_mode": "unknown_high_availability_mode",
        "settings": [],
        "_acls": [{"ip": "0.0.0.0/0", "description": "Allow All"}],
        "_unmade": True,
    }
    """`_unmade` until the server was ready once: what it was to be made of is not kept."""
    initial, deleting, delete_code = "provisioning", "deleting", 200
    busy = ("provisioning", "initializing", "configuring", "restarting", "backuping", "snapshotting", "deleting")
    filters = Collection.filters | {
        "has_maintenances": lambda instance, values: bool(instance["maintenances"]) == (values[-1].lower() == "true")
    }

    # Life -----------------------------------------------------------------------------------------------------------

    def shape(self, body):
        engine, node = engines.usable(body["engine"]), engines.node_type(body["node_type"])
        if not (self.settings.api_only or engine.startswith("PostgreSQL")):
            raise errors.ApiError(501, f"{engine} has no server in the sandbox", type="not_implemented")
        check_user(body.get("user_name"), body.get("password"))
        init_settings = body.get("init_settings") or []
        engines.check_settings(engines.init_settings_of(engine), init_settings)
        record = super().shape(body) | {
            "id": str(uuid.uuid4()),
            "engine": engine,
            "node_type": node["name"],
            "volume": engines.volume(node, body.get("volume_type") or "lssd", body.get("volume_size") or 0),
            "is_ha_cluster": bool(body.get("is_ha_cluster")),
            "init_settings": init_settings,
            "encryption": {"enabled": bool((body.get("encryption") or {}).get("enabled"))},
            "upgradable_version": engines.upgrades_of(engine),
            "backup_schedule": schedule(self.now(), disabled=bool(body.get("disable_backup"))),
        }
        known = {"region": body["region"], "name": body.get("name", "")}
        return record | self.first_endpoints(record | known, body.get("init_endpoints") or [])

    def started(self, instance, body):
        from .contents import Databases, Privileges, Users  # they are nested in instances

        place = {"region": instance["region"], "instance_id": instance["id"]}
        settings = engines.defaults_of(instance["engine"], engines.node_type(instance["node_type"]))
        public = self.open(instance | {"settings": settings})
        self.service(Databases).add(place | {"name": "rdb"})
        if body.get("user_name"):
            user = {"name": body["user_name"], "password": body.get("password"), "is_admin": True}
            self.service(Users).add(place | user)
            scope = f"{instance['region']}/{instance['id']}"
            self.service(Privileges).give(scope, "rdb", body["user_name"], "all")
        return {"status": "ready", "settings": settings, "_unmade": False} | public

    def prepare(self):
        """Nobody takes an instance for ready before its server is back."""
        for instance in self.store.all(self.kind):
            if instance["status"] != self.deleting and not instance.get("_unmade"):
                self.change(instance, status="restarting")

    def resumed(self, instance):
        if instance.get("_unmade"):
            return {"status": self.failed}  # the password of its user, or the copy that it was made from, is lost
        self.machines.postgres.start(instance["id"], self.server(instance))
        return {"status": "ready"}

    def awaited(self, id: str) -> dict:
        """The instance, once it is settled."""
        while (instance := self.fetch(id))["status"] in self.busy:
            time.sleep(0.1)
        return instance

    def remove(self, instance):
        self.service(Ips).leave(instance["id"])  # its private network may be deleted from now on
        return super().remove(instance)

    def stopped(self, instance):
        from .replicas import ReadReplicas

        replicas = self.service(ReadReplicas)
        for replica in self.replicas(instance):
            replicas.stopped(replica)
            self.store.delete(replicas.kind, replica["id"], replica["_scope"])
        self.machines.postgres.remove(instance["id"], self.server(instance))

    def server(self, instance: dict) -> Server:
        """What the server of an instance should be like."""
        node = engines.node_type(instance["node_type"])
        return Server(
            cpus=node["vcpus"],
            memory=node["memory"],
            parameters=engines.parameters(instance["engine"], instance["settings"]),
            port=instance["_public"] and instance["_public"]["port"],
            allowed=tuple(rule["ip"] for rule in instance["_acls"]),
            private=private_of(instance["endpoints"]),
            names=(f"rw-{instance['id']}.rdb.{instance['region']}.scw.cloud",),
            peers=tuple(replica["_address"] for replica in self.replicas(instance) if "_address" in replica),
        )

    def replicas(self, instance: dict) -> list[dict]:
        """Its read replicas, but for those that are about to go."""
        from .replicas import ReadReplicas  # they refer to instances

        found = self.store.find(self.service(ReadReplicas).kind, instance_id=instance["id"])
        return [replica for replica in found if replica["status"] != "deleting"]

    def open(self, instance: dict, origin=None) -> dict:
        """Start the server; the fields that follow from where it is reached."""
        address = self.machines.postgres.start(instance["id"], self.server(instance), origin)
        return self.with_public(instance, address)

    def reconfigure(self, instance: dict, status: str = "configuring", **fields) -> dict:
        """Change a record whose server follows after the answer."""
        instance = self.change(instance, status=status, **fields)
        self.later(instance, self.reconfigured)
        return instance

    def reconfigured(self, instance):
        from .replicas import ReadReplicas

        self.machines.postgres.apply(instance["id"], self.server(instance))
        for replica in self.replicas(instance):
            if replica["status"] == "ready":
                self.service(ReadReplicas).applied(replica)
        return {"status": "ready"}

    # What is told and changed ---------------------------------------------------------------------------------------

    def present(self, instance, verb):
        from .replicas import ReadReplicas  # they refer to instances

        public = next((endpoint for endpoint in instance["endpoints"] if "load_balancer" in endpoint), None)
        replicas = self.service(ReadReplicas)
        found = self.store.find(replicas.kind, instance_id=instance["id"])
        return super().present(instance, verb) | {
            "endpoint": public,
            "read_replicas": [replicas.present(replica, "list") for replica in found],
        }

    def revise(self, instance, body):
        changes = super().revise(instance, body)
        if policy := body.get("logs_policy"):
            changes |= {"logs_policy": instance["logs_policy"] | policy, "status": "configuring"}
        renamed = {
            "is_backup_schedule_disabled": "disabled",
            "backup_schedule_frequency": "frequency",
            "backup_schedule_retention": "retention",
            "backup_schedule_start_hour": "hour",
        }
        if given := {renamed[field]: value for field, value in body.items() if field in renamed}:
            kept = {field: instance["backup_schedule"][field] for field in ("frequency", "retention", "disabled")}
            changes["backup_schedule"] = schedule(self.now(), **kept | given)
        return changes

    def updated(self, instance, changes):
        return {"status": "ready"} if changes.get("status") else None

    @action("POST", "/{id}/restart")
    def restart(self, instance, call: Call):
        instance = self.change(instance, status="restarting")
        self.later(instance, self.restarted)
        return self.answer(instance, "restart")

    def restarted(self, instance):
        self.machines.postgres.restart(instance["id"], self.server(instance))
        return {"status": "ready"}

    # Settings -------------------------------------------------------------------------------------------------------

    @action("POST", "/{id}/settings")
    def add_settings(self, instance, call: Call):
        given = call.body.get("settings") or []
        errors.require("settings", given, "name")
        named = {each["name"]: each for each in [*instance["settings"], *given]}
        return self._set(instance, list(named.values()), given)

    @action("PUT", "/{id}/settings")
    def set_settings(self, instance, call: Call):
        given = call.body.get("settings") or []
        return self._set(instance, given, given)

    @action("DELETE", "/{id}/settings")
    def delete_settings(self, instance, call: Call):
        names = call.sent.get("setting_names") or []
        return self._set(instance, [each for each in instance["settings"] if each["name"] not in names], [])

    def _set(self, instance, settings, given):
        engines.check_settings(engines.settings_of(instance["engine"]), given)
        self.reconfigure(instance, settings=sorted(settings, key=lambda each: each["name"]))
        return {"settings": settings}

    # Certificate ----------------------------------------------------------------------------------------------------

    @action("GET", "/{id}/certificate")
    def certificate(self, instance, call: Call):
        if instance["status"] == self.initial:
            raise errors.transient_state(self.resource, instance["id"], instance["status"])
        pem = self.machines.postgres.certificate(instance["id"])
        content = base64.b64encode(pem.encode()).decode()
        return {"name": "ssl_certificate", "content_type": "application/x-pem-file", "content": content}

    @action("POST", "/{id}/renew-certificate")
    def renew_certificate(self, instance, call: Call):
        self.later(self.change(instance, status="configuring"), self.renewed)

    def renewed(self, instance):
        self.machines.postgres.renew_certificate(instance["id"], self.server(instance))
        return {"status": "ready"}


def check_user(name: str | None, password: str | None):
    """Refuse what the engine or the API does not take. Both may be empty: nobody can log in then."""
    if name and not USER_NAME.fullmatch(name):
        help_message = "must start with a letter, be 63 characters at most, and not start with _rdb"
        raise errors.invalid_argument("user_name", "format", help_message)
    check_password(password)


def check_password(password: str | None):
    if password and not PASSWORD.fullmatch(password):
        help_message = "must be 8 to 128 characters with a digit, an upper-case, a lower-case and a special character"
        raise errors.invalid_argument("password", "constraint", help_message)


def schedule(now: str, *, disabled: bool, frequency: int = 24, retention: int = 7, hour: int | None = None) -> dict:
    """When backups run: `frequency` in hours, `retention` in days, `hour` of the day in UTC."""
    due = datetime.fromisoformat(now) + timedelta(hours=frequency)
    if hour is not None:
        due = due.replace(hour=hour, minute=0, second=0, microsecond=0)
    next_run_at = None if disabled else due.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {"frequency": frequency, "retention": retention, "disabled": disabled, "next_run_at": next_run_at}
