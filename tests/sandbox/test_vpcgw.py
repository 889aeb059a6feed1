"""Public gateways, through the SDK: states, refusals, addresses and what is given back."""

import threading
import time

import pytest
from scaleway.iam.v1alpha1 import IamV1Alpha1API
from scaleway.ipam.v1 import IpamV1API, ResourceType
from scaleway.vpc.v2 import VpcV2API
from scaleway.vpcgw.v2 import SetPatRulesRequestRule, VpcgwV2API
from scaleway_core.api import ScalewayException

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXWcT7mFK3Fz5Hq5Yq0l6mBqf4o6i0u7Cq2yX1b3k9P"


@pytest.fixture(scope="module")
def gw(client):
    return VpcgwV2API(client)


@pytest.fixture(scope="module")
def ipam(client):
    return IpamV1API(client)


@pytest.fixture(scope="module")
def network(client):
    return VpcV2API(client).create_private_network(
        name="harbour", subnets=["10.60.0.0/24"], default_route_propagation_enabled=False
    )


def settled(gw, gateway):
    deadline = time.monotonic() + 10
    while (found := gw.get_gateway(gateway_id=gateway.id)).status != "running":
        assert time.monotonic() < deadline, found.status
        time.sleep(0.05)
    return found


@pytest.fixture
def gateway(gw):
    made = gw.create_gateway(type_="VPC-GW-S", enable_smtp=False, enable_bastion=True, name="gate")
    yield settled(gw, made)
    gone(gw, made)


def gone(gw, gateway):
    settled(gw, gateway)
    gw.delete_gateway(gateway_id=gateway.id, delete_ip=True)
    while any(found.id == gateway.id for found in gw.list_gateways_all()):
        time.sleep(0.05)


def refusal(call, **arguments):
    with pytest.raises(ScalewayException) as caught:
        call(**arguments)
    body = caught.value.response.json()
    return caught.value.response.status_code, body.get("type"), body


def test_a_change_is_answered_before_it_is_begun(gw, gateway):
    assert gateway.bastion_port == 61000 and gateway.bastion_allowed_ips == ["0.0.0.0/0"]
    assert gw.update_gateway(gateway_id=gateway.id, bastion_port=60022).status == "running"
    assert gw.get_gateway(gateway_id=gateway.id).status == "configuring"
    assert settled(gw, gateway).bastion_port == 60022


def test_an_upgrade_looks_like_a_failure_for_a_while(gw, gateway):
    assert gw.upgrade_gateway(gateway_id=gateway.id, type_="VPC-GW-M").bandwidth == 1000
    assert gw.get_gateway(gateway_id=gateway.id).status == "failed"
    settled(gw, gateway)
    status, kind, _ = refusal(gw.upgrade_gateway, gateway_id=gateway.id, type_="VPC-GW-S")
    assert (status, kind) == (400, "invalid_arguments")


def test_a_busy_gateway_is_connected_to_nothing(gw, gateway, network):
    gw.refresh_ssh_keys(gateway_id=gateway.id)
    join = {"gateway_id": gateway.id, "private_network_id": network.id}
    status, kind, body = refusal(gw.create_gateway_network, **join, enable_masquerade=True, push_default_route=True)
    assert (status, kind, body["resource"]) == (409, "transient_state", "gateway")


def test_a_connection_has_an_address_and_gives_it_back(gw, ipam, gateway, network):
    join = {"gateway_id": gateway.id, "private_network_id": network.id}
    made = gw.create_gateway_network(**join, enable_masquerade=False, push_default_route=True)
    assert made.status == "created" and made.masquerade_enabled and made.mac_address is None
    settled(gw, gateway)
    (found,) = ipam.list_i_ps_all(resource_id=made.id, resource_type=ResourceType.VPC_GATEWAY_NETWORK)
    assert found.id == made.ipam_ip_id and found.address == "10.60.0.2/24"
    assert refusal(gw.create_gateway_network, **join, enable_masquerade=True, push_default_route=True)[0] == 409
    assert gw.delete_gateway_network(gateway_network_id=made.id).status == "detaching"
    settled(gw, gateway)
    assert ipam.list_i_ps_all(resource_id=made.id) == []


def test_an_address_of_ones_own_stays(gw):
    ip = gw.create_ip(tags=["mine"])
    made = gw.create_gateway(type_="VPC-GW-S", enable_smtp=False, enable_bastion=False, name="own", ip_id=ip.id)
    assert made.ipv4.id == ip.id and gw.get_ip(ip_id=ip.id).gateway_id == made.id
    assert refusal(gw.delete_ip, ip_id=ip.id)[0] == 412
    settled(gw, made)
    gw.delete_gateway(gateway_id=made.id, delete_ip=False)
    while gw.get_ip(ip_id=ip.id).gateway_id:
        time.sleep(0.05)
    gw.delete_ip(ip_id=ip.id)


def test_a_reverse_has_to_resolve(gw):
    ip = gw.create_ip()
    backwards = "-".join(reversed(ip.address.split(".")))
    assert ip.reverse == f"{backwards}.instances.scw.cloud"
    status, _, body = refusal(gw.update_ip, ip_id=ip.id, reverse="nowhere.example.com")
    assert status == 400 and body["details"][0]["help_message"].startswith("must_resolve: ")
    gw.delete_ip(ip_id=ip.id)


