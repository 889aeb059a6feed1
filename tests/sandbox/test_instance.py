"""Servers and what belongs to them: states, ownership, and what is refused. Machines: tests/integration/test_instance.py."""

import ipaddress
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox.services.instance_security_group import SecurityGroups
from sandbox.services.instance_storage import PlacementGroups

SERVER = {"name": "web", "commercial_type": "DEV1-S", "image": "debian_trixie", "dynamic_ip_required": False}
UNKNOWN = "11111111-1111-1111-1111-111111111111"
GB = 10**9


@pytest.fixture
def zone(api):
    """Calls below the zone: `zone("POST", "servers", {...})`; the body of the answer, or None."""

    def call(method, path, body=None, status=None):
        answer = api.request(method, f"/instance/v1/zones/fr-par-1/{path}", json=body)
        if status:
            assert answer.status_code == status, answer.text
        else:
            answer.raise_for_status()
        return answer.json() if answer.content else None

    return call


@pytest.fixture
def server(zone):
    server = zone("POST", "servers", SERVER)["server"]
    yield server
    try:
        until(zone, server, "running", "stopped", "stopped in place")
    except requests.HTTPError:
        return
    zone("PATCH", f"servers/{server['id']}", {"protected": False})
    if until(zone, server, "running", "stopped", "stopped in place")["state"] == "stopped":
        zone("DELETE", f"servers/{server['id']}")
    else:
        zone("POST", f"servers/{server['id']}/action", {"action": "terminate"})


def until(zone, server, *states):
    deadline = time.monotonic() + 10
    while True:
        found = zone("GET", f"servers/{server['id']}")["server"]
        if found["state"] in states:
            return found
        assert time.monotonic() < deadline, found["state"]
        time.sleep(0.05)


def act(zone, server, action, state):
    task = zone("POST", f"servers/{server['id']}/action", {"action": action}, status=202)["task"]
    assert task["status"] == "pending"
    return until(zone, server, state)


def test_power(zone, server):
    assert server["state"] == "stopped" and server["allowed_actions"] == ["poweron", "backup"]
    zone("POST", f"servers/{server['id']}/action", {"action": "poweroff"}, status=412)
    assert act(zone, server, "poweron", "running")["location"]
    act(zone, server, "stop_in_place", "stopped in place")
    act(zone, server, "poweron", "running")
    act(zone, server, "reboot", "running")
    assert act(zone, server, "poweroff", "stopped")["location"] is None


def test_nothing_is_done_to_a_server_in_transition(sandbox, zone, server):
    sandbox.freezer.freeze(server["id"])
    zone("POST", f"servers/{server['id']}/action", {"action": "poweron"})
    assert zone("GET", f"servers/{server['id']}")["server"]["state"] == "starting"
    zone("POST", f"servers/{server['id']}/action", {"action": "stop_in_place"}, status=412)
    sandbox.freezer.thaw(server["id"])
    until(zone, server, "running")


def test_a_dynamic_address_lives_while_the_server_runs(sandbox, zone, server):
    zone("PATCH", f"servers/{server['id']}", {"dynamic_ip_required": True})
    running = act(zone, server, "poweron", "running")
    flexible = list(ipaddress.ip_network(sandbox.settings.subnet).subnets(prefixlen_diff=2))[1]
    assert running["public_ip"]["dynamic"] and ipaddress.ip_address(running["public_ip"]["address"]) in flexible
    given_up = zone("PATCH", f"servers/{server['id']}", {"dynamic_ip_required": False})["server"]
    assert given_up["public_ip"] is None
    again = zone("PATCH", f"servers/{server['id']}", {"dynamic_ip_required": True})["server"]
    assert again["public_ip"]["dynamic"]
    assert act(zone, server, "poweroff", "stopped")["public_ips"] == []


