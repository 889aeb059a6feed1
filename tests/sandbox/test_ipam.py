"""Addresses of private networks: booked by users, and by the products whose resources are attached."""

import threading

import pytest
from scaleway.ipam.v1 import CustomResource, IpamV1API, Reverse, Source
from scaleway.vpc.v2 import VpcV2API
from scaleway_core.api import ScalewayException

from sandbox.services.ipam import Ips

NIC = {"type": "instance_private_nic", "id": "nic-1", "mac_address": "02:00:00:00:00:01", "name": "web"}


@pytest.fixture
def ipam(client):
    return IpamV1API(client)


@pytest.fixture
def network(client):
    """A network of eight addresses."""
    vpcs = VpcV2API(client)
    vpc = vpcs.create_vpc(name="harbour", enable_routing=True, enable_transitivity=False)
    return vpcs.create_private_network(
        name="quay", vpc_id=vpc.id, subnets=["10.30.0.0/29"], default_route_propagation_enabled=False
    )


@pytest.fixture
def ips(sandbox, network):
    service = sandbox.services[Ips]
    yield service
    service.leave(NIC["id"])


def book(ipam, network, **fields):
    return ipam.book_ip(source=Source(private_network_id=network.id), is_ipv6=False, **fields)


def refusal(call, *args, **kwargs):
    with pytest.raises(ScalewayException) as caught:
        call(*args, **kwargs)
    return caught.value.response.status_code, caught.value.response.json()


def test_the_lowest_free_address_is_booked(ipam, network):
    assert [book(ipam, network).address for _ in range(2)] == ["10.30.0.2/29", "10.30.0.3/29"]
    assert book(ipam, network, address="10.30.0.6").address == "10.30.0.6/29"


def test_an_ipv6_address(ipam, network):
    booked = ipam.book_ip(source=Source(private_network_id=network.id), is_ipv6=True)
    assert booked.is_ipv6
    assert booked.address.startswith("fd") and booked.address.endswith("/64")


@pytest.mark.parametrize("address", ["10.30.0.0", "10.30.0.1", "10.30.0.7", "10.31.0.2", "ten"])
def test_an_address_that_cannot_be_had(ipam, network, address):
    status, body = refusal(book, ipam, network, address=address)
    assert (status, body["details"][0]["argument_name"]) == (400, "address")


def test_an_address_is_booked_once(ipam, network):
    book(ipam, network, address="10.30.0.5")
    assert refusal(book, ipam, network, address="10.30.0.5")[0] == 400


def test_a_full_network(ipam, network):
    for _ in range(5):
        book(ipam, network)
    assert refusal(book, ipam, network)[1]["type"] == "quotas_exceeded"


def test_two_bookings_at_once(ips, network):
    threads = [threading.Thread(target=ips.book, args=(network.id, NIC)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({ip["address"] for ip in ips.of(NIC["id"])}) == 5


def test_a_resource_and_its_addresses(ipam, ips, network):
    ips.book(network.id, NIC)
    ips.book(network.id, NIC, is_ipv6=True)
    kept = book(ipam, network)
    ips.attach(kept.id, NIC)
    found = ipam.list_i_ps_all(resource_id="nic-1", resource_type="instance_private_nic", private_network_id=network.id)
    assert len(found) == 3
    assert ipam.list_i_ps_all(mac_address="02:00:00:00:00:01", is_ipv6=True)[0].resource.name == "web"
    assert refusal(ipam.release_ip, ip_id=kept.id)[0] == 412
    ips.leave("nic-1")
    left = ipam.list_i_ps_all(private_network_id=network.id)
    assert [(ip.id, ip.resource) for ip in left] == [(kept.id, None)]
    ipam.release_ip(ip_id=kept.id)
    assert refusal(ipam.get_ip, ip_id=kept.id)[1]["resource"] == "ip"


def test_filters(ipam, ips, network):
    one = book(ipam, network, tags=["a", "b"])
    two = ips.book(network.id, NIC, tags=("managed", "scwdbaas"))

    def found(**filters):
        return {ip.id for ip in ipam.list_i_ps_all(private_network_id=network.id, **filters)}

    assert found() == {one.id, two["id"]}
    assert found(tags=["b"]) == {one.id}
    assert found(attached=True) == {two["id"]}
    assert found(attached=False) == {one.id}
    assert found(resource_name="web") == {two["id"]}
    assert found(resource_type="unknown_type") == {one.id, two["id"]}
    assert found(ip_ids=[one.id]) == {one.id}
    assert found(is_ipv6=True) == set()
    assert found(vpc_id=network.vpc_id) == {one.id, two["id"]}
    v4, v6 = (ipam.list_i_ps_all(subnet_id=subnet.id) for subnet in network.subnets)
    assert ({ip.id for ip in v4}, v6) == ({one.id, two["id"]}, [])


def test_custom_resources(ipam, network):
    machine = CustomResource(mac_address="02:aa:bb:cc:dd:ee", name="printer")
    booked = book(ipam, network)
    assert ipam.attach_ip(ip_id=booked.id, resource=machine).resource.mac_address == "02:AA:BB:CC:DD:EE"
    assert refusal(ipam.attach_ip, ip_id=booked.id, resource=machine)[0] == 412
    other = CustomResource(mac_address="02:aa:bb:cc:dd:ff")
    assert refusal(ipam.detach_ip, ip_id=booked.id, resource=other)[0] == 400
    assert ipam.move_ip(ip_id=booked.id, from_resource=machine, to_resource=other).resource.type_ == "custom"
    assert ipam.detach_ip(ip_id=booked.id, resource=other).resource is None


def test_reverses_are_told_after_the_update(ipam, network):
    booked = book(ipam, network)
    reverse = Reverse(hostname="www.example.com", address="10.30.0.2")
    assert ipam.update_ip(ip_id=booked.id, reverses=[reverse]).reverses == []
    assert ipam.get_ip(ip_id=booked.id).reverses[0].hostname == "www.example.com."


def test_flexible_addresses_are_listed_too(ipam, ips, client):
    id = "00000000-0000-4000-8000-000000000001"
    ips.publish(id, "fr-par-1", client.default_project_id, "2001:bc8:711:4b81::/64")
    ips.attach(id, {"type": "instance_server", "id": "server", "mac_address": "DE:00:01:27:16:7D", "name": "web"})
    found = ipam.list_i_ps_all(zonal="fr-par-1", resource_id="server")
    assert [(ip.id, ip.source.zonal) for ip in found] == [(id, "fr-par-1")]
    assert (found[0].resource.name, found[0].resource.mac_address) == (None, None)
    assert [(reverse.hostname, reverse.address) for reverse in found[0].reverses] == [
        ("2001-bc8-711-4b81-0-0-0-0.rev.scw.cloud.", None),
        ("167d-fe27-1ff-dc00-4b81-711-bc8-2001.instances.scw.cloud.", "2001:bc8:711:4b81:dc00:1ff:fe27:167d"),
    ]


def test_release_of_a_set_is_all_or_nothing(ipam, ips, network):
    free, taken = book(ipam, network), ips.book(network.id, NIC)
    assert refusal(ipam.release_ip_set, ip_ids=[free.id, taken["id"]])[0] == 412
    assert ipam.get_ip(ip_id=free.id)
    ipam.release_ip_set(ip_ids=[free.id])
    assert refusal(ipam.get_ip, ip_id=free.id)[0] == 404