def test_a_port_leads_to_one_place(gw, gateway):
    rule = {"gateway_id": gateway.id, "public_port": 42, "private_ip": "10.60.0.9", "private_port": 5432}
    made = gw.create_pat_rule(**rule, protocol="tcp")
    assert refusal(gw.create_pat_rule, **rule, protocol="both")[:2] == (409, "already_exists")
    gw.create_pat_rule(**rule, protocol="udp")
    assert gw.update_pat_rule(pat_rule_id=made.id, private_port=22).private_port == 22
    assert refusal(gw.create_pat_rule, **rule | {"public_port": 70000})[0] == 400
    assert len(gw.list_pat_rules_all(gateway_ids=[gateway.id])) == 2


def test_all_rules_are_set_or_none(gw, gateway):
    """A rule that stays keeps its id; one that is refused leaves all as they were."""
    ssh = {"public_port": 43, "private_ip": "10.60.0.9", "private_port": 22, "protocol": "tcp"}
    dns = ssh | {"protocol": "udp", "private_port": 53}
    made = gw.set_pat_rules(
        gateway_id=gateway.id, pat_rules=[SetPatRulesRequestRule(**rule) for rule in (ssh, dns)]
    ).pat_rules
    assert [rule.private_port for rule in made] == [22, 53]
    for wrong in (ssh | {"public_port": 70000}, ssh | {"protocol": "both"}):
        rules = [SetPatRulesRequestRule(**rule) for rule in (dns | {"private_port": 5353}, ssh, wrong)]
        assert refusal(gw.set_pat_rules, gateway_id=gateway.id, pat_rules=rules)[0] in (400, 409)
        assert {rule.id: rule.private_port for rule in gw.list_pat_rules_all(gateway_ids=[gateway.id])} == {
            rule.id: rule.private_port for rule in made
        }
    (left,) = gw.set_pat_rules(
        gateway_id=gateway.id, pat_rules=[SetPatRulesRequestRule(**ssh | {"private_port": 2222})]
    ).pat_rules
    assert (left.id, left.private_port) == (made[0].id, 2222)


def test_the_rules_go_with_their_gateway(gw):
    made = gw.create_gateway(type_="VPC-GW-S", enable_smtp=False, enable_bastion=False, name="short")
    settled(gw, made)
    gw.create_pat_rule(gateway_id=made.id, public_port=1, private_ip="10.60.0.9", private_port=1, protocol="both")
    gone(gw, made)
    assert gw.list_pat_rules_all(gateway_ids=[made.id]) == []


def test_the_bastion_takes_the_keys_of_its_time(sandbox, client, gw, gateway):
    def known():
        return sandbox.store.get("vpc-gw.gateway", gateway.id)["_keys"]

    key = IamV1Alpha1API(client).create_ssh_key(public_key=KEY, name="late")
    assert known() == []
    gw.refresh_ssh_keys(gateway_id=gateway.id)
    settled(gw, gateway)
    assert known() == [KEY]
    IamV1Alpha1API(client).delete_ssh_key(ssh_key_id=key.id)


def test_an_unknown_type_is_refused(gw):
    status, _, body = refusal(gw.create_gateway, type_="VPC-GW-Z", enable_smtp=False, enable_bastion=False)
    assert status == 400 and "VPC-GW-S, VPC-GW-M" in body["details"][0]["help_message"]


def test_a_gateway_that_is_about_to_go_gets_no_rules_and_is_not_configured(sandbox, gw, network, monkeypatch):
    gateway = settled(gw, gw.create_gateway(type_="VPC-GW-S", enable_smtp=False, enable_bastion=False, name="leaving"))
    rule = {"gateway_id": gateway.id, "public_port": 80, "private_ip": "10.60.0.9", "private_port": 80}
    gw.create_gateway_network(
        gateway_id=gateway.id, private_network_id=network.id, enable_masquerade=True, push_default_route=False
    )
    settled(gw, gateway)
    kept = gw.create_pat_rule(**rule, protocol="tcp")
    settled(gw, gateway)
    go_on = threading.Event()
    monkeypatch.setattr(sandbox.machines.gateways, "disconnect", lambda *_: go_on.wait(5))
    gw.delete_gateway(gateway_id=gateway.id, delete_ip=True)
    for call, arguments in (
        (gw.create_pat_rule, rule | {"public_port": 81, "protocol": "tcp"}),
        (gw.set_pat_rules, {"gateway_id": gateway.id, "pat_rules": []}),
    ):
        status, kind, body = refusal(call, **arguments)
        assert (status, kind, body["current_state"]) == (409, "transient_state", "deleting")
    gw.update_pat_rule(pat_rule_id=kept.id, private_port=8080)
    assert gw.get_gateway(gateway_id=gateway.id).status == "deleting"
    go_on.set()
    while any(found.id == gateway.id for found in gw.list_gateways_all()):
        time.sleep(0.05)
    assert not sandbox.store.find("vpc-gw.pat_rule", gateway_id=gateway.id)
