"""Clusters: what they are made of, and the server behind each."""

import base64
import hashlib
import uuid

from ... import errors
from ...call import Call
from ...collection import Collection, action
from ...machines.redis import Server
from ..ipam import Ips
from . import offers
from .access import EVERYBODY, LARGEST_STANDALONE, PORT, Access, acl_rules

LARGEST = 6


class Clusters(Access, Collection):
    path = "/redis/v1/zones/{zone}/clusters"
    noun = "cluster"
    common = ("id", "name", "project_id", "created_at", "zone")
    required = ("version", "node_type", "user_name", "password")
    mutable = ("name", "tags", "user_name")
    defaults = {"tags": [], "upgradable_versions": [], "updated_at": None}
    initial, deleting, delete_code = "provisioning", "deleting", 200
    busy = ("provisioning", "initializing", "configuring", "autohealing", "deleting")
    filters = Collection.filters | {"version": lambda cluster, values: cluster["version"] in values}

    # Life -----------------------------------------------------------------------------------------------------------

    def shape(self, body):
        version, size = offers.usable(body["version"]), body.get("cluster_size") or 1
        offers.node_type(body["node_type"])
        if not 1 <= size <= LARGEST:
            raise errors.invalid_argument("cluster_size", "constraint", f"must be between 1 and {LARGEST}")
        if size > LARGEST_STANDALONE and not self.settings.api_only:
            raise errors.ApiError(501, "cluster mode has no servers in the sandbox", type="not_implemented")
        settings = body.get("cluster_settings") or []
        offers.check_settings(version, settings)
        record = {
            "id": str(uuid.uuid4()),
            "version": version,
            "node_type": body["node_type"],
            "user_name": body["user_name"],
            "tags": body.get("tags") or [],
            "tls_enabled": bool(body.get("tls_enabled")),
            "cluster_size": size,
            "cluster_settings": settings,
            "acl_rules": acl_rules(body.get("acl_rules") or []),
            "_password_hash": hashed(body["password"]),
        }
        known = {"zone": body["zone"], "name": body.get("name", "")}
        return record | {"endpoints": self.first_endpoints(record | known, body.get("endpoints") or [])}

    def started(self, cluster, body):
        return {"status": "ready"} | self.open(cluster)

    def resumed(self, cluster):
        self.change(cluster, status=self.initial)
        return {"status": "ready"} | self.open(cluster)

    def open(self, cluster: dict) -> dict:
        """Start the server; the fields that follow from where it is reached."""
        cluster = cluster | {"_address": self.machines.redis.start(cluster["id"], self.server(cluster))}
        endpoints = [
            each | ({"ips": self.public_ips(cluster)} if "public_network" in each else {})
            for each in cluster["endpoints"]
        ]
        return {"_address": cluster["_address"], "endpoints": endpoints}

    def remove(self, cluster):
        self.service(Ips).leave(cluster["id"])  # its private network may be deleted from now on
        return super().remove(cluster)

    def stopped(self, cluster):
        self.machines.redis.remove(cluster["id"], self.server(cluster))

    def server(self, cluster: dict) -> Server:
        """What the server of a cluster should be like."""
        node = offers.node_type(cluster["node_type"])
        is_public = any("public_network" in endpoint for endpoint in cluster["endpoints"])
        return Server(
            cpus=node["vcpus"],
            memory=node["memory"],
            settings=offers.parameters(cluster["version"], cluster["cluster_settings"]),
            tls=cluster["tls_enabled"],
            user=cluster["user_name"],
            password_hash=cluster["_password_hash"],
            port=PORT if is_public else None,
            allowed=tuple(rule["ip_cidr"] for rule in cluster["acl_rules"]) or (EVERYBODY,),
            private={network: addresses[0] for network, addresses in self.networks(cluster).items()},
        )

    def reconfigure(self, cluster: dict, status: str = "configuring", **fields) -> dict:
        """Change a record whose server follows after the answer."""
        cluster = self.change(cluster, status=status, **fields)
        self.later(cluster, self.reconfigured)
        return cluster

    def reconfigured(self, cluster):
        self.machines.redis.apply(cluster["id"], self.server(cluster))
        return {"status": "ready"}

    # What is changed ------------------------------------------------------------------------------------------------

    def revise(self, cluster, body):
        changes = super().revise(cluster, body)
        if body.get("password"):
            changes["_password_hash"] = hashed(body["password"])
        if changes.keys() & {"user_name", "_password_hash"}:
            changes["status"] = self.initial
        return changes

    def updated(self, cluster, changes):
        return self.reconfigured(cluster) if changes.get("status") else None

    @action("POST", "/{id}/migrate")
    def migrate(self, cluster, call: Call):
        aspects = ("version", "node_type", "cluster_size")
        asked = {aspect: call.body[aspect] for aspect in aspects if call.body.get(aspect)}
        if len(asked) != 1:
            raise errors.invalid_argument("action", "constraint", f"give one of {', '.join(aspects)}")
        if "node_type" in asked:
            offers.node_type(asked["node_type"])
        if "version" in asked:
            newer = offers.usable(asked["version"])
            if number(newer) < number(cluster["version"]):
                raise errors.invalid_argument("version", "constraint", f"is older than {cluster['version']}")
        if "cluster_size" in asked:
            grows = LARGEST_STANDALONE < cluster["cluster_size"] < asked["cluster_size"] <= LARGEST
            if not grows:
                raise errors.invalid_argument(
                    "cluster_size", "constraint", "only a cluster of three nodes or more grows"
                )
        return self.answer(self.reconfigure(cluster, self.initial, **asked), "migrate")

    # Settings -------------------------------------------------------------------------------------------------------

    @action("PUT", "/{id}/settings")
    def set_settings(self, cluster, call: Call):
        return self._set(cluster, call.body.get("settings") or [])

    @action("POST", "/{id}/settings")
    def add_settings(self, cluster, call: Call):
        settings = call.body.get("settings") or []
        errors.require("settings", settings, "name")
        given = {each["name"]: each for each in settings}
        kept = [each for each in cluster["cluster_settings"] if each["name"] not in given]
        return self._set(cluster, kept + list(given.values()))

    @action("DELETE", "/{id}/settings/{name}")
    def delete_setting(self, cluster, call: Call):
        kept = [each for each in cluster["cluster_settings"] if each["name"] != call.params["name"]]
        return self.answer(self.reconfigure(cluster, cluster_settings=kept), "update")

    def _set(self, cluster, settings):
        offers.check_settings(cluster["version"], settings)
        self.reconfigure(cluster, cluster_settings=settings)
        return {"settings": settings}

    # Certificate ----------------------------------------------------------------------------------------------------

    @action("GET", "/{id}/certificate")
    def certificate(self, cluster, call: Call):
        if not cluster["tls_enabled"]:
            raise errors.not_found("certificate", cluster["id"])
        if cluster["status"] == self.initial and not cluster.get("_address"):
            raise errors.transient_state(self.resource, cluster["id"], cluster["status"])
        content = base64.b64encode(self.machines.redis.certificate(cluster["id"]).encode()).decode()
        return {"name": "ssl_certificate", "content_type": "application/x-pem-file", "content": content}

    @action("POST", "/{id}/renew-certificate")
    def renew_certificate(self, cluster, call: Call):
        cluster = self.change(cluster, status="configuring")
        self.later(cluster, self.renewed)
        return self.answer(cluster, "update")

    def renewed(self, cluster):
        self.machines.redis.renew_certificate(cluster["id"], self.server(cluster))
        return {"status": "ready"}


def hashed(password: str) -> str:
    """As Redis keeps it: nothing else needs to know the password."""
    return hashlib.sha256(password.encode()).hexdigest()


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
