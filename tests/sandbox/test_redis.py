"""Managed Redis: what the API refuses, and how statuses pass. tests/integration/test_redis.py uses the servers."""

import time

import pytest

CLUSTERS = "/redis/v1/zones/fr-par-1/clusters"
WANTED = {"version": "8.6.3", "node_type": "RED1-micro", "user_name": "app", "password": "thiZ_is_v&ry_s3cret"}


def create(api, **changes):
    return api.post(CLUSTERS, json=WANTED | changes)


def until_ready(api, cluster):
    for _ in range(200):
        found = api.get(f"{CLUSTERS}/{cluster['id']}").json()
        if found["status"] == "ready":
            return found
        time.sleep(0.02)
    raise AssertionError(found["status"])


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"version": "5.0.0"}, "version"),
        ({"node_type": "RED9"}, "node_type"),
        ({"password": ""}, "password"),
        ({"cluster_size": 7}, "cluster_size"),
        ({"cluster_size": 3}, "endpoints"),
        ({"cluster_settings": [{"name": "no-such", "value": "1"}]}, "settings.no-such"),
        ({"cluster_settings": [{"name": "maxclients", "value": "5"}]}, "settings.maxclients"),
        ({"cluster_settings": [{"name": "maxmemory-policy", "value": "never"}]}, "settings.maxmemory-policy"),
        ({"acl_rules": [{"ip_cidr": "office"}]}, "acl_rules.ip_cidr"),
        ({"endpoints": [{"private_network": {"id": "x"}}]}, "endpoints.private_network"),
        (
            {"endpoints": [{"private_network": {"id": "x", "service_ips": ["10.0.0.1/24"], "ipam_config": {}}}]},
            "endpoints.private_network",
        ),
    ],
)
def test_what_creation_refuses(api, changes, argument):
    refused = create(api, **changes)
    assert refused.status_code == 400
    assert [detail["argument_name"] for detail in refused.json()["details"]] == [argument]


def test_the_address_shows_once_there_is_a_server(api):
    made = create(api, name="addressed").json()
    assert (made["status"], made["updated_at"], made["endpoints"][0]["ips"]) == ("provisioning", None, [])
    assert "password" not in made
    assert len(until_ready(api, made)["endpoints"][0]["ips"]) == 1


def test_names_change_at_once_and_passwords_take_a_while(api):
    cluster = until_ready(api, create(api).json())
    path = f"{CLUSTERS}/{cluster['id']}"
    assert api.patch(path, json={"name": "renamed"}).json()["status"] == "ready"
    assert api.patch(path, json={"password": "An0ther_one"}).json()["status"] == "provisioning"
    assert api.put(f"{path}/acls", json={"acl_rules": []}).json()["type"] == "transient_state"
    until_ready(api, cluster)
    assert api.post(f"{path}/migrate", json={"version": "7.2.11"}).status_code == 400
    assert api.post(f"{path}/migrate", json={"node_type": "RED1-S"}).json()["node_type"] == "RED1-S"


def test_addresses_are_booked_for_private_endpoints(api):
    network = api.post("/vpc/v2/regions/fr-par/private-networks", json={"name": "for redis"}).json()
    endpoint = {"private_network": {"id": network["id"], "ipam_config": {}}}
    cluster = create(api, cluster_size=3, endpoints=[endpoint]).json()
    assert len(cluster["endpoints"][0]["ips"]) == 3
    query = f"/ipam/v1/regions/fr-par/ips?resource_type=redis_cluster&resource_id={cluster['id']}"
    assert api.get(query).json()["total_count"] == 3
    until_ready(api, cluster)
    assert api.delete(f"{CLUSTERS}/{cluster['id']}").json()["status"] == "deleting"
    assert api.get(query).json()["total_count"] == 0
