"""Who reaches a cluster, and by which way: endpoints and ACL rules."""

import ipaddress
import uuid
from contextlib import contextmanager

from ... import errors
from ...call import Call
from ...collection import Service, action
from ...machines.node import card_mac
from ..ipam import Ips
from ..vpc import PrivateNetworks

PORT = 6379
EVERYBODY = "0.0.0.0/0"
LARGEST_STANDALONE = 2
"""Nodes; more of them are in cluster mode, with one private endpoint that stays as it is."""


class Access:
    """Part of `Clusters`."""

    # Endpoints ------------------------------------------------------------------------------------------------------

    def first_endpoints(self, cluster: dict, specs: list[dict]) -> list[dict]:
        """What creation asks for; a public endpoint if it asks for nothing."""
        if cluster["cluster_size"] > LARGEST_STANDALONE and [*map(set, specs)] != [{"private_network"}]:
            help_message = "a cluster of three nodes or more has exactly one private endpoint"
            raise errors.invalid_argument("endpoints", "constraint", help_message)
        return self.make_endpoints(cluster, specs or [{"public_network": {}}])

    def make_endpoints(self, cluster: dict, specs: list[dict]) -> list[dict]:
        if sum("public_network" in spec for spec in specs) > 1:
            raise errors.invalid_argument("endpoints", "constraint", "there is one public endpoint at most")
        for spec in specs:
            private = spec.get("private_network") or {}
            if "public_network" not in spec and bool(private.get("service_ips")) == (
                private.get("ipam_config") is not None
            ):
                help_message = "You must specify an ipam_config or a service_ips"
                raise errors.invalid_argument("endpoints.private_network", "constraint", help_message)
        return [self._endpoint(cluster, spec) for spec in specs]

    def _endpoint(self, cluster: dict, spec: dict) -> dict:
        if "public_network" in spec:
            return {"id": str(uuid.uuid4()), "port": PORT, "ips": self.public_ips(cluster), "public_network": {}}
        wanted, region = spec["private_network"], cluster["zone"][:6]
        network = self.service(PrivateNetworks).fetch(wanted.get("id") or "", region)["id"]
        service_ips = wanted.get("service_ips") or self._book(cluster, network)
        if len(service_ips) != cluster["cluster_size"]:
            raise errors.invalid_argument("endpoints.private_network.service_ips", "constraint", "one IP per node")
        for address in service_ips:
            try:
                ipaddress.ip_interface(address)
            except ValueError as error:
                raise errors.invalid_argument("endpoints.private_network.service_ips", "format", str(error)) from None
        return {
            "id": str(uuid.uuid4()),
            "port": PORT,
            "ips": [address.partition("/")[0] for address in service_ips],
            "private_network": {
                "id": network,
                "service_ips": service_ips,
                "zone": cluster["zone"],
                "provisioning_mode": "static" if wanted.get("service_ips") else "ipam",
            },
        }

    def _book(self, cluster: dict, network: str) -> list[str]:
        mac = card_mac(cluster["id"], network).upper()
        owner = {"type": "redis_cluster", "id": cluster["id"], "mac_address": mac, "name": cluster["name"]}
        ips = self.service(Ips)
        return [ips.book(network, owner)["address"] for _ in range(cluster["cluster_size"])]

    @staticmethod
    def public_ips(cluster: dict) -> list[str]:
        """Known once there is a server."""
        return [cluster["_address"]] if cluster.get("_address") else []

    @action("PUT", "/{id}/endpoints")
    def set_endpoints(self, cluster, call: Call):
        self.refuse_cluster_mode(cluster)
        made = self.make_endpoints(cluster, call.body.get("endpoints") or [])
        self.move(cluster, made)
        return {"endpoints": made}

    @action("POST", "/{id}/endpoints")
    def add_endpoints(self, cluster, call: Call):
        self.refuse_cluster_mode(cluster)
        specs = call.body.get("endpoints") or []
        if any("public_network" in each for each in cluster["endpoints"]) and any("public_network" in s for s in specs):
            raise errors.invalid_argument("endpoints", "constraint", "there is one public endpoint at most")
        made = self.make_endpoints(cluster, specs)
        self.move(cluster, cluster["endpoints"] + made)
        return {"endpoints": made, "total_count": len(made)}

    @staticmethod
    def refuse_cluster_mode(cluster):
        if cluster["cluster_size"] > LARGEST_STANDALONE:
            raise errors.invalid_argument(
                "endpoints", "constraint", "the endpoint of a cluster of nodes stays as it is"
            )

    def move(self, cluster: dict, endpoints: list[dict]) -> dict:
        """Give a cluster exactly these endpoints."""
        gone = [each for each in cluster["endpoints"] if each not in endpoints]
        cluster = self.change(cluster, status="configuring", endpoints=endpoints)
        self.later(cluster, self.moved, gone)
        return cluster

    def moved(self, cluster, gone):
        kept, ips = self.networks(cluster), self.service(Ips)
        for network in (each["private_network"]["id"] for each in gone if "private_network" in each):
            booked = [ip for ip in ips.of(cluster["id"]) if ip["_private_network_id"] == network]
            for ip in booked:
                if ip["address"] not in kept.get(network, ()):
                    ips.remove(ip)
            self.machines.redis.disconnect(cluster["id"], network)
        return self.reconfigured(cluster)

    @staticmethod
    def networks(cluster: dict) -> dict[str, list[str]]:
        """{private network: addresses of the nodes in it}"""
        private = [each["private_network"] for each in cluster["endpoints"] if "private_network" in each]
        return {each["id"]: each["service_ips"] for each in private}

    # ACL ------------------------------------------------------------------------------------------------------------

    @action("PUT", "/{id}/acls")
    def set_acls(self, cluster, call: Call):
        rules = acl_rules(call.body.get("acl_rules") or [])
        self.reconfigure(cluster, acl_rules=rules)
        return {"acl_rules": rules}

    @action("POST", "/{id}/acls")
    def add_acls(self, cluster, call: Call):
        rules = acl_rules(call.body.get("acl_rules") or [])
        self.reconfigure(cluster, acl_rules=cluster["acl_rules"] + rules)
        return {"acl_rules": rules, "total_count": len(rules)}


