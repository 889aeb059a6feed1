"""Public gateways: vpc-gw/v2. Every one is a machine that routes, translates addresses and lets ssh jump.

Shapes: scaleway-sdk-python, scaleway/vpcgw/v2/types.py. What is not served, and why: docs/sandbox.md#vpc-gw.
"""

import ipaddress
import json
import uuid

from .. import errors
from ..call import Call
from ..collection import Collection, Service, action, catalog, contains, equals
from ..machines.gateway import Forward, Gateway, Link
from .addresses import free_address
from .instance import Servers
from .instance_base import PRIVATE_NIC, random_mac
from .ipam import Ips as IpamIps
from .vpc import PrivateNetworks

VERSION = "0.7.8"
BASTION_PORT = 61000
EVERYBODY = "0.0.0.0/0"
PROTOCOLS = ("both", "tcp", "udp")
BUSY = ("allocating", "configuring", "deleting")


def reverse_of(address: str) -> str:
    return f"{'-'.join(reversed(address.split('.')))}.instances.scw.cloud"


class Ips(Collection):
    path = "/vpc-gw/v2/zones/{zone}/ips"
    noun = "ip"
    common = ("id", "project_id", "organization_id", "created_at", "updated_at", "zone")
    mutable = ("tags", "reverse")
    defaults = {"tags": [], "gateway_id": None}
    filters = {
        **{name: Collection.filters[name] for name in ("project_id", "organization_id", "tags")},
        "reverse": contains("reverse"),
        "is_free": lambda ip, values: bool(ip["gateway_id"]) != (values[-1].lower() == "true"),
    }

    def shape(self, body):
        address = free_address(self, self.resource)
        return {"tags": body.get("tags") or [], "address": address, "reverse": reverse_of(address)}

    def revise(self, ip, body):
        changes = super().revise(ip, body)
        if "reverse" in changes:
            changes["reverse"] = self._reverse(ip, changes["reverse"])
        return changes

    def present(self, ip, verb):
        shown = super().present(ip, verb)
        return shown if ip["gateway_id"] else {name: value for name, value in shown.items() if name != "gateway_id"}

    def removable(self, ip):
        if ip["gateway_id"]:
            raise errors.precondition_failed("resource_still_in_use", "IP is attached to a gateway")

    def _reverse(self, ip: dict, name: str) -> str:
        """A reverse has to resolve to the address; an empty one stands for the default."""
        if not name or name == reverse_of(ip["address"]):
            return reverse_of(ip["address"])
        if ip["address"] not in self.machines.dns.resolve(name, "A"):
            words = (
                f"Your reverse must resolve. Ensure the command 'dig +short {name}' matches your IP address "
                f"'{ip['address']}'. If it does, please contact our support."
            )
            inner = errors.invalid_argument("reverse", "constraint", words).body
            raise errors.invalid_argument(
                "reverse", "unknown", f"must_resolve: {json.dumps({'dns': json.dumps(inner)})}"
            )
        return name


