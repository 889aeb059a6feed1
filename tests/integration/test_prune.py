"""What left the inventory is told, and removed where that is wanted: nothing else is."""

from __future__ import annotations

import pytest

SERVER = {"commercial_type": "PLAY2-PICO", "image": "debian_trixie", "security_group": "shop"}
GROUPS = [{"name": "shop"}, {"name": "shop-worker"}]
BEFORE = [SERVER | {"name": "shop-web", "count": 2}, SERVER | {"name": "shop-worker", "security_group": "shop-worker"}]
AFTER = [SERVER | {"name": "shop-web", "count": 1, "public_ip": False}]
LEFT = {
    "instance_server": ["shop-web-2", "shop-worker"],
    "instance_ip": ["shop-web-1", "shop-web-2", "shop-worker"],
    "instance_security_group": ["shop-worker"],
}


@pytest.fixture
def site(api_sandbox, tmp_path):
    """Run the role and what prunes after it; ({changed task: what its items were}, what is left over)."""

    def run(*arguments, **variables):
        role = "stackway.scaleway.instance"
        variables = {"instance_tags": ["shop"], "instance_known_hosts": str(tmp_path / "known")} | variables
        tasks = [
            {"name": "role", "ansible.builtin.import_role": {"name": role}},
            {"name": "prune", "ansible.builtin.import_role": {"name": role, "tasks_from": "prune"}},
            {"name": "left", "ansible.builtin.debug": {"msg": "{{ instance_leftovers }}"}},
        ]
        results = api_sandbox.play(tasks, *arguments, extra=variables)
        for result in results.values():
            assert not result.get("failed"), result
        changed = {
            name.rpartition(" : ")[2]: sorted(
                item["item"] if isinstance(item["item"], str) else item["item"]["name"]
                for item in result["results"]
                if item["changed"]
            )
            for name, result in results.items()
            if result.get("changed")
        }
        return changed, {kind: sorted(names) for kind, names in results["left"]["msg"].items() if names}

    yield run
    run(instance_state="present", instance_servers=[], instance_security_groups=[], instance_prune=True)


def test_what_left_the_inventory_is_told_and_removed_on_request(site, api_sandbox):
    other = {"name": "other", "commercial_type": "PLAY2-PICO", "image": "debian_trixie", "tags": ["shopping", "prod"]}
    assert not api_sandbox.task("instance_server", other).get("failed")
    site(instance_servers=BEFORE, instance_security_groups=GROUPS)

    declared = {"instance_servers": AFTER, "instance_security_groups": GROUPS[:1]}
    changed, left = site(**declared)
    assert changed == {"Have the servers": ["shop-web-1"]}  # it gives its address up
    assert left == LEFT
    assert site(**declared) == ({}, LEFT)

    removed = {
        "Remove servers that are no longer declared": LEFT["instance_server"],
        "Release addresses that are no longer declared": LEFT["instance_ip"],
        "Remove security groups that are no longer declared": LEFT["instance_security_group"],
    }
    assert site("--check", **declared, instance_prune=True) == (removed, {})
    assert site(**declared, instance_prune=True) == (removed, {})
    assert site(**declared, instance_prune=True) == ({}, {})
    assert [server["name"] for server in api_sandbox.task("instance_server_info", {"name": "other"})["servers"]]
    api_sandbox.task("instance_server", {"name": "other", "state": "absent"})


def test_without_tags_nothing_is_taken_for_a_leftover(site, api_sandbox):
    site(instance_servers=BEFORE, instance_security_groups=GROUPS)
    changed, left = site(instance_tags=[], instance_servers=[], instance_security_groups=[], instance_prune=True)
    assert (changed, left) == ({}, {})


