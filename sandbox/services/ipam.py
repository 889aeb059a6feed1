"""IP addresses: ipam/v1. Those of private networks, and the public ones that instances hold.

Shapes: scaleway-sdk-python, scaleway/ipam/v1/types.py. What is not served, and why: docs/sandbox.md#ipam.
"""

import ipaddress
import re
import secrets
import uuid

from .. import errors
from ..call import Call
from ..collection import Collection, Service, action, equals
from .vpc import PrivateNetworks, Subnets

RESERVED = 2  # the network's own address, and the first one, which the DHCP server keeps
MAC_ADDRESS = re.compile(r"([0-9A-F]{2}:){5}[0-9A-F]{2}")


def of_source(field: str):
    """The address was taken from this source (`subnet_id`, `zonal`)."""
    return lambda ip, values: ip["source"].get(field) in values


def of_resource(field: str):
    """The address is attached to a resource that has this value."""
    return lambda ip, values: bool(ip["resource"]) and ip["resource"][field] in values


class Ips(Collection):
    path = "/ipam/v1/regions/{region}/ips"
    noun = "ip"
    common = ("id", "project_id", "created_at", "updated_at", "region")
    required = ("source",)
    mutable = ("tags",)
    defaults = {
        "tags": [],
        "reverses": [],
        "resource": None,
        "zone": None,
        "_private_network_id": None,
        "_vpc_id": None,
    }
    filters = {
        **{field: Collection.filters[field] for field in ("project_id", "organization_id", "tags")},
        "ip_ids": equals("id"),
        "is_ipv6": equals("is_ipv6"),
        "attached": lambda ip, values: bool(ip["resource"]) == (values[-1].lower() == "true"),
        "private_network_id": equals("_private_network_id"),
        "vpc_id": equals("_vpc_id"),
        "subnet_id": of_source("subnet_id"),
        "zonal": of_source("zonal"),
        "regional": of_source("regional"),
        "source_vpc_id": of_source("vpc_id"),
        "resource_id": of_resource("id"),
        "resource_ids": of_resource("id"),
        "resource_type": of_resource("type"),
        "resource_types": of_resource("type"),
        "resource_name": of_resource("name"),
        "mac_address": lambda ip, values: of_resource("mac_address")(ip, [value.upper() for value in values]),
    }

    # For services ---------------------------------------------------------------------------------------------------

    def book(
        self,
        private_network_id: str,
        resource: dict,
        *,
        is_ipv6: bool = False,
        address: str | None = None,
        tags: tuple[str, ...] = (),
    ) -> dict:
        """Take an address of a private network for a resource that owns it until `leave`; the record.

        `resource`: {type, id, mac_address, name}. `record["address"]` is with its prefix length: `172.16.0.2/22`.
        Raises: 404 without such a network; 400 where `address` is not free in it.
        """
        network = self.service(PrivateNetworks).fetch(private_network_id)
        body = {
            "region": network["region"],
            "project_id": network["project_id"],
            "source": {"private_network_id": private_network_id},
            "is_ipv6": is_ipv6,
            "tags": list(tags),
        } | ({"address": address} if address else {})
        return self.change(self.add(body), resource=resource, _managed=True)

    def attach(self, ip_id: str, resource: dict) -> dict:
        """Give a resource an address that its user has booked. Raises: 404; 412 where another resource has it."""
        ip = self.fetch(ip_id)
        with self.store.lock(self.kind, ip["_scope"], ip_id):
            ip = self.fetch(ip_id)
            if ip["resource"] and ip["resource"]["id"] != resource["id"]:
                raise errors.precondition_failed("resource_still_in_use", "IP is attached to another resource")
            return self.change(ip, resource=resource)

    def leave(self, resource_id: str):
        """A resource is gone: release the addresses that were booked for it, detach those of the user."""
        for ip in self.of(resource_id):
            if ip.get("_managed"):
                self.remove(ip)
            else:
                self.change(ip, resource=None)

    def of(self, resource_id: str) -> list[dict]:
        """The addresses of a resource, in the order in which they were booked."""
        return [ip for ip in self.store.all(self.kind) if ip["resource"] and ip["resource"]["id"] == resource_id]

    def publish(self, id: str, zone: str, project_id: str, address: str) -> dict:
        """Enter a flexible IP (or the /64 of one), which has the same id here; `attach` and `leave` as usual."""
        region, is_ipv6 = zone[:-2], ":" in address
        reverse = address.partition("/")[0]
        if is_ipv6:
            reverse = "-".join(f"{int(part, 16):x}" for part in ipaddress.ip_address(reverse).exploded.split(":"))
        ip = self._common({"region": region, "project_id": project_id}) | self.defaults
        ip |= {
            "id": id, "zone": zone, "address": address, "is_ipv6": is_ipv6, "source": {"zonal": zone}, "_scope": region,
            "reverses": [{"hostname": f"{reverse}.rev.scw.cloud.", "address": None}],
        }  # fmt: skip
        self.store.put(self.kind, region, id, ip)
        return ip

    # Hooks ----------------------------------------------------------------------------------------------------------

    def shape(self, body):
        subnet = self._subnet(body["source"], bool(body.get("is_ipv6")), body["region"])
        cidr = ipaddress.ip_network(subnet["subnet"])
        custom = body.get("resource")
        return super().shape(body) | {
            "address": f"{self._choose(cidr, subnet['id'], body.get('address'))}/{cidr.prefixlen}",
            "is_ipv6": cidr.version == 6,
            "source": {"subnet_id": subnet["id"]},
            "resource": _custom_resource(custom) if custom else None,
            "_private_network_id": subnet["private_network_id"],
            "_vpc_id": subnet["vpc_id"],
        }

    def revise(self, ip, body):
        changes = super().revise(ip, body)
        if "reverses" in body:
            errors.require("reverses", body["reverses"], "hostname")
            made_here = [reverse for reverse in ip["reverses"] if reverse["hostname"].endswith(".scw.cloud.")]
            changes["reverses"] = made_here + [_reverse(reverse) for reverse in body["reverses"]]
        return changes

    def present(self, ip, verb):
        shown = super().present(ip, verb)
        if ip["zone"] and ip["resource"]:  # of who holds a public address, only type and id are told
            shown["resource"] = ip["resource"] | {"mac_address": None, "name": None}
            if ip["is_ipv6"] and ip["resource"]["mac_address"]:
                shown["reverses"] = ip["reverses"] + [_own_reverse(ip["address"], ip["resource"]["mac_address"])]
        return shown | ({"reverses": []} if verb == "update" else {})  # which is answered before they are known

    def removable(self, ip):
        if ip["resource"]:
            raise errors.precondition_failed("resource_still_in_use", "IP must be detached to be released")

    # Custom resources: machines of the user's own in a private network, known by their MAC address -------------------

    @action("POST", "/{id}/attach")
    def attach_custom(self, ip, call: Call):
        if ip["resource"]:
            raise errors.precondition_failed("resource_still_in_use", "IP is attached to another resource")
        return self.answer(self.change(ip, resource=_custom_resource(call.body.get("resource"))), "get")

    @action("POST", "/{id}/detach")
    def detach_custom(self, ip, call: Call):
        _require_attached(ip, call.body.get("resource"), "resource")
        return self.answer(self.change(ip, resource=None), "get")

    @action("POST", "/{id}/move")
    def move_custom(self, ip, call: Call):
        _require_attached(ip, call.body.get("from_resource"), "from_resource")
        new = call.body.get("to_resource")
        return self.answer(self.change(ip, resource=_custom_resource(new) if new else None), "get")

    # Choice ---------------------------------------------------------------------------------------------------------

    def _subnet(self, source: dict, is_ipv6: bool, region: str) -> dict:
        """The subnet that a source of the request means."""
        if network_id := source.get("private_network_id"):
            self.service(PrivateNetworks).fetch(network_id, region)
            subnets = self.store.find(Subnets.kind, private_network_id=network_id)
            return next(subnet for subnet in subnets if (":" in subnet["subnet"]) == is_ipv6)
        if subnet_id := source.get("subnet_id"):
            return self.service(Subnets).fetch(subnet_id, region)
        raise errors.invalid_argument("source", "constraint", "IPs can only be reserved from a Private Network")

    def _choose(self, cidr, subnet_id: str, asked: str | None):
        """The address asked for, else the first free one (IPv4) or a random one (IPv6)."""
        ips = [ip for ip in self.store.all(self.kind) if ip["source"].get("subnet_id") == subnet_id]
        taken = {ipaddress.ip_interface(ip["address"]).ip for ip in ips}
        if asked:
            return _asked(asked, cidr, taken)
        if cidr.version == 6:
            return cidr[secrets.randbits(128 - cidr.prefixlen)]
        last = cidr.num_addresses - 1  # the broadcast address
        for offset in range(RESERVED, last):
            if cidr[offset] not in taken:
                return cidr[offset]
        raise errors.quotas_exceeded("ip", last - RESERVED, len(taken))