class Gateways(Collection):
    path = "/vpc-gw/v2/zones/{zone}/gateways"
    noun = "gateway"
    common = ("id", "name", "project_id", "organization_id", "created_at", "updated_at", "zone")
    required = ("type",)
    mutable = ("name", "tags")
    defaults = {"tags": [], "is_legacy": False, "bastion_allowed_ips": [EVERYBODY]}
    initial, ready, failed, deleting, delete_code = "allocating", "running", "failed", "deleting", 200
    busy = BUSY
    filters = Collection.filters | {
        "name": contains("name"),
        "types": equals("type"),
        "private_network_ids": lambda gateway, values: bool(set(values) & set(gateway["_networks"])),
    }

    # For the other collections of this product -----------------------------------------------------------------------

    def settled(self, id: str, zone: str) -> dict:
        """The gateway. Raises: 404; 409 while it is being configured."""
        gateway = self.fetch(id, zone)
        if gateway["status"] in self.busy:
            raise errors.transient_state(self.resource, id, gateway["status"])
        return gateway

    def reconfigure(self, gateway: dict, **fields) -> dict:
        """Change a record whose machine follows after the answer, unless it is about to go."""
        if self._is_leaving(gateway):
            return gateway
        gateway = self.change(gateway, status="configuring", **fields)
        self.later(gateway, self.configured)
        return gateway

    def configured(self, gateway: dict) -> dict:
        self.machines.gateways.apply(self.machine(self.fetch(gateway["id"])))
        self._await_poll(gateway)
        networks = self.service(GatewayNetworks)
        for network in networks.of(gateway["id"]):
            if network["status"] == networks.initial:
                networks.change(network, status=networks.ready)
            networks.reroute(network["private_network_id"])
        return {"status": self.ready}

    def machine(self, gateway: dict) -> Gateway:
        """What the machine of a gateway is to be."""
        ipam, networks = self.service(IpamIps), self.service(GatewayNetworks)
        return Gateway(
            id=gateway["id"],
            address=self._ip_of(gateway)["address"],
            bastion=gateway["bastion_port"] if gateway["bastion_enabled"] else None,
            allowed=tuple(gateway["bastion_allowed_ips"]),
            keys=tuple(gateway["_keys"]),
            smtp=gateway["smtp_enabled"],
            links=tuple(
                Link(
                    id=network["id"],
                    network=network["private_network_id"],
                    address=ipam.fetch(network["ipam_ip_id"])["address"],
                    mac=network["mac_address"].lower(),
                    masquerade=network["masquerade_enabled"],
                )
                for network in networks.of(gateway["id"])
                if network["status"] != networks.deleting
            ),
            forwards=tuple(
                Forward(rule["public_port"], rule["private_ip"], rule["private_port"], rule["protocol"])
                for rule in self.store.find(PatRules.kind, gateway_id=gateway["id"])
            ),
        )

    def _keys(self, project_id: str) -> list[str]:
        """The public keys that the bastion lets in from now on: a key that is made later waits for a refresh."""
        keys = self.store.find("iam.ssh_key", project_id=project_id)
        return [key["public_key"] for key in keys if not key["disabled"]]

    def _ip_of(self, gateway: dict) -> dict:
        return self.service(Ips).fetch(gateway["_ip"])

    # Life -----------------------------------------------------------------------------------------------------------

    def shape(self, body):
        project = body.get("project_id") or self.organization_id
        return super().shape(body) | {
            "type": body["type"],
            "bandwidth": bandwidth(body["type"]),
            "bastion_enabled": bool(body.get("enable_bastion")),
            "bastion_port": port(body.get("bastion_port") or BASTION_PORT, "bastion_port"),
            "smtp_enabled": bool(body.get("enable_smtp")),
            "_ip": self._choose_ip(body)["id"],
            "_keys": self._keys(project),
        }

    def _choose_ip(self, body: dict) -> dict:
        ips = self.service(Ips)
        if not body.get("ip_id"):
            return ips.add({name: body[name] for name in ("zone", "project_id") if name in body})
        ip = ips.fetch(body["ip_id"], body["zone"])
        if ip["gateway_id"]:
            raise errors.invalid_argument("ip_id", "constraint", "is attached to another gateway")
        return ip

    def add(self, body):
        gateway = super().add(body)
        ips = self.service(Ips)
        ips.change(ips.fetch(gateway["_ip"]), gateway_id=gateway["id"])
        return gateway

    def started(self, gateway, body):
        return self.configured(gateway)

    def resumed(self, gateway):
        return self.configured(gateway)

    def stopped(self, gateway):
        networks = self.service(GatewayNetworks)
        for network in networks.of(gateway["id"]):
            self.store.delete(networks.kind, network["id"], network["_scope"])
            networks.stopped(network)
        for rule in self.store.find(PatRules.kind, gateway_id=gateway["id"]):
            self.store.delete(PatRules.kind, rule["id"], rule["_scope"])
        self.machines.gateways.remove(gateway["id"])

    def _finish_delete(self, gateway):
        super()._finish_delete(gateway)
        if self.store.get(self.kind, gateway["id"]):
            return  # it could not be stopped
        ips = self.service(Ips)
        ip = ips.change(self._ip_of(gateway), gateway_id=None)
        if gateway.get("_delete_ip"):
            ips.remove(ip)

    def _delete(self, gateway, call):
        return super()._delete(self.change(gateway, _delete_ip=bool(call.flag("delete_ip"))), call)

    # What is told and changed ---------------------------------------------------------------------------------------

    def present(self, gateway, verb):
        networks, ips = self.service(GatewayNetworks), self.service(Ips)
        shown = super().present(gateway, verb) | {
            "gateway_networks": [networks.present(network, "list") for network in networks.of(gateway["id"])],
            "ipv4": ips.present(self._ip_of(gateway) | {"gateway_id": gateway["id"]}, "get"),
        }
        if verb != "create":
            shown["version"] = VERSION
        if verb in ("update", "upgrade"):  # is answered before anything of it is begun
            shown["status"] = self.ready
        return shown

    def _select(self, records, call):
        networks = self.service(GatewayNetworks)
        attached = {
            record["id"]: [network["private_network_id"] for network in networks.of(record["id"])] for record in records
        }
        return super()._select([record | {"_networks": attached[record["id"]]} for record in records], call)

    def revise(self, gateway, body):
        changes = super().revise(gateway, body)
        renamed = {"enable_bastion": "bastion_enabled", "enable_smtp": "smtp_enabled", "bastion_port": "bastion_port"}
        given = {renamed[field]: body[field] for field in renamed if field in body}
        if "bastion_port" in given:
            given["bastion_port"] = port(given["bastion_port"], "bastion_port")
        return changes | given | ({"status": "configuring"} if given else {})

    def updated(self, gateway, changes):
        return self.configured(gateway) if "status" in changes else None

    @action("POST", "/{id}/upgrade")
    def upgrade(self, gateway, call: Call):
        wanted = call.body.get("type") or gateway["type"]
        faster = bandwidth(wanted)
        if faster < gateway["bandwidth"]:
            raise errors.invalid_argument("type", "constraint", "a gateway cannot become slower")
        # So the real one says while its machine is replaced.
        gateway = self.change(gateway, type=wanted, bandwidth=faster, status=self.failed)
        self.later(gateway, self.configured)
        return self.answer(gateway, "upgrade")

    @action("POST", "/{id}/refresh-ssh-keys")
    def refresh_ssh_keys(self, gateway, call: Call):
        gateway = self.reconfigure(gateway, _keys=self._keys(gateway["project_id"]))
        return self.answer(gateway, "update")

    @action("POST", "/{id}/bastion-allowed-ips")
    def add_bastion_allowed_ips(self, gateway, call: Call):
        added = address_range(call.body.get("ip_range") or "", "ip_range")
        return self._allow(gateway, [*gateway["bastion_allowed_ips"], added])

    @action("PUT", "/{id}/bastion-allowed-ips")
    def set_bastion_allowed_ips(self, gateway, call: Call):
        return self._allow(gateway, [address_range(given, "ip_ranges") for given in call.body.get("ip_ranges") or []])

    @action("DELETE", "/{id}/bastion-allowed-ips/{ip_range}", permits="write")
    def delete_bastion_allowed_ips(self, gateway, call: Call):
        removed = call.params["ip_range"]
        self._allow(gateway, [allowed for allowed in gateway["bastion_allowed_ips"] if allowed != removed])

    def _allow(self, gateway: dict, ranges: list[str]) -> dict:
        self.reconfigure(gateway, bastion_allowed_ips=ranges)
        return {"ip_ranges": ranges}


