"""VPC and private networks: vpc/v2.

Shapes: scaleway-sdk-python, scaleway/vpc/v2/types.py. What is not served, and why: docs/sandbox.md#vpc.
A private network becomes a bridge of the host when the first machine is attached (machines/wires.py).
"""

import hashlib
import ipaddress
import secrets

from .. import errors
from ..call import Call
from ..collection import REGIONS, Collection, Service, action, contains, equals

PRIVATE_RANGES = [ipaddress.ip_network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
ALLOCATED_FROM = ipaddress.ip_network("172.16.0.0/12")
ALLOCATED_PREFIX = 22
SHORTEST_PREFIX, LONGEST_PREFIX = 20, 29
UNIQUE_LOCAL = ipaddress.ip_network("fd00::/8")
ACL_SCOPE = "(Rule scope: client) "


class Vpcs(Collection):
    path = "/vpc/v2/regions/{region}/vpcs"
    noun = "vpc"
    kind = "vpc.vpc"
    common = ("id", "name", "project_id", "organization_id", "created_at", "updated_at", "region")
    mutable = ("name", "tags")
    defaults = {
        "tags": [],
        "is_default": False,
        "routing_enabled": True,
        "custom_routes_propagation_enabled": True,
        "s3_integration_enabled": False,
        "_acl": {},
    }
    filters = Collection.filters | {
        "name": contains("name"),
        "is_default": equals("is_default"),
        "routing_enabled": equals("routing_enabled"),
    }

    def prepare(self):
        """The default project has its default VPC in every region; those of other projects come with their first use."""
        for region in REGIONS:
            self.default(region, self.organization_id)

    def default(self, region: str, project_id: str) -> dict:
        """The VPC of the networks that name none. Nobody asked for routing when it was made."""
        with self.store.lock(self.kind):
            for vpc in self.store.all(self.kind, region):
                if vpc["is_default"] and vpc["project_id"] == project_id:
                    return vpc
            vpc = self.add({"region": region, "project_id": project_id, "name": "default", "tags": ["default"]})
            return self.change(vpc, is_default=True, routing_enabled=False, custom_routes_propagation_enabled=False)

    def shape(self, body):
        return super().shape(body) | {"transitivity_enabled": body.get("enable_transitivity", False)}

    def present(self, vpc, verb):
        networks = self.store.find(PrivateNetworks.kind, vpc_id=vpc["id"])
        return super().present(vpc, verb) | {"private_network_count": len(networks)}

    def removable(self, vpc):
        if vpc["is_default"]:
            raise errors.precondition_failed("default_resource", "the default VPC cannot be deleted")
        if self.store.find(PrivateNetworks.kind, vpc_id=vpc["id"]):
            raise errors.precondition_failed("resource_still_in_use", "VPC must be empty to be deleted")

    def remove(self, vpc):
        routes = self.service(Routes)
        for route in self.store.find(routes.kind, vpc_id=vpc["id"]):
            routes.remove(route)
        return super().remove(vpc)

    @action("POST", "/{id}/enable-routing")
    def enable_routing(self, vpc, call: Call):
        return self.answer(self.change(vpc, routing_enabled=True), "get")

    @action("POST", "/{id}/enable-custom-routes-propagation")
    def enable_custom_routes_propagation(self, vpc, call: Call):
        return self.answer(self.change(vpc, custom_routes_propagation_enabled=True), "get")

    @action("GET", "/{id}/acl-rules")
    def get_acl(self, vpc, call: Call):
        return vpc["_acl"].get(_family(call.flag("is_ipv6")), {"rules": [], "default_policy": "accept"})

    @action("PUT", "/{id}/acl-rules")
    def set_acl(self, vpc, call: Call):
        """Replace the rules of one address family."""
        policy = call.body.get("default_policy") or "accept"
        if policy not in ("accept", "drop"):
            raise errors.invalid_argument("default_policy", "constraint", "must be accept or drop")
        rules = [_acl_rule(rule, f"rules[{index}]") for index, rule in enumerate(call.body.get("rules") or [])]
        acl = {"rules": rules, "default_policy": policy}
        self.change(vpc, _acl=vpc["_acl"] | {_family(call.body.get("is_ipv6")): acl})
        return acl


def _family(is_ipv6: bool | None) -> str:
    return "ipv6" if is_ipv6 else "ipv4"


def _acl_rule(rule: dict, name: str) -> dict:
    """A rule as sent -> as stored, its description marked with the rule's origin."""
    for field in ("source", "destination"):
        _network(rule.get(field) or "", f"{name}.{field}")
    if rule.get("action") not in ("accept", "drop"):
        raise errors.invalid_argument(f"{name}.action", "constraint", "must be accept or drop")
    protocol = str(rule.get("protocol") or "ANY").upper()
    if protocol not in ("ANY", "TCP", "UDP", "ICMP"):
        raise errors.invalid_argument(f"{name}.protocol", "constraint", "must be ANY, TCP, UDP or ICMP")
    ports = {port: rule.get(port) or 0 for port in ("src_port_low", "src_port_high", "dst_port_low", "dst_port_high")}
    description = ACL_SCOPE + (rule.get("description") or "")
    kept = {field: rule[field] for field in ("source", "destination", "action")}
    return kept | ports | {"protocol": protocol, "description": description}


class PrivateNetworks(Collection):
    path = "/vpc/v2/regions/{region}/private-networks"
    noun = "private_network"
    kind = "vpc.private_network"
    common = Vpcs.common
    mutable = ("name", "tags", "default_route_propagation_enabled")
    defaults = {
        "tags": [],
        "dhcp_enabled": True,
        "default_route_propagation_enabled": False,
        "has_s3_integration": False,
    }
    filters = Collection.filters | {
        "name": contains("name"),
        "vpc_id": equals("vpc_id"),
        "private_network_ids": equals("id"),
        "dhcp_enabled": equals("dhcp_enabled"),
    }

    def within(self, body):
        return [(Vpcs, self.service(Vpcs).fetch(body["vpc_id"], body["region"]))] if body.get("vpc_id") else []

    def shape(self, body):
        region, project_id = body["region"], body.get("project_id") or self.organization_id
        vpcs = self.service(Vpcs)
        vpc = vpcs.fetch(body["vpc_id"], region) if body.get("vpc_id") else vpcs.default(region, project_id)
        subnets = self.service(Subnets).choose(body.get("subnets") or [], vpc)
        return super().shape(body) | {"vpc_id": vpc["id"], "_subnets": subnets}

    def add(self, body):
        with self.store.lock(self.kind):  # no other network may choose before these subnets are written
            network = super().add(body)
            belongs = {field: network[field] for field in ("region", "project_id", "vpc_id")}
            for cidr in network["_subnets"]:
                self.service(Subnets).add(belongs | {"private_network_id": network["id"], "subnet": cidr})
        return network

    def present(self, network, verb):
        subnets = self.service(Subnets)
        found = self.store.find(subnets.kind, private_network_id=network["id"])
        return super().present(network, verb) | {"subnets": [subnets.present(subnet, verb) for subnet in found]}

    def removable(self, network):
        if self.store.find("ipam.ip", _private_network_id=network["id"]):
            raise errors.precondition_failed("resource_still_in_use", "Private Network must be empty to be deleted")

    def remove(self, network):
        for subnet in self.store.find(Subnets.kind, private_network_id=network["id"]):
            self.service(Subnets).remove(subnet)
        return super().remove(network)

    @action("POST", "/{id}/enable-dhcp")
    def enable_dhcp(self, network, call: Call):
        return self.answer(self.change(network, dhcp_enabled=True), "get")


def _network(cidr: str, name: str):
    try:
        return ipaddress.ip_network(cidr)
    except ValueError as error:
        raise errors.invalid_argument(name, "format", str(error)) from None


def _subnet(cidr: str, name: str):
    """A subnet that a client asks for, or the API's refusal of it."""
    network = _network(cidr, name)
    if network.version == 6:
        if not network.subnet_of(UNIQUE_LOCAL) or network.prefixlen != 64:
            raise errors.invalid_argument(name, "constraint", "must be a /64 of fd00::/8")
        return network
    if not any(network.subnet_of(allowed) for allowed in PRIVATE_RANGES):
        raise errors.invalid_argument(name, "constraint", "must be in a private range")
    if not SHORTEST_PREFIX <= network.prefixlen <= LONGEST_PREFIX:
        limits = f'prefix: {{"max": {SHORTEST_PREFIX}, "min": {LONGEST_PREFIX}}}'
        raise errors.invalid_argument(name, "unknown", limits)
    return network


class Subnets(Collection):
    """Those of all private networks. They come and go with their network."""

    path = "/vpc/v2/regions/{region}/subnets"
    noun = "subnet"
    kind = "vpc.subnet"
    operations = ("list",)
    common = ("id", "project_id", "created_at", "updated_at", "region")
    mutable = ("subnet", "private_network_id", "vpc_id")
    filters = {
        "project_id": equals("project_id"),
        "vpc_id": equals("vpc_id"),
        "subnet_ids": equals("id"),
    }

    def choose(self, asked: list[str], vpc: dict) -> list[str]:
        """The subnets of a new network: those asked for, and one of our choice for each address family left out.

        Raises: 400 where one is malformed, or overlaps with a subnet of the same VPC.
        """
        chosen = [_subnet(cidr, f"subnets[{index}]") for index, cidr in enumerate(asked)]
        taken = self._taken(vpc_id=vpc["id"])
        for index, subnet in enumerate(chosen):
            if any(subnet.overlaps(other) for other in taken + chosen[:index] if other.version == subnet.version):
                raise errors.invalid_argument("subnets", "unknown", "subnet_overlaps_in_vpc: {}")
        versions = {subnet.version for subnet in chosen}
        chosen += [self._free_ipv4(vpc["region"])] if 4 not in versions else []
        chosen += [self._random_ipv6(vpc["region"])] if 6 not in versions else []
        return [str(subnet) for subnet in sorted(chosen, key=lambda subnet: subnet.version)]

    def _taken(self, **where) -> list:
        return [ipaddress.ip_network(subnet["subnet"]) for subnet in self.store.find(self.kind, **where)]

    def _free_ipv4(self, region: str):
        """One that no network of the region has, so that a machine can be in networks of several VPCs."""
        taken = [subnet for subnet in self._taken(region=region) if subnet.version == 4]
        for candidate in ALLOCATED_FROM.subnets(new_prefix=ALLOCATED_PREFIX):
            if not any(candidate.overlaps(other) for other in taken):
                return candidate
        raise errors.quotas_exceeded("private_network", len(taken), len(taken))

    def _random_ipv6(self, region: str):
        """A /64 of the /48 that an organization has in a region."""
        site = hashlib.sha256(f"{self.organization_id} {region}".encode()).digest()[:5]
        return ipaddress.ip_network((b"\xfd" + site + secrets.token_bytes(2) + bytes(8), 64))


class Routes(Collection):
    """Custom routes. They are kept, not followed: see docs/sandbox.md#vpc."""

    path = "/vpc/v2/regions/{region}/routes"
    noun = "route"
    operations = ("get", "create", "update", "delete")
    common = ("id", "created_at", "updated_at", "region")
    inside = {"vpc_id": Vpcs}
    required = ("vpc_id", "destination")
    mutable = (
        *("description", "tags", "destination"),
        *("nexthop_resource_id", "nexthop_private_network_id", "nexthop_vpc_connector_id"),
    )
    defaults = {
        **{"tags": [], "type": "custom", "is_read_only": False},
        **{"nexthop_resource_id": None, "nexthop_private_network_id": None, "nexthop_vpc_connector_id": None},
    }
    filters = {
        "vpc_id": equals("vpc_id"),
        "nexthop_resource_id": equals("nexthop_resource_id"),
        "nexthop_private_network_id": equals("nexthop_private_network_id"),
        "nexthop_vpc_connector_id": equals("nexthop_vpc_connector_id"),
        "tags": Collection.filters["tags"],
    }

    def shape(self, body):
        self.service(Vpcs).fetch(body["vpc_id"], body["region"])
        self._check(body, body["region"])
        return super().shape(body) | {"description": body.get("description") or "Custom route"}

    def revise(self, route, body):
        self._check(body, route["region"])
        return super().revise(route, body)

    def not_found(self, id):
        return errors.not_found("unknown", "")

    def _check(self, body: dict, region: str):
        if "destination" in body:
            _network(body["destination"], "destination")
        if network_id := body.get("nexthop_private_network_id"):
            self.service(PrivateNetworks).fetch(network_id, region)


class RoutesWithNexthop(Service):
    """The list of routes, each with what is known of where it leads."""

    path = "/vpc/v2/regions/{region}/routes-with-nexthop"

    @action("GET", "")
    def list(self, call: Call):
        answer = self.service(Routes)._list(call)
        return answer | {"routes": [{"route": route} | self._nexthop(route) for route in answer["routes"]]}

    def _nexthop(self, route: dict) -> dict:
        resources = [ip for ip in self.store.all("ipam.ip", route["region"]) if ip["resource"]]
        for ip in resources:
            if ip["resource"]["id"] == route["nexthop_resource_id"]:
                address, _, _ = ip["address"].partition("/")
                found = ip["resource"]
                return {"nexthop_ip": address, "nexthop_name": found["name"], "nexthop_resource_type": found["type"]}
        return {"nexthop_ip": None, "nexthop_name": None, "nexthop_resource_type": "unknown_type"}
