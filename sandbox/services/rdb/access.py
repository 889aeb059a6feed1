"""Who reaches an instance, and by which way: endpoints and ACLs."""

import ipaddress
import secrets
import uuid
from contextlib import contextmanager

from ... import errors
from ...call import Call
from ...collection import Service, action
from ...machines.node import card_mac
from ..ipam import Ips
from ..vpc import PrivateNetworks

PORTS = {"PostgreSQL": 5432, "MySQL": 3306}
IP_TAGS = ("managed", "scwdbaas")
PUBLIC_PORTS = range(1024, 32768)


class Access:
    """Part of `Instances`. `_public` is the public endpoint ({id, port} or None), which shows once a server has it."""

    # Endpoints ------------------------------------------------------------------------------------------------------

    def first_endpoints(self, instance: dict, specs: list[dict]) -> dict:
        """The fields for what creation asks for; a public endpoint if it asks for nothing."""
        private = [spec for spec in specs if "private_network" in spec]
        public = public_endpoint() if len(private) < len(specs) or not specs else None
        return {"_public": public, "endpoints": [self.private_endpoint(instance, spec) for spec in private]}

    def with_public(self, instance: dict, address: str) -> dict:
        """The fields once the server is at an address of the bridge."""
        endpoints = [endpoint for endpoint in instance["endpoints"] if "load_balancer" not in endpoint]
        if public := instance["_public"]:
            endpoints.append(public | {"ip": address, "name": None, "load_balancer": {}})
        return {"endpoints": endpoints, "_address": address}

    def private_endpoint(self, instance: dict, spec: dict) -> dict:
        """The endpoint in a private network, at an address that is booked for the instance, or as asked for.

        IPAM neither knows nor refuses the address that is asked for. Raises: 404 without the network.
        """
        wanted = spec["private_network"]
        network, address = wanted.get("private_network_id") or "", wanted.get("service_ip")
        self.service(PrivateNetworks).fetch(network, instance["region"])
        if static := bool(address):
            try:
                ipaddress.ip_interface(address)
            except ValueError as error:
                raise errors.invalid_argument("service_ip", "format", str(error)) from None
        else:
            mac = card_mac(instance["id"], network).upper()
            owner = {"type": "rdb_instance", "id": instance["id"], "mac_address": mac, "name": instance["name"]}
            address = self.service(Ips).book(network, owner, tags=IP_TAGS)["address"]
        return {
            "id": str(uuid.uuid4()),
            "ip": address.partition("/")[0],
            "port": PORTS[instance["engine"].partition("-")[0]],
            "name": None,
            "private_network": {
                "private_network_id": network,
                "service_ip": address,
                "zone": f"{instance['region']}-1",
                "provisioning_mode": "static" if static else "ipam",
            },
        }

    @action("POST", "/{id}/endpoints")
    def create_endpoint(self, instance, call: Call):
        spec = call.body.get("endpoint_spec") or {}
        if "private_network" in spec:
            endpoint = self.private_endpoint(instance, spec)
            self.reconfigure(instance, endpoints=[*instance["endpoints"], endpoint])
            return endpoint
        if "load_balancer" not in spec:
            raise errors.invalid_argument("endpoint_spec", "required", "must be load_balancer or private_network")
        if instance["_public"]:
            raise errors.invalid_argument("endpoint_spec", "constraint", "the instance has a public endpoint already")
        public = public_endpoint()
        shown = self.with_public(instance | {"_public": public}, instance["_address"])
        self.later(self.change(instance, status="initializing", _public=public), self._published, shown)
        return {"id": "", "name": None, "port": 0}  # the public endpoint is told by the instance alone

    def _published(self, instance, shown):
        self.machines.postgres.apply(instance["id"], self.server(instance))
        return {"status": "ready"} | shown

    def drop_endpoint(self, instance: dict, endpoint: dict):
        gone = {"_public": None} if "load_balancer" in endpoint else {}
        self.later(self.change(instance, status="configuring", **gone), self._dropped, endpoint)

    def _dropped(self, instance, endpoint):
        rest = {"endpoints": [each for each in instance["endpoints"] if each["id"] != endpoint["id"]]}
        if network := endpoint.get("private_network", {}).get("private_network_id"):
            ips = self.service(Ips)
            for ip in ips.of(instance["id"]):
                if ip["_private_network_id"] == network:
                    ips.remove(ip)
            self.machines.postgres.disconnect(instance["id"], network)
        self.machines.postgres.apply(instance["id"], self.server(instance | rest))
        return {"status": "ready"} | rest

    # ACLs -----------------------------------------------------------------------------------------------------------

    @action("GET", "/{id}/acls")
    def list_acls(self, instance, call: Call):
        rules = self._rules(instance, instance["_acls"])
        return {"rules": self.page(call, rules), "total_count": len(rules)}

    @action("PUT", "/{id}/acls")
    def set_acls(self, instance, call: Call):
        given = acl_rules(call.body.get("rules") or [])
        self.reconfigure(instance, _acls=given)
        return {"rules": self._rules(instance, given)}

    @action("POST", "/{id}/acls")
    def add_acls(self, instance, call: Call):
        given = acl_rules(call.body.get("rules") or [])
        new = {rule["ip"] for rule in given}
        kept = [rule for rule in instance["_acls"] if rule["ip"] not in new]
        self.reconfigure(instance, _acls=kept + given)
        return {"rules": self._rules(instance, given)}

    @action("DELETE", "/{id}/acls")
    def delete_acls(self, instance, call: Call):
        ips = call.sent.get("acl_rule_ips") or []
        gone = [rule for rule in instance["_acls"] if rule["ip"] in ips]
        self.reconfigure(instance, _acls=[rule for rule in instance["_acls"] if rule["ip"] not in ips])
        return {"rules": self._rules(instance, gone)}

    def _rules(self, instance, rules):
        port = instance["_public"]["port"] if instance["_public"] else 0
        flow = {"port": port, "protocol": "tcp", "direction": "inbound", "action": "allow"}
        return [rule | flow for rule in rules]


