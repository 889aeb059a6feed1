"""What Managed Database refuses, and what follows from a call besides its answer."""

import time

import pytest

GB = 10**9
INSTANCES = "/rdb/v1/regions/fr-par/instances"
PASSWORD = "R34lP4sSw#Rd"
WANTED = {"name": "db", "engine": "PostgreSQL-17", "node_type": "DB-DEV-S", "user_name": "owner", "password": PASSWORD}


def settled(api, path, *statuses):
    deadline = time.monotonic() + 10
    while (found := api.get(path).json())["status"] not in (statuses or ("ready",)):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


@pytest.fixture
def instance(api):
    """A ready instance with block storage; its path."""
    volume = {"volume_type": "sbs_5k", "volume_size": 10 * GB}
    path = f"{INSTANCES}/{api.post(INSTANCES, json=WANTED | volume).json()['id']}"
    settled(api, path)
    yield path
    settled(api, path)
    api.delete(path)


def refusal(response, status=400):
    """Which argument a refusal names."""
    assert response.status_code == status, response.text
    return response.json()["details"][0]["argument_name"]


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"engine": "PostgreSQL-8"}, "engine"),
        ({"engine": "PostgreSQL-13"}, "engine"),  # known, and not on offer any more
        ({"node_type": "DB-HUGE"}, "node_type"),
        ({"node_type": "DB-GP-XS"}, "volume_type"),
        ({"volume_type": "sbs_5k", "volume_size": 7 * GB}, "volume_size"),
        ({"password": "short"}, "password"),
        ({"user_name": "_rdb_me"}, "user_name"),
        ({"init_settings": [{"name": "lower_case_table_names", "value": "1"}]}, "settings.lower_case_table_names"),
        ({"init_endpoints": [{"private_network": {"service_ip": "10.0.0.1/22"}}]}, "private_network_id"),
    ],
)
def test_creation_refuses(api, changes, argument):
    before = api.get(INSTANCES).json()["total_count"]
    response = api.post(INSTANCES, json=WANTED | changes)
    if argument == "private_network_id":
        assert response.json()["resource"] == "private_network"
    else:
        assert refusal(response) == argument
    assert api.get(INSTANCES).json()["total_count"] == before


def test_an_instance_is_busy_until_it_is_ready(api):
    made = api.post(INSTANCES, json=WANTED).json()
    assert (made["status"], made["endpoints"], made["settings"]) == ("provisioning", [], [])
    path = f"{INSTANCES}/{made['id']}"
    for call in (
        lambda: api.patch(path, json={"name": "x"}),
        lambda: api.put(f"{path}/acls", json={"rules": []}),
        lambda: api.post(f"{path}/databases", json={"name": "x"}),
    ):
        response = call()
        assert (response.status_code, response.json()["type"]) == (409, "transient_state")
    ready = settled(api, path)
    assert [endpoint["id"] for endpoint in ready["endpoints"]] == [ready["endpoint"]["id"]]
    assert {"name": "max_connections", "value": "100"} in ready["settings"]
    privileges = api.get(f"{path}/privileges").json()["privileges"]
    assert privileges == [{"database_name": "rdb", "user_name": "owner", "permission": "all"}]
    assert api.delete(path).json()["status"] == "deleting"


@pytest.mark.parametrize(
    ("target", "argument"),
    [
        ({"volume_size": 5 * GB}, "volume_size"),
        ({"volume_size": 12 * GB}, "volume_size"),
        ({"node_type": "db-dev-m", "volume_size": 20 * GB}, "upgrade_target"),
        ({"node_type": "db-dev-xxl"}, "node_type"),
        ({"major_upgrade_workflow": {"upgradable_version_id": "x"}}, "upgradable_version_id"),
        ({}, "upgrade_target"),
    ],
)
def test_upgrades_refuse(api, instance, target, argument):
    assert refusal(api.post(f"{instance}/upgrade", json=target)) == argument


@pytest.mark.parametrize(
    ("name", "value"),
    [("no_such", "1"), ("work_mem", "0"), ("work_mem", "much"), ("jit", "true"), ("timezone", "Europe/Atlantis")],
)
def test_settings_refuse(api, instance, name, value):
    wrong = {"settings": [{"name": name, "value": value}]}
    assert refusal(api.put(f"{instance}/settings", json=wrong)) == f"settings.{name}"


def test_settings_are_replaced_by_put_and_added_by_post(api, instance):
    api.put(f"{instance}/settings", json={"settings": [{"name": "jit", "value": "off"}]})
    assert settled(api, instance)["settings"] == [{"name": "jit", "value": "off"}]
    api.post(f"{instance}/settings", json={"settings": [{"name": "work_mem", "value": "8"}]})
    assert [setting["name"] for setting in settled(api, instance)["settings"]] == ["jit", "work_mem"]
    api.delete(f"{instance}/settings", json={"setting_names": ["jit"]})
    assert settled(api, instance)["settings"] == [{"name": "work_mem", "value": "8"}]