def test_terminating_frees_what_stays(zone, api):
    ip = zone("POST", "ips", {})["ip"]
    server = zone("POST", "servers", SERVER | {"public_ips": [ip["id"]]})["server"]
    root = server["volumes"]["0"]["id"]
    block = f"/block/v1/zones/fr-par-1/volumes/{root}"
    assert api.get(block).json()["status"] == "in_use"
    act(zone, server, "poweron", "running")
    zone("POST", f"servers/{server['id']}/action", {"action": "terminate"})
    deadline = time.monotonic() + 10
    while api.get(f"/instance/v1/zones/fr-par-1/servers/{server['id']}").status_code != 404:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert api.get(block).json()["status"] == "available"
    assert zone("GET", f"ips/{ip['address']}")["ip"]["state"] == "detached"
    zone("DELETE", f"ips/{ip['id']}")
    api.delete(block)


def test_a_refused_server_leaves_nothing(zone, api):
    def count():
        return {
            path: len(api.get(path).json()[path.rpartition("/")[2]])
            for path in ("/block/v1/zones/fr-par-1/volumes", "/instance/v1/zones/fr-par-1/volumes")
        }

    before = count()
    for field, value, status, word in (
        ("commercial_type", "DEV1-Z", 400, "commercial_type"),
        ("commercial_type", "STARDUST9-S", 400, "commercial_type"),
        ("image", UNKNOWN, 404, "instance_image"),
        ("image", "minix", 404, "instance_image"),
        ("public_ips", [UNKNOWN], 404, "instance_ip"),
        ("security_group", UNKNOWN, 404, "instance_security_group"),
        ("placement_group", UNKNOWN, 404, "instance_placement_group"),
        ("volumes", {"1": {"id": UNKNOWN}}, 404, "instance_volume"),
        ("volumes", {"0": {"volume_type": "l_ssd", "size": 80 * GB}}, 400, "volumes"),
    ):
        refusal = zone("POST", "servers", SERVER | {field: value}, status=status)
        assert word in str(refusal), refusal
    answer = api.post("/instance/v1/zones/nl-ams-3/servers", json=SERVER)
    assert answer.status_code == 400 and "not available in nl-ams-3" in answer.text
    assert count() == before


def test_a_protected_server_stays(zone, server):
    zone("PATCH", f"servers/{server['id']}", {"protected": True})
    zone("DELETE", f"servers/{server['id']}", status=412)


def test_user_data(zone, api, server):
    path = f"/instance/v1/zones/fr-par-1/servers/{server['id']}/user_data"
    missing = api.get(f"{path}/cloud-init")
    assert (missing.status_code, missing.content) == (404, b"") and missing.headers["content-type"].startswith("text/")
    text = b"#cloud-config\n\xff\n"
    assert api.patch(f"{path}/cloud-init", data=text, headers={"Content-Type": "text/plain"}).status_code == 204
    assert api.get(f"{path}/cloud-init").content == text
    assert api.get(path).json() == {"user_data": ["cloud-init"]}
    assert api.delete(f"{path}/cloud-init").status_code == 204


def test_rules_as_they_are_kept(zone):
    group = zone("POST", "security_groups", {"name": "web", "inbound_default_policy": "drop"})["security_group"]
    path = f"security_groups/{group['id']}/rules"
    rule = {"protocol": "TCP", "direction": "inbound", "action": "accept", "ip_range": "192.0.2.7/32"}
    rules = zone("PUT", path, {"rules": [rule | {"dest_port_from": 22, "dest_port_to": 22}, rule]})["rules"]
    assert [known["editable"] for known in rules] == [False] * 6 + [True] * 2
    assert {known["dest_port_from"] for known in rules[:6]} == {25, 465, 587}
    assert [(known["position"], known["ip_range"], known["dest_port_to"]) for known in rules[6:]] == [
        (1, "192.0.2.7", None),
        (2, "192.0.2.7", None),
    ]
    for field, value in (
        ("ip_range", "192.0.2.0/33"),
        ("dest_port_from", 65536),
        ("protocol", "GRE"),
        ("action", "log"),
    ):
        refusal = zone("PUT", path, {"rules": [rule | {field: value}]}, status=400)
        assert refusal["details"][0]["argument_name"] == field
    zone("PATCH", f"security_groups/{group['id']}", {"enable_default_security": False})
    assert len(zone("GET", path)["rules"]) == 2
    zone("DELETE", f"security_groups/{group['id']}")