WEB = {"name": "web", "image": "docker.io/nginx:latest"}
ROLES = ("network", "load_balancer", "redis_cluster", "serverless", "rdb")
WHOLE = {f"{role}_tags": ["shop"] for role in ROLES} | {
    "network_vpcs": [{"name": "shop", "private_networks": [{"name": "shop"}]}],
    "network_gateways": [{"name": "shop", "private_networks": ["shop"]}],
    "load_balancer_name": "shop",
    "redis_cluster_name": "shop",
    "redis_cluster_user": "shop",
    "redis_cluster_secret": "/shop/redis",
    "redis_cluster_acl_rules": [{"ip_cidr": "192.0.2.0/24"}],
    "serverless_namespace": "shop",
    "serverless_containers": [WEB, WEB | {"name": "mail"}],
    "rdb_name": "shop",
    "rdb_engine": "PostgreSQL-16",
    "rdb_node_type": "DB-DEV-S",
}
FEWER = WHOLE | {
    "network_vpcs": [],
    "network_gateways": [],
    "load_balancer_name": "shop-new",
    "redis_cluster_state": "absent",
    "serverless_containers": [WEB],
    "rdb_name": "shop-new",
}
FEWER_LEAVES = {
    "vpcgw_gateway": ["shop"],
    "vpc_private_network": ["shop"],
    "vpc": ["shop"],
    "lb": ["shop"],
    "lb_ip": ["shop"],
    "redis_cluster": ["shop"],
    "container": ["mail"],
    "rdb_instance": ["shop"],
}


def test_every_role_tells_what_left_the_inventory_and_removes_what_holds_no_data(api_sandbox):
    def play(entry: str, variables: dict) -> dict[str, dict]:
        tasks = [
            {"name": role, "ansible.builtin.import_role": {"name": f"stackway.scaleway.{role}", "tasks_from": entry}}
            for role in ROLES
        ]
        tell = {"name": "left", "ansible.builtin.debug": {"msg": "{{ query('vars', *names, default={}) | combine }}"}}
        results = api_sandbox.play([*tasks, tell], extra=variables | {"names": [f"{role}_leftovers" for role in ROLES]})
        assert not any(result.get("failed") for result in results.values()), results
        return results

    def prune(variables: dict) -> tuple[bool, dict]:
        """Whether something changed, and what is left over."""
        results = play("prune", variables)
        left = {kind: names for kind, names in results["left"]["msg"].items() if names}
        return any(result.get("changed") for result in results.values()), left

    play("main", WHOLE)
    removing = {f"{role}_prune": True for role in ROLES if role != "rdb"}
    assert prune(WHOLE | removing) == (False, {})
    assert prune(FEWER) == (False, FEWER_LEAVES)
    assert prune(FEWER | removing) == (True, {"rdb_instance": ["shop"]})
    assert prune(FEWER | removing) == (False, {"rdb_instance": ["shop"]})
    play("main", WHOLE | {f"{role}_state": "absent" for role in reversed(ROLES)})


def test_no_name_leads_to_a_pipeline_that_left(api_sandbox):
    """Whoever got its host name next would have ours."""
    role = {"ansible.builtin.import_role": {"name": "stackway.scaleway.cdn"}}
    prune = {"ansible.builtin.import_role": {"name": "stackway.scaleway.cdn", "tasks_from": "prune"}}
    record = {"dns_zone": "edge.example.com", "name": "media", "type": "CNAME"}
    look = {"name": "look", "stackway.scaleway.domain_record": record | {"state": "absent"}, "check_mode": True}
    zone = {"stackway.scaleway.domain_zone": {"domain": "example.com", "subdomain": "edge"}}
    names = [{"fqdn": "media.edge.example.com", "dns_zone": "edge.example.com", "verify": False}]
    declared = {"cdn_pipelines": [{"name": "pruned", "bucket": "pruned", "domains": names}]}
    left = {"cdn_pipelines": [], "cdn_prune": True, "storage_urls": {"pruned": ""}}

    made = api_sandbox.play([{"name": "zone"} | zone, {"name": "role"} | role, look], extra=declared)
    assert not any(result.get("failed") for result in made.values()), made
    assert made["look"]["changed"], "there is no record to be removed: the test proves nothing"
    pruned = api_sandbox.play([{"name": "prune"} | prune, look], extra=left)
    assert not any(result.get("failed") for result in pruned.values()), pruned
    assert not pruned["look"]["changed"]
    assert api_sandbox.task("edge_services_pipeline_info", {"name": "pruned"})["pipelines"] == []
    zone["stackway.scaleway.domain_zone"] |= {"state": "absent"}
    api_sandbox.play([zone])