def test_acls_keep_their_order_and_get_a_description(api, instance):
    port = settled(api, instance)["endpoint"]["port"]
    flow = {"port": port, "protocol": "tcp", "direction": "inbound", "action": "allow"}
    assert refusal(api.put(f"{instance}/acls", json={"rules": [{"ip": "everyone"}]})) == "rules.ip"
    api.put(f"{instance}/acls", json={"rules": [{"ip": "192.0.2.9/32"}, {"ip": "192.0.2.1/32", "description": "one"}]})
    settled(api, instance)
    rules = api.get(f"{instance}/acls").json()["rules"]
    assert rules == [
        {"ip": "192.0.2.9/32", "description": "IP allowed"} | flow,
        {"ip": "192.0.2.1/32", "description": "one"} | flow,
    ]
    gone = api.delete(f"{instance}/acls", json={"acl_rule_ips": ["192.0.2.9/32"]}).json()["rules"]
    assert [rule["ip"] for rule in gone] == ["192.0.2.9/32"]


def test_a_public_endpoint_shows_in_the_instance_only(api, instance):
    endpoint = settled(api, instance)["endpoint"]
    assert api.delete(f"/rdb/v1/regions/fr-par/endpoints/{endpoint['id']}").status_code == 204
    assert settled(api, instance)["endpoint"] is None
    assert api.get(f"{instance}/acls").json()["rules"][0]["port"] == 0
    made = api.post(f"{instance}/endpoints", json={"endpoint_spec": {"load_balancer": {}}}).json()
    assert made == {"id": "", "name": None, "port": 0}
    assert settled(api, instance)["endpoint"]["port"] > 0


def test_what_is_in_an_instance_is_known_by_name(api, instance):
    assert api.post(f"{instance}/databases", json={"name": "rdb"}).status_code == 409
    user = {"name": "second", "password": "weak"}
    assert refusal(api.post(f"{instance}/users", json=user)) == "password"
    wanted = {"database_name": "rdb", "user_name": "nobody", "permission": "all"}
    assert api.put(f"{instance}/privileges", json=wanted).json()["resource"] == "user"
    assert refusal(api.put(f"{instance}/privileges", json=wanted | {"permission": "custom"})) == "permission"


def test_a_major_upgrade_makes_another_instance_and_takes_the_endpoint_along(api):
    old = f"{INSTANCES}/{api.post(INSTANCES, json=WANTED | {'engine': 'PostgreSQL-16'}).json()['id']}"
    before = settled(api, old)
    (version,) = before["upgradable_version"]
    workflow = {"upgradable_version_id": version["id"], "with_endpoints": True}
    made = api.post(f"{old}/upgrade", json={"major_upgrade_workflow": workflow}).json()
    assert (made["engine"], made["status"]) == ("PostgreSQL-17", "provisioning")
    after = settled(api, f"{INSTANCES}/{made['id']}")
    assert after["endpoint"]["id"] == before["endpoint"]["id"]
    assert settled(api, old)["endpoint"] is None
    users = api.get(f"{INSTANCES}/{made['id']}/users").json()["users"]
    assert users == [{"name": "owner", "is_admin": True}]


def test_backups_outlive_their_instance(api):
    made = api.post(INSTANCES, json=WANTED).json()
    settled(api, f"{INSTANCES}/{made['id']}")
    wanted = {"instance_id": made["id"], "database_name": "rdb", "name": "kept"}
    backup = api.post("/rdb/v1/regions/fr-par/backups", json=wanted).json()
    path = f"/rdb/v1/regions/fr-par/backups/{backup['id']}"
    assert backup["size"] is None
    assert settled(api, path)["size"] > 0
    missing = api.post("/rdb/v1/regions/fr-par/backups", json=wanted | {"database_name": "gone"})
    assert (missing.status_code, missing.json()["resource"]) == (404, "database")
    api.delete(f"{INSTANCES}/{made['id']}")
    deadline = time.monotonic() + 10
    while api.get(f"{INSTANCES}/{made['id']}").status_code == 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert api.get(path).json()["status"] == "ready"
    api.post(f"{path}/export")
    url = settled(api, path)["download_url"]
    public = url.removeprefix(api.base_url)
    api.headers["X-Auth-Token"], token = "", api.headers["X-Auth-Token"]
    try:
        assert api.get(public).status_code == 200
        assert api.get(public[:-1]).status_code == 403
    finally:
        api.headers["X-Auth-Token"] = token


@pytest.mark.parametrize(("action", "status"), [("export", "exporting"), ("restore", "restoring")])
def test_a_frozen_backup_stays_in_its_transition(sandbox, api, instance, action, status):
    wanted = {"name": "kept", "instance_id": instance.rpartition("/")[2], "database_name": "rdb"}
    backup = f"/rdb/v1/regions/fr-par/backups/{api.post('/rdb/v1/regions/fr-par/backups', json=wanted).json()['id']}"
    settled(api, backup)
    sandbox.freezer.freeze("rdb.database_backup")
    assert api.post(f"{backup}/{action}", json={}).json()["status"] == status
    time.sleep(0.7)  # longer than the sandbox waits for somebody to look
    assert api.get(backup).json()["status"] == status
    sandbox.freezer.thaw()
    assert bool(settled(api, backup)["download_url"]) == (action == "export")


def test_an_instance_that_is_about_to_go_gets_no_replica(sandbox, api):
    path = f"{INSTANCES}/{api.post(INSTANCES, json=WANTED | {'name': 'leaving'}).json()['id']}"
    settled(api, path)
    sandbox.freezer.freeze("rdb.instance")
    api.delete(path)
    replica = {"instance_id": path.rpartition("/")[2], "endpoint_spec": [{"direct_access": {}}]}
    refused = api.post("/rdb/v1/regions/fr-par/read-replicas", json=replica)
    sandbox.freezer.thaw()
    assert (refused.status_code, refused.json()["current_state"]) == (409, "deleting")