def test_of_changes_in_quick_succession_the_last_is_in_force(sandbox, zone, monkeypatch):
    group = zone("POST", "security_groups", {"name": "quick"})["security_group"]
    enforced = []

    def enforce(id, given):
        time.sleep(0 if given.rules else 0.3)  # the filter takes its time for the first change
        enforced.append(given)

    monkeypatch.setattr(sandbox.machines.instances, "set_group", enforce, raising=False)
    zone("PATCH", f"security_groups/{group['id']}", {"enable_default_security": False})
    rule = {"action": "drop", "direction": "inbound", "protocol": "ICMP", "ip_range": "0.0.0.0/0", "position": 1}
    zone("PUT", f"security_groups/{group['id']}/rules", {"rules": [rule]})
    deadline = time.monotonic() + 10
    while len(enforced) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert enforced[-1].rules
    zone("DELETE", f"security_groups/{group['id']}")


def test_a_group_in_use_stays(zone):
    group = zone("POST", "security_groups", {"name": "used"})["security_group"]
    server = zone("POST", "servers", SERVER | {"security_group": group["id"]})["server"]
    zone("DELETE", f"security_groups/{group['id']}", status=412)
    zone("DELETE", f"servers/{server['id']}")
    zone("DELETE", f"security_groups/{group['id']}")


def test_the_type_changes_on_a_stopped_server(zone, server):
    act(zone, server, "poweron", "running")
    zone("PATCH", f"servers/{server['id']}", {"commercial_type": "DEV1-M"}, status=412)
    act(zone, server, "poweroff", "stopped")
    changed = zone("PATCH", f"servers/{server['id']}", {"commercial_type": "DEV1-M"})["server"]
    assert changed["commercial_type"] == "DEV1-M"
    zone("PATCH", f"servers/{server['id']}", {"commercial_type": "BASIC2-A2C-4G"}, status=400)


def test_one_card_in_a_network(zone, api, server):
    network = api.post("/vpc/v2/regions/fr-par/private-networks", json={"name": "backend"}).json()
    path = f"servers/{server['id']}/private_nics"
    nic = zone("POST", path, {"private_network_id": network["id"]}, status=201)["private_nic"]
    assert len(nic["ipam_ip_ids"]) == 2 and nic["mac_address"].startswith("02:00:")
    zone("POST", path, {"private_network_id": network["id"]}, status=400)
    booked = f"/ipam/v1/regions/fr-par/ips?resource_id={nic['id']}"
    assert api.get(booked).json()["total_count"] == 2
    zone("DELETE", f"{path}/{nic['id']}")
    assert api.get(booked).json()["total_count"] == 0


def test_pages_are_counted_in_the_header(api):
    answer = api.get("/instance/v1/zones/fr-par-1/products/servers?per_page=10&page=2")
    assert len(answer.json()["servers"]) == 10 and int(answer.headers["X-Total-Count"]) > 100


@pytest.mark.parametrize("asks", ["create", "update"])
@pytest.mark.parametrize("collection", [SecurityGroups, PlacementGroups])
def test_a_server_gets_no_group_that_goes_meanwhile(sandbox, api, zone, server, collection, asks):
    groups, root = sandbox.services[collection], "/instance/v1/zones/fr-par-1/servers"
    group = zone("POST", groups.plural, {"name": "leaving"})[groups.noun]["id"]

    def ask():
        if asks == "create":
            return api.post(root, json=SERVER | {"name": "late", groups.noun: group})
        wanted = {"id": group, "name": ""} if collection is SecurityGroups else group
        return api.patch(f"{root}/{server['id']}", json={groups.noun: wanted})

    with ThreadPoolExecutor(1) as pool:
        with groups.held(groups.fetch(group)) as record:  # as a DELETE that has found no server with it
            asked = pool.submit(ask)
            time.sleep(0.3)
            groups.remove(record)
        assert (asked.result().status_code, asked.result().json().get("resource")) == (404, groups.resource)
    assert zone("GET", "servers?name=late")["servers"] == []
    assert zone("GET", f"servers/{server['id']}")["server"]["name"] == SERVER["name"]
