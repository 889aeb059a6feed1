"""Read replicas: each is a server of its own, to which its instance streams every change."""

import uuid
from dataclasses import replace

from ...call import Call
from ...collection import Collection, action
from ...machines.postgres import PORT
from ..ipam import Ips
from .access import Access, private_of
from .instances import Instances


class ReadReplicas(Collection):
    path = "/rdb/v1/regions/{region}/read-replicas"
    noun = "read_replica"
    operations = ("get", "create", "delete")
    common = ("id", "region")
    inside = {"instance_id": Instances}
    required = ("instance_id",)
    defaults = {"same_zone": True, "endpoints": [], "_unmade": True}
    mutable = ("same_zone",)
    initial, deleting, delete_code = "provisioning", "deleting", 200
    busy = ("provisioning", "initializing", "configuring", "promoting", "deleting")

    def shape(self, body):
        identity = {"id": str(uuid.uuid4()), "instance_id": body["instance_id"], "region": body["region"]}
        specs = body.get("endpoint_spec") or []
        return super().shape(body) | identity | {"endpoints": self._private(identity, specs), "_specs": specs}

    def started(self, replica, body):
        """The instance lets the replica in, which copies what there is, and streams from then on."""
        postgres, instances = self.machines.postgres, self.service(Instances)
        replica = self.change(replica, _address=postgres.reserve(replica["id"], self.server(replica)))
        postgres.apply(replica["instance_id"], instances.server(instances.fetch(replica["instance_id"])))
        postgres.follow(replica["id"], self.server(replica), replica["instance_id"])
        private = [endpoint for endpoint in replica["endpoints"] if "private_network" in endpoint]
        endpoints = private + self._direct(replica, replica["_specs"])
        return {"status": "ready", "endpoints": endpoints, "_unmade": False}

    def resumed(self, replica):
        if replica.get("_unmade"):
            return {"status": self.failed}
        self.machines.postgres.start(replica["id"], self.server(replica))
        return {"status": "ready"}

    def server(self, replica: dict):
        """As its instance's, but for the ways in. The rules of the instance hold for direct access too."""
        instances = self.service(Instances)
        source = instances.server(instances.fetch(replica["instance_id"]))
        direct = any("direct_access" in spec for spec in replica["_specs"])
        private = private_of(replica["endpoints"])
        names = (f"{replica['id']}.rdb.{replica['region']}.scw.cloud",)
        return replace(source, port=PORT if direct else None, private=private, names=names, peers=())

    def applied(self, replica):
        """Follow what was changed of the instance, once what was changed has arrived."""
        self.machines.postgres.await_replay(replica["id"], replica["instance_id"])
        self.machines.postgres.apply(replica["id"], self.server(replica))
        return {"status": "ready"}

    @action("POST", "/{id}/endpoints")
    def create_endpoint(self, replica, call: Call):
        specs = call.body.get("endpoint_spec") or []
        endpoints = replica["endpoints"] + self._private(replica, specs) + self._direct(replica, specs)
        kept = replica["_specs"] + specs
        replica = self.change(replica, status="initializing", endpoints=endpoints, _specs=kept)
        self.later(replica, self.applied)
        return self.answer(replica, "update")

    def drop_endpoint(self, replica: dict, endpoint: dict):
        rest = [each for each in replica["endpoints"] if each["id"] != endpoint["id"]]
        specs = [spec for spec in replica["_specs"] if not spec.keys() & endpoint.keys()]
        self.later(self.change(replica, status="configuring", endpoints=rest, _specs=specs), self._dropped, endpoint)

    def _dropped(self, replica, endpoint):
        if network := endpoint.get("private_network", {}).get("private_network_id"):
            ips = self.service(Ips)
            for ip in ips.of(replica["id"]):
                if ip["_private_network_id"] == network:
                    ips.remove(ip)
            self.machines.postgres.disconnect(replica["id"], network)
        return self.applied(replica)

    @action("POST", "/{id}/reset")
    def reset(self, replica, call: Call):
        replica = self.change(replica, status="initializing")
        self.later(replica, self._reset)
        return self.answer(replica, "reset")

    def _reset(self, replica):
        self.machines.postgres.forget(replica["id"], replica["instance_id"])
        self.machines.postgres.remove(replica["id"], self.server(replica))
        return self.started(replica, {})

    @action("POST", "/{id}/promote")
    def promote(self, replica, call: Call):
        instances = self.service(Instances)
        source = instances.fetch(replica["instance_id"])
        fields = {"name": f"promoted - {source['name']}", "tags": [], "status": "initializing"}
        promoted = instances.twin(source, False, **fields)
        self.store.delete(self.kind, replica["id"], replica["_scope"])  # the replica has become the instance
        self._in_background(self._stop, replica)
        return instances.answer(promoted, "promote")

    def _private(self, replica: dict, specs: list[dict]) -> list[dict]:
        instances = self.service(Instances)
        owner = instances.fetch(replica["instance_id"]) | {"id": replica["id"]}
        return [Access.private_endpoint(instances, owner, spec) for spec in specs if "private_network" in spec]

    @staticmethod
    def _direct(replica: dict, specs: list[dict]) -> list[dict]:
        address = {"ip": replica.get("_address"), "port": PORT, "name": None}
        return [{"id": str(uuid.uuid4()), **address, "direct_access": {}} for spec in specs if "direct_access" in spec]

    def stopped(self, replica):
        postgres, source = self.machines.postgres, replica["instance_id"]
        self.service(Ips).leave(replica["id"])
        postgres.forget(replica["id"], source)
        postgres.remove(replica["id"], self.server(replica))
        instances = self.service(Instances)
        postgres.apply(source, instances.server(instances.fetch(source)))  # whoever gets its address is not let in
