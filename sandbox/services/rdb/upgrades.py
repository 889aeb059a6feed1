"""Instances that become larger, other, or two."""

import uuid

from ... import errors
from ...call import Call
from ...collection import action
from ..ipam import Ips
from . import engines
from .access import public_endpoint

ASPECTS = (
    *("node_type", "volume_size", "volume_type", "enable_ha", "high_availability_mode"),
    *("enable_encryption", "upgradable_version_id", "major_upgrade_workflow"),
)


class Upgrades:
    """Part of `Instances`."""

    @action("POST", "/{id}/upgrade")
    def upgrade(self, instance, call: Call):
        asked = [aspect for aspect in ASPECTS if call.body.get(aspect)]
        if len(asked) != 1:
            raise errors.invalid_argument("upgrade_target", "constraint", f"must be one of {', '.join(ASPECTS)}")
        (aspect,) = asked
        if aspect == "major_upgrade_workflow":
            return self._major_upgrade(instance, call.body[aspect])
        if aspect == "upgradable_version_id":
            raise errors.ApiError(501, "minor upgrades are not served by the sandbox", type="not_implemented")
        changes = self._changed(instance, aspect, call.body[aspect])
        return self.answer(self.reconfigure(instance, "initializing", **changes), "upgrade")

    def _changed(self, instance: dict, aspect: str, value) -> dict:
        node, volume = engines.node_type(instance["node_type"]), instance["volume"]
        if aspect == "node_type":
            node = engines.node_type(value)
            return {"node_type": node["name"], "volume": engines.volume(node, volume["type"], volume["size"])}
        if aspect == "volume_size":
            if volume["class"] == "lssd" or value <= volume["size"]:
                raise errors.invalid_argument("volume_size", "constraint", "block storage grows, nothing else does")
            return {"volume": engines.volume(node, volume["type"], value)}
        if aspect == "volume_type":
            return {"volume": engines.volume(node, value, volume["size"])}
        if aspect == "enable_encryption":
            return {"encryption": {"enabled": True}}
        if aspect == "high_availability_mode":
            return {"high_availability_mode": value, "is_ha_cluster": value != "disabled"}
        return {"is_ha_cluster": True}

    def _major_upgrade(self, instance, workflow):
        """A new instance takes over what the old one holds, and its endpoints; the old one stays."""
        offered = {version["id"]: version["name"] for version in instance["upgradable_version"]}
        if workflow.get("upgradable_version_id") not in offered:
            raise errors.invalid_argument("upgradable_version_id", "constraint", "is no version to upgrade to")
        engine = offered[workflow["upgradable_version_id"]]
        fields = {"engine": engine, "upgradable_version": engines.upgrades_of(engine), "is_ha_cluster": False}
        return self.answer(self.twin(instance, workflow.get("with_endpoints", False), **fields), "upgrade")

    @action("POST", "/{id}/clone")
    def clone(self, instance, call: Call):
        node = engines.node_type(call.body.get("node_type") or instance["node_type"])
        volume = engines.volume(node, instance["volume"]["type"], instance["volume"]["size"])
        fields = {"name": call.body.get("name") or "", "node_type": node["name"], "volume": volume}
        return self.answer(self.twin(instance, False, **fields), "clone")

    # Twins ----------------------------------------------------------------------------------------------------------

    def twin(self, instance: dict, with_endpoints: bool, origin=None, **fields) -> dict:
        """A new instance with the content of this one, or of `origin`, a copy of it; its endpoints move if wanted."""
        now = {"id": str(uuid.uuid4()), "created_at": self.now(), "status": self.initial, "endpoints": []}
        now["_unmade"] = True
        public = instance["_public"] if with_endpoints else public_endpoint()
        record = instance | now | {"_public": public, "_acls": self.defaults["_acls"]} | fields
        self.store.put(self.kind, record["_scope"], record["id"], record)
        scope = f"{record['_scope']}/{record['id']}"
        for kind, key in (("rdb.database", "name"), ("rdb.user", "name"), ("rdb.privilege", "_pair")):
            for child in self.store.all(kind, f"{instance['_scope']}/{instance['id']}"):
                self.store.put(kind, scope, child[key], child | {"_scope": scope})
        self.later(record, self._twinned, instance["id"], with_endpoints, origin)
        return record

    def _twinned(self, record, source_id, with_endpoints, origin):
        postgres, moved = self.machines.postgres, []
        copy = origin or postgres.home / "twins" / record["id"]
        if not origin:
            postgres.copy(source_id, copy)
        if with_endpoints:
            source = self.fetch(source_id)
            moved = source["endpoints"]
            self._take_endpoints(source, record["id"])
        private = [endpoint for endpoint in moved if "private_network" in endpoint]
        public = self.open(record | {"endpoints": private}, copy)
        if not origin:
            copy.unlink()
        return {"status": "ready", "_unmade": False} | public

    def _take_endpoints(self, source, new_id):
        source = self.change(source, endpoints=[], _public=None)
        ips = self.service(Ips)
        for ip in ips.of(source["id"]):
            self.machines.postgres.disconnect(source["id"], ip["_private_network_id"])
            ips.change(ip, resource=ip["resource"] | {"id": new_id})
        self.machines.postgres.apply(source["id"], self.server(source))