class Parts(Service):
    """What is in a cluster and has an id of its own. Derive with a path, a `noun`, and the `field` of the cluster."""

    field = ""

    @action("GET", "/{id}")
    def get(self, call: Call):
        return self._find(call)[1]

    @action("DELETE", "/{id}")
    def delete(self, call: Call):
        with self._held(call) as (clusters, cluster, part):
            return clusters.answer(self.drop(clusters, cluster, part), "update")

    def drop(self, clusters, cluster, part):
        return clusters.reconfigure(cluster, **{self.field: [each for each in cluster[self.field] if each != part]})

    def _find(self, call: Call):
        from .clusters import Clusters

        clusters = self.service(Clusters)
        for cluster in self.store.all(clusters.kind, call.params["zone"]):
            for part in cluster[self.field]:
                if part["id"] == call.params["id"]:
                    return clusters.permitted(cluster), part
        raise errors.not_found(self.noun, call.params["id"])

    @contextmanager
    def _held(self, call: Call):
        from .clusters import Clusters

        clusters, (cluster, part) = self.service(Clusters), self._find(call)
        with self.store.lock(clusters.kind, cluster["_scope"], cluster["id"]):
            cluster = clusters.fetch(cluster["id"], cluster["_scope"])
            if cluster["status"] in clusters.busy:
                raise errors.transient_state(clusters.resource, cluster["id"], cluster["status"])
            yield clusters, cluster, part


class AclRules(Parts):
    path = "/redis/v1/zones/{zone}/acls"
    noun = "acl"
    field = "acl_rules"


class Endpoints(Parts):
    path = "/redis/v1/zones/{zone}/endpoints"
    noun = "endpoint"
    field = "endpoints"

    @action("PATCH", "/{id}")
    def update(self, call: Call):
        with self._held(call) as (clusters, cluster, part):
            clusters.refuse_cluster_mode(cluster)
            spec = {name: call.body[name] for name in ("private_network", "public_network") if call.body.get(name)}
            (made,) = clusters.make_endpoints(cluster, [spec])
            made["id"] = part["id"]
            clusters.move(cluster, [made if each == part else each for each in cluster["endpoints"]])
            return made

    def drop(self, clusters, cluster, part):
        clusters.refuse_cluster_mode(cluster)
        return clusters.move(cluster, [each for each in cluster["endpoints"] if each != part])


def acl_rules(given: list[dict]) -> list[dict]:
    """Rules as they are kept, each with an id; refuses what is no network."""
    rules = []
    for rule in given:
        try:
            ipaddress.ip_network(rule.get("ip_cidr") or "", strict=False)
        except ValueError as error:
            raise errors.invalid_argument("acl_rules.ip_cidr", "format", str(error)) from None
        made = {"id": str(uuid.uuid4()), "ip_cidr": rule["ip_cidr"], "description": rule.get("description") or ""}
        rules.append(made)
    return rules