class Endpoints(Service):
    path = "/rdb/v1/regions/{region}/endpoints"

    @action("GET", "/{id}")
    def get(self, call: Call):
        return self._find(call)[2]

    @action("DELETE", "/{id}")
    def delete(self, call: Call):
        with self._held(call) as (owner, record, endpoint):
            owner.drop_endpoint(record, endpoint)

    @action("POST", "/{id}/migrate")
    def migrate(self, call: Call):
        """Move the public endpoint to another instance."""
        from .instances import Instances

        instances = self.service(Instances)
        target = instances.fetch(call.body.get("instance_id", ""), call.params["region"])
        with self._held(call) as (_, record, endpoint):
            if "load_balancer" not in endpoint or target["_public"]:
                raise errors.invalid_argument(
                    "endpoint_id", "constraint", "only a public endpoint moves, to where is none"
                )
            shown = instances.with_public(target | {"_public": record["_public"]}, target["_address"])
            instances.later(
                instances.change(target, status="initializing", _public=record["_public"]), instances._published, shown
            )
            instances.drop_endpoint(record, endpoint)
        return endpoint

    def _find(self, call: Call) -> tuple:
        """(collection, record, endpoint)"""
        from .instances import Instances
        from .replicas import ReadReplicas

        for owner in (self.service(Instances), self.service(ReadReplicas)):
            for record in self.store.all(owner.kind, call.params["region"]):
                for endpoint in record["endpoints"]:
                    if endpoint["id"] == call.params["id"]:
                        return owner, owner.permitted(record), endpoint
        raise errors.not_found("endpoint", call.params["id"])

    @contextmanager
    def _held(self, call: Call):
        owner, record, endpoint = self._find(call)
        with self.store.lock(owner.kind, record["_scope"], record["id"]):
            record = owner.fetch(record["id"], record["_scope"])
            if record["status"] in owner.busy:
                raise errors.transient_state(owner.resource, record["id"], record["status"])
            yield owner, record, endpoint


def public_endpoint() -> dict:
    return {"id": str(uuid.uuid4()), "port": secrets.choice(PUBLIC_PORTS)}


def private_of(endpoints: list[dict]) -> dict[str, str]:
    """Private network -> address with prefix length."""
    networks = [endpoint["private_network"] for endpoint in endpoints if "private_network" in endpoint]
    return {network["private_network_id"]: network["service_ip"] for network in networks}


def acl_rules(given: list[dict]) -> list[dict]:
    """What is kept of rules in a request; refuses what is no network."""
    rules = []
    for rule in given:
        try:
            ipaddress.ip_network(rule.get("ip", ""), strict=False)
        except ValueError as error:
            raise errors.invalid_argument("rules.ip", "format", str(error)) from None
        rules.append({"ip": rule["ip"], "description": rule.get("description") or "IP allowed"})
    return rules
