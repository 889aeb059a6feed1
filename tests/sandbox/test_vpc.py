"""VPCs, private networks, routes and ACLs, through the SDK."""

import ipaddress

import pytest
from scaleway.vpc.v2 import AclRule, AclRuleProtocol, Action, VpcV2API
from scaleway_core.api import ScalewayException

from sandbox.services.ipam import Ips


@pytest.fixture
def vpc_api(client):
    return VpcV2API(client)


@pytest.fixture
def vpc(vpc_api):
    return vpc_api.create_vpc(name="harbour", enable_routing=False, enable_transitivity=False)


def network(vpc_api, vpc, *subnets, name="quay"):
    return vpc_api.create_private_network(
        name=name, vpc_id=vpc.id, subnets=list(subnets) or None, default_route_propagation_enabled=False
    )


def refusal(call, *args, **kwargs):
    with pytest.raises(ScalewayException) as caught:
        call(*args, **kwargs)
    return caught.value.response.status_code, caught.value.response.json()


def test_a_vpc_always_routes(vpc):
    assert vpc.routing_enabled


def test_every_region_has_a_default_vpc(vpc_api, client):
    for region in ("fr-par", "nl-ams", "pl-waw"):
        found = vpc_api.list_vp_cs_all(is_default=True, project_id=client.default_project_id, region=region)
        assert [vpc.name for vpc in found] == ["default"]


def test_a_network_without_a_vpc_is_in_the_default_one(vpc_api):
    default = vpc_api.list_vp_cs_all(is_default=True)[0]
    created = vpc_api.create_private_network(name="stray", default_route_propagation_enabled=False)
    assert created.vpc_id == default.id
    assert vpc_api.get_vpc(vpc_id=default.id).private_network_count == default.private_network_count + 1


def test_subnets_are_allocated(vpc_api, vpc):
    one, two = network(vpc_api, vpc, name="one"), network(vpc_api, vpc, name="two")
    v4, v6 = (ipaddress.ip_network(subnet.subnet) for subnet in one.subnets)
    assert (v4.prefixlen, v6.prefixlen) == (22, 64)
    assert v4.subnet_of(ipaddress.ip_network("172.16.0.0/12"))
    assert v6.subnet_of(ipaddress.ip_network("fd00::/8"))
    assert not v4.overlaps(ipaddress.ip_network(two.subnets[0].subnet))


def test_a_subnet_asked_for_is_taken_and_the_other_family_added(vpc_api, vpc):
    created = network(vpc_api, vpc, "192.168.7.0/24")
    assert created.subnets[0].subnet == "192.168.7.0/24"
    assert len(created.subnets) == 2
    listed = [subnet.private_network_id for subnet in vpc_api.list_subnets_all(vpc_id=vpc.id)]
    assert listed == [created.id, created.id]


@pytest.mark.parametrize(
    ("subnet", "argument", "said"),
    [
        ("10.0.0.0/33", "subnets[0]", "10.0.0.0/33"),
        ("10.0.0.1/24", "subnets[0]", "host bits"),
        ("10.0.0.0/16", "subnets[0]", '"max": 20'),
        ("10.0.0.0/30", "subnets[0]", '"min": 29'),
        ("8.8.8.0/24", "subnets[0]", "private"),
        ("2001:db8::/64", "subnets[0]", "fd00::/8"),
    ],
)
def test_a_subnet_that_cannot_be(vpc_api, vpc, subnet, argument, said):
    status, body = refusal(network, vpc_api, vpc, subnet)
    assert (status, body["type"]) == (400, "invalid_arguments")
    assert body["details"][0]["argument_name"] == argument
    assert said in body["details"][0]["help_message"]
    assert vpc_api.list_private_networks_all(vpc_id=vpc.id) == []