def _asked(address: str, cidr, taken: set):
    try:
        chosen = ipaddress.ip_interface(address).ip
    except ValueError as error:
        raise errors.invalid_argument("address", "format", str(error)) from None
    if chosen not in cidr:
        raise errors.invalid_argument("address", "constraint", f"must be in {cidr}")
    if chosen in taken or chosen in (cidr[0], cidr[1], cidr[-1]):
        raise errors.invalid_argument("address", "constraint", "is not available")
    return chosen


def _custom_resource(given: dict | None) -> dict:
    mac = str((given or {}).get("mac_address") or "").upper()
    if not MAC_ADDRESS.fullmatch(mac):
        raise errors.invalid_argument("resource.mac_address", "format", "must be a MAC address")
    return {
        "type": "custom",
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, mac)),
        "mac_address": mac,
        "name": given.get("name"),
    }


def _require_attached(ip: dict, given: dict | None, name: str):
    mac = str((given or {}).get("mac_address") or "").upper()
    if not ip["resource"] or ip["resource"]["type"] != "custom" or ip["resource"]["mac_address"] != mac:
        raise errors.invalid_argument(f"{name}.mac_address", "constraint", "the IP is not attached to this resource")


def _own_reverse(prefix: str, mac: str) -> dict:
    """The reverse of the address that a machine gives itself in its /64 (EUI-64): the groups backwards."""
    head, tail = bytes.fromhex(mac.replace(":", ""))[:3], bytes.fromhex(mac.replace(":", ""))[3:]
    card = bytes([head[0] ^ 2, *head[1:]]) + b"\xff\xfe" + tail
    address = ipaddress.ip_network(prefix)[int.from_bytes(card, "big")]
    groups = [f"{int(group, 16):x}" for group in address.exploded.split(":")]
    return {"hostname": f"{'-'.join(groups[::-1])}.instances.scw.cloud.", "address": str(address)}


def _reverse(given: dict) -> dict:
    """A reverse as sent -> as told: the hostname is absolute."""
    return {"hostname": given["hostname"].rstrip(".") + ".", "address": given.get("address")}


class IpSets(Service):
    path = "/ipam/v1/regions/{region}/ip-sets"

    @action("POST", "/release")
    def release(self, call: Call):
        """Release several addresses, or none of them."""
        ips = self.service(Ips)
        with self.store.lock(ips.kind):
            found = [ips.fetch(id, call.params["region"]) for id in call.body.get("ip_ids") or []]
            for ip in found:
                ips.removable(ip)
            for ip in found:
                ips.remove(ip)
