"""Private networks and block volumes, beyond their lifecycles: what is refused, replaced, looked up, and copied."""

from __future__ import annotations

import pytest
from scaleway import Client
from scaleway.block.v1 import BlockV1API
from scaleway.ipam.v1 import IpamV1API, Source

GB = 10**9


@pytest.fixture(scope="module")
def client(api_sandbox) -> Client:
    return Client.from_config_file(filepath=str(api_sandbox.home / "config.yaml"))


@pytest.fixture(scope="module")
def vpc(api_sandbox):
    yield api_sandbox.task("vpc", {"name": "network-test"})["vpc"]
    assert not api_sandbox.task("vpc", {"name": "network-test", "state": "absent"}).get("failed")


@pytest.fixture
def network(api_sandbox, vpc):
    options = {"name": "network-test", "vpc_id": vpc["id"], "subnets": ["10.50.0.0/24"]}
    yield api_sandbox.task("vpc_private_network", options)["private_network"]
    gone = {"name": "network-test", "vpc_id": vpc["id"], "state": "absent"}
    assert not api_sandbox.task("vpc_private_network", gone).get("failed")


def test_subnets_are_fixed_unless_recreated(api_sandbox, vpc, network):
    options = {"name": "network-test", "vpc_id": vpc["id"], "subnets": ["10.51.0.0/24"]}
    refused = api_sandbox.task("vpc_private_network", options)
    assert refused["failed"] and "recreate: true" in refused["msg"] and "10.50.0.0/24" in refused["msg"]
    same = api_sandbox.task("vpc_private_network", options | {"subnets": ["10.50.0.0/24"]})
    assert not same["changed"]
    replaced = api_sandbox.task("vpc_private_network", options | {"recreate": True})
    assert replaced["changed"] and replaced["private_network"]["id"] != network["id"]
    assert replaced["private_network"]["subnets"][0] == "10.51.0.0/24"


def test_subnets_of_a_vpc_do_not_overlap(api_sandbox, vpc, network):
    options = {"name": "other", "vpc_id": vpc["id"], "subnets": ["10.50.0.128/25"]}
    refused = api_sandbox.task("vpc_private_network", options)
    assert refused["failed"] and "subnets" in refused["msg"] and "overlaps" in refused["msg"]


def test_the_same_name_in_two_vpcs(api_sandbox, network):
    other = {"name": "network-test"}  # in the default VPC
    gone = {"id": network["id"], "state": "absent"}
    results = api_sandbox.play(
        [
            {"name": "default", "stackway.scaleway.vpc_info": {"is_default": True}, "register": "found"},
            {
                "name": "twin",
                "stackway.scaleway.vpc_private_network": other | {"vpc_id": "{{ found.vpcs[0].id }}"},
                "register": "twin",
            },
            {"name": "ambiguous", "stackway.scaleway.vpc_private_network": other},
            {
                "name": "cleanup",
                "stackway.scaleway.vpc_private_network": gone | {"id": "{{ twin.private_network.id }}"},
            },
        ]
    )
    assert results["twin"]["changed"]
    assert network["id"] in results["ambiguous"]["msg"]
    assert results["twin"]["private_network"]["id"] in results["ambiguous"]["msg"]
    assert results["cleanup"]["changed"]


def test_a_network_in_use_is_kept(api_sandbox, client, network):
    ipam = IpamV1API(client)
    booked = ipam.book_ip(source=Source(private_network_id=network["id"]), is_ipv6=False)
    gone = {"id": network["id"], "state": "absent", "wait_timeout": 3}
    refused = api_sandbox.task("vpc_private_network", gone)
    assert refused["failed"] and "must be empty" in refused["msg"]
    ipam.release_ip(ip_id=booked.id)


def test_the_plan_of_what_does_not_exist_yet(api_sandbox):
    results = api_sandbox.play(
        [
            {"name": "vpc", "stackway.scaleway.vpc": {"name": "planned"}, "register": "vpc"},
            {
                "name": "network",
                "stackway.scaleway.vpc_private_network": {"name": "planned", "vpc_id": "{{ vpc.vpc.id }}"},
            },
        ],
        "--check",
    )
    assert results["network"]["changed"]
    assert results["network"]["private_network"]["vpc_id"] == "(known after apply)"
    assert api_sandbox.task("vpc_info", {"name": "planned"})["vpcs"] == []


def test_networks_are_looked_up(api_sandbox, vpc, network):
    found = api_sandbox.task("vpc_private_network_info", {"vpc_id": "network-test"})["private_networks"]
    assert [item["id"] for item in found] == [network["id"]]
    assert api_sandbox.task("vpc_private_network_info", {"name": "network"})["private_networks"] == []
    assert api_sandbox.task("vpc_info", {"id": vpc["id"]})["vpcs"][0]["name"] == "network-test"


@pytest.fixture
def volume(api_sandbox):
    yield api_sandbox.task("block_volume", {"name": "network-test", "size": 20 * GB})["volume"]
    assert not api_sandbox.task("block_volume", {"name": "network-test", "state": "absent"}).get("failed")


@pytest.mark.parametrize("options", [[], ["--check"]], ids=["real", "check"])
def test_a_volume_does_not_shrink(api_sandbox, volume, options):
    refused = api_sandbox.task("block_volume", {"name": "network-test", "size": 10 * GB}, *options)
    assert refused["failed"] and refused["msg"].startswith("size: volume network-test has 20000000000 bytes")


def test_a_copy_of_a_volume(api_sandbox, client, volume):
    block = BlockV1API(client)
    snapshot = block.wait_for_snapshot(
        snapshot_id=block.create_snapshot(volume_id=volume["id"], name="network-test-monday", public=False).id
    )
    options = {"name": "network-test-copy", "snapshot_id": "network-test-monday"}
    made, again = (api_sandbox.task("block_volume", options) for _ in range(2))
    assert made["volume"]["size"] == 20 * GB and made["volume"]["snapshot_id"] == snapshot.id
    assert not again["changed"]
    looked_up = api_sandbox.task("block_volume_info", {"name": "network-test-copy"})["volumes"]
    assert [item["id"] for item in looked_up] == [made["volume"]["id"]]
    assert api_sandbox.task("block_volume", {"name": "network-test-copy", "state": "absent"})["changed"]
    block.delete_snapshot(snapshot_id=snapshot.id)
