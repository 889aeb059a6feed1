"""Read replicas. They have no server: docs/sandbox.md#rdb."""

import secrets
import uuid

from ...call import Call
from ...collection import Collection, action
from ..ipam import Ips
from .access import Access
from .instances import Instances

DIRECT_ADDRESS = "198.51.100.{}"  # reserved for documentation (RFC 5737): nothing answers there


class ReadReplicas(Collection):
    path = "/rdb/v1/regions/{region}/read-replicas"
    noun = "read_replica"
    operations = ("get", "create", "delete")
    common = ("id", "region")
    required = ("instance_id",)
    defaults = {"same_zone": True, "endpoints": []}
    mutable = ("same_zone",)
    initial, deleting, delete_code = "provisioning", "deleting", 200
    busy = ("provisioning", "initializing", "configuring", "promoting", "deleting")

    def shape(self, body):
        self.service(Instances).fetch(body["instance_id"], body["region"])
        identity = {"id": str(uuid.uuid4()), "instance_id": body["instance_id"], "region": body["region"]}
        specs = body.get("endpoint_spec") or []
        return super().shape(body) | identity | {"endpoints": self._private(identity, specs), "_specs": specs}

    def started(self, replica, body):
        direct = [self._direct() for spec in replica["_specs"] if "direct_access" in spec]
        return {"status": "ready", "endpoints": replica["endpoints"] + direct}

    @action("POST", "/{id}/endpoints")
    def create_endpoint(self, replica, call: Call):
        specs = call.body.get("endpoint_spec") or []
        direct = [self._direct() for spec in specs if "direct_access" in spec]
        endpoints = replica["endpoints"] + self._private(replica, specs) + direct
        replica = self.change(replica, status="initializing", endpoints=endpoints)
        self.later(replica, lambda record: {"status": "ready"})
        return self.answer(replica, "update")

    def drop_endpoint(self, replica: dict, endpoint: dict):
        rest = [each for each in replica["endpoints"] if each["id"] != endpoint["id"]]
        self.later(self.change(replica, status="configuring", endpoints=rest), lambda record: {"status": "ready"})

    @action("POST", "/{id}/reset")
    def reset(self, replica, call: Call):
        replica = self.change(replica, status="initializing")
        self.later(replica, lambda record: {"status": "ready"})
        return self.answer(replica, "reset")

    @action("POST", "/{id}/promote")
    def promote(self, replica, call: Call):
        instances = self.service(Instances)
        source = instances.fetch(replica["instance_id"])
        fields = {"name": f"promoted - {source['name']}", "tags": [], "status": "initializing"}
        promoted = instances.twin(source, False, **fields)
        self.service(Ips).leave(replica["id"])
        self.store.delete(self.kind, replica["id"], replica["_scope"])  # the replica has become the instance
        return instances.answer(promoted, "promote")

    def _private(self, replica: dict, specs: list[dict]) -> list[dict]:
        instances = self.service(Instances)
        owner = instances.fetch(replica["instance_id"]) | {"id": replica["id"]}
        return [Access.private_endpoint(instances, owner, spec) for spec in specs if "private_network" in spec]

    @staticmethod
    def _direct() -> dict:
        address = DIRECT_ADDRESS.format(1 + secrets.randbelow(254))
        return {"id": str(uuid.uuid4()), "ip": address, "port": 5432, "name": None, "direct_access": {}}

    def stopped(self, replica):
        self.service(Ips).leave(replica["id"])