def test_subnets_of_one_vpc_do_not_overlap(vpc_api, vpc):
    network(vpc_api, vpc, "10.20.0.0/22")
    status, body = refusal(network, vpc_api, vpc, "10.20.1.0/24")
    assert status == 400
    assert body["details"][0]["help_message"].startswith("subnet_overlaps_in_vpc")
    other = vpc_api.create_vpc(name="elsewhere", enable_routing=True, enable_transitivity=False)
    assert network(vpc_api, other, "10.20.1.0/24").subnets[0].subnet == "10.20.1.0/24"


def test_a_vpc_that_does_not_exist(vpc_api, vpc):
    vpc_api.delete_vpc(vpc_id=vpc.id)
    status, body = refusal(network, vpc_api, vpc)
    assert (status, body["resource"], body["resource_id"]) == (404, "vpc", vpc.id)


def test_a_network_in_use_stays(sandbox, vpc_api, vpc):
    created = network(vpc_api, vpc)
    ips = sandbox.services[Ips]
    ips.book(created.id, {"type": "instance_private_nic", "id": "nic", "mac_address": "02:00:00:00:00:01", "name": "a"})
    status, body = refusal(vpc_api.delete_private_network, private_network_id=created.id)
    assert (status, body["precondition"]) == (412, "resource_still_in_use")
    assert refusal(vpc_api.delete_vpc, vpc_id=vpc.id)[0] == 412
    ips.leave("nic")
    vpc_api.delete_private_network(private_network_id=created.id)
    vpc_api.delete_vpc(vpc_id=vpc.id)
    assert refusal(vpc_api.delete_private_network, private_network_id=created.id)[1]["resource"] == "private_network"
    assert vpc_api.list_subnets_all(vpc_id=vpc.id) == []


def test_the_default_vpc_stays(vpc_api):
    default = vpc_api.list_vp_cs_all(is_default=True)[0]
    assert refusal(vpc_api.delete_vpc, vpc_id=default.id)[0] == 412


def test_update(vpc_api, vpc):
    assert vpc_api.update_vpc(vpc_id=vpc.id, tags=["a"]).tags == ["a"]
    assert vpc_api.update_vpc(vpc_id=vpc.id, tags=[]).tags == []
    created = network(vpc_api, vpc)
    changed = vpc_api.update_private_network(
        private_network_id=created.id, name="pier", default_route_propagation_enabled=True
    )
    assert (changed.name, changed.default_route_propagation_enabled) == ("pier", True)
    assert changed.subnets == created.subnets


def test_acl(vpc_api, vpc):
    def rule(**fields):
        ports = {"src_port_low": 0, "src_port_high": 0, "dst_port_low": 22, "dst_port_high": 22}
        return AclRule(
            protocol=AclRuleProtocol.TCP, source="0.0.0.0/0", destination="10.0.0.0/8", action=Action.DROP,
            description="no ssh", **ports | fields,
        )  # fmt: skip

    assert vpc_api.get_acl(vpc_id=vpc.id, is_ipv6=False).default_policy == "accept"
    vpc_api.set_acl(vpc_id=vpc.id, rules=[rule()], is_ipv6=False, default_policy=Action.DROP)
    acl = vpc_api.get_acl(vpc_id=vpc.id, is_ipv6=False)
    assert (acl.default_policy, acl.rules[0].description) == ("drop", "(Rule scope: client) no ssh")
    assert vpc_api.get_acl(vpc_id=vpc.id, is_ipv6=True).rules == []


def test_routes(vpc_api, vpc, api):
    created = network(vpc_api, vpc)
    route = vpc_api.create_route(
        description="", vpc_id=vpc.id, destination="10.9.0.0/16", nexthop_private_network_id=created.id
    )
    assert (route.description, route.type_) == ("Custom route", "custom")
    assert vpc_api.update_route(route_id=route.id, description="home").description == "home"
    listed = api.get(f"/vpc/v2/regions/fr-par/routes-with-nexthop?vpc_id={vpc.id}").json()
    assert [item["route"]["id"] for item in listed["routes"]] == [route.id]
    vpc_api.delete_route(route_id=route.id)
    assert refusal(vpc_api.get_route, route_id=route.id)[1]["resource"] == "unknown"