class GatewayNetworks(Collection):
    """Connections of gateways to private networks."""

    path = "/vpc-gw/v2/zones/{zone}/gateway-networks"
    noun = "gateway_network"
    common = ("id", "created_at", "updated_at", "zone")
    inside = {"gateway_id": Gateways}
    required = ("gateway_id", "private_network_id")
    initial, deleting, delete_code = "created", "detaching", 200
    busy = ("created", "configuring", "detaching")
    filters = {
        "status": equals("status"),
        "gateway_ids": equals("gateway_id"),
        "private_network_ids": equals("private_network_id"),
        "masquerade_enabled": equals("masquerade_enabled"),
    }

    @property
    def gateways(self) -> Gateways:
        return self.service(Gateways)

    def of(self, gateway_id: str) -> list[dict]:
        return self.store.find(self.kind, gateway_id=gateway_id)

    def reroute(self, private_network_id: str):
        """Let the instances of a private network know by which way they leave it."""
        servers = self.service(Servers)
        for nic in self.store.find(PRIVATE_NIC, private_network_id=private_network_id):
            servers.reconnect(servers.fetch(nic["server_id"]))

    def add(self, body):
        gateway = self.gateways.settled(body["gateway_id"], body["zone"])
        network = super().add(body)
        self.gateways.reconfigure(gateway)
        return network

    def shape(self, body):
        private = self.service(PrivateNetworks).fetch(body["private_network_id"], body["zone"][:-2])
        for other in self.store.find(self.kind, private_network_id=private["id"]):
            if other["gateway_id"] == body["gateway_id"]:
                raise errors.already_exists(
                    self.resource, other["id"], "the gateway is in this private network already"
                )
        network = {"id": str(uuid.uuid4()), "mac_address": f"02:00:00:{random_mac(3)}".upper()}
        return network | {
            "gateway_id": body["gateway_id"],
            "private_network_id": private["id"],
            "masquerade_enabled": bool(body.get("enable_masquerade")) or bool(body.get("push_default_route")),
            "push_default_route": bool(body.get("push_default_route")),
            "ipam_ip_id": self._address(network, body)["id"],
        }

    def _address(self, network: dict, body: dict) -> dict:
        gateway = self.gateways.fetch(body["gateway_id"], body["zone"])
        owner = {"type": "vpc_gateway_network", "id": network["id"], "name": gateway["name"]}
        owner["mac_address"] = network["mac_address"]
        ipam = self.service(IpamIps)
        if body.get("ipam_ip_id"):
            return ipam.attach(body["ipam_ip_id"], owner)
        return ipam.book(body["private_network_id"], owner)

    def started(self, network, body):
        """Nothing: the gateway says when it is connected."""

    def resumed(self, network):
        """So it does when the sandbox starts again."""

    def present(self, network, verb):
        shown = super().present(network, verb)
        if network["status"] == self.initial:  # its card is not there yet
            del shown["mac_address"]
        return shown

    def revise(self, network, body):
        renamed = {"enable_masquerade": "masquerade_enabled", "push_default_route": "push_default_route"}
        changes = {renamed[field]: body[field] for field in renamed if field in body}
        if changes.get("push_default_route"):
            changes["masquerade_enabled"] = True
        if body.get("ipam_ip_id") and body["ipam_ip_id"] != network["ipam_ip_id"]:
            self.service(IpamIps).leave(network["id"])
            changes["ipam_ip_id"] = self._address(network, body | network)["id"]
        return changes

    def _update(self, network, call):
        gateway = self.gateways.settled(network["gateway_id"], network["zone"])
        answer = super()._update(network, call)
        self.gateways.reconfigure(gateway)
        return answer

    def _delete(self, network, call):
        gateway = self.gateways.settled(network["gateway_id"], network["zone"])
        answer = super()._delete(network, call)
        self.gateways.change(gateway, status="configuring")
        return answer

    def stopped(self, network):
        self.machines.gateways.disconnect(network["id"])
        self.service(IpamIps).leave(network["id"])
        self.reroute(network["private_network_id"])

    def _finish_delete(self, network):
        super()._finish_delete(network)
        if gateway := self.store.get(self.gateways.kind, network["gateway_id"]):
            self.gateways.reconfigure(gateway)


class PatRules(Collection):
    """Ports of gateways that lead to machines in their private networks."""

    path = "/vpc-gw/v2/zones/{zone}/pat-rules"
    noun = "pat_rule"
    kind = "vpc-gw.pat_rule"
    common = ("id", "created_at", "updated_at", "zone")
    inside = {"gateway_id": Gateways}
    required = ("gateway_id", "public_port", "private_ip", "private_port")
    mutable = ("public_port", "private_ip", "private_port", "protocol")
    defaults = {"protocol": "both"}
    enums = {"protocol": (*PROTOCOLS, "unknown_protocol")}
    filters = {
        "gateway_ids": equals("gateway_id"),
        "private_ips": equals("private_ip"),
        "protocol": equals("protocol"),
    }

    @property
    def gateways(self) -> Gateways:
        return self.service(Gateways)

    def add(self, body):
        gateway = self.gateways.fetch(body["gateway_id"], body["zone"])
        rule = super().add(body)
        self.gateways.reconfigure(gateway)
        return rule

    def shape(self, body):
        rule = self._fields(body)
        self._check(self.defaults | rule, self._of(rule["gateway_id"]))
        return rule

    def _fields(self, body: dict) -> dict:
        rule = {field: body[field] for field in (*self.required, "protocol") if field in body}
        if rule.get("protocol") == "unknown_protocol":
            rule["protocol"] = "both"
        return rule

    def _of(self, gateway_id: str) -> list[dict]:
        return self.store.find(self.kind, gateway_id=gateway_id)

    def revise(self, rule, body):
        changes = super().revise(rule, body)
        self._check(rule | changes, self._of(rule["gateway_id"]))
        return changes

    def _check(self, rule: dict, others: list[dict]):
        port(rule["public_port"], "public_port")
        port(rule["private_port"], "private_port")
        address_range(rule["private_ip"], "private_ip")
        for other in others:
            same_port = other["public_port"] == rule["public_port"] and other["id"] != rule.get("id")
            if same_port and ("both" in (other["protocol"], rule["protocol"]) or other["protocol"] == rule["protocol"]):
                raise errors.already_exists(self.resource, other["id"], "the public port is taken by another rule")

    def _update(self, rule, call):
        answer = super()._update(rule, call)
        self.gateways.reconfigure(self.gateways.fetch(rule["gateway_id"]))
        return answer

    def remove(self, rule):
        rule = super().remove(rule)
        self.gateways.reconfigure(self.gateways.fetch(rule["gateway_id"]))
        return rule

    @action("PUT", "")
    def set(self, call: Call):
        """All rules of a gateway, told apart by their public ports."""
        with self.gateways.held(self.gateways.fetch(call.body.get("gateway_id") or "", call.params["zone"])) as gateway:
            rules = self._replaced(gateway, call)
        self.gateways.reconfigure(gateway)
        return {"pat_rules": rules}

    def _replaced(self, gateway: dict, call: Call) -> list[dict]:
        place = {"zone": call.params["zone"], "gateway_id": gateway["id"]}
        rules = []
        for given in call.body.get("pat_rules") or []:
            body = given | place
            self._validate(body, self.required)
            rule = self.defaults | self._common(body) | self._fields(body) | {"_scope": place["zone"]}
            self._check(rule, rules)
            rules.append(rule)
        before, kept = self._of(gateway["id"]), []
        for names in (("public_port", "protocol"), ("public_port",)):  # a port may have one rule for each protocol
            for rule in rules:
                same = [old for old in before if rule not in kept and all(old[name] == rule[name] for name in names)]
                if same:
                    rule |= {name: same[0][name] for name in ("id", "created_at")}
                    kept.append(rule)
                    before.remove(same[0])
        for old in before:
            self.store.delete(self.kind, old["id"], old["_scope"])
        for rule in rules:
            self.store.put(self.kind, rule["_scope"], rule["id"], rule)
        return [self.present(rule, "list") for rule in rules]


class GatewayTypes(Service):
    path = "/vpc-gw/v2/zones/{zone}/gateway-types"

    @action("GET", "")
    def list(self, call: Call):
        return {"types": [offered | {"zone": call.params["zone"]} for offered in catalog("vpcgw-types")]}


def bandwidth(name: str) -> int:
    """Of a gateway type, in Mbit/s."""
    offered = {each["name"]: each["bandwidth"] for each in catalog("vpcgw-types")}
    if name not in offered:
        raise errors.invalid_argument("type", "constraint", f"must be one of {', '.join(offered)}")
    return offered[name]


def port(number: int, name: str) -> int:
    if not isinstance(number, int) or not 1 <= number <= 65535:
        raise errors.invalid_argument(name, "constraint", "must be between 1 and 65535")
    return number


def address_range(given: str, name: str) -> str:
    try:
        ipaddress.ip_network(given)
    except ValueError as error:
        raise errors.invalid_argument(name, "format", str(error)) from None
    return given
