"""What is said to be wrong, of what was found."""

from __future__ import annotations

import copy

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.stackway.scaleway.plugins.filter.diagnosis import diagnosis

SERVER = {
    "id": "1",
    "name": "web",
    "state": "running",
    "private_nics": [{"private_network_id": "n", "state": "available"}],
}
DATABASE = {"status": "ready", "read_replicas": [{"status": "ready"}], "volume": {"size": 10_000_000_000}}
ANSWER = {
    "seconds": 0.01, "through": "web", "connections": 10, "max_connections": 100, "bytes": 1_000_000_000,
    "wal_level": "logical", "max_replication_slots": 10, "slots": [{"name": "cdc", "active": True, "lag_bytes": 5000}],
}  # fmt: skip
CONTAINERS = {
    "namespaces": [{"name": "shop", "status": "ready", "error_message": None}],
    "containers": [
        {"name": "api", "status": "ready", "error_message": None, "min_scale": 1, "image": "rg/shop/api:1@sha256:a"}
    ],
    "registry": "rg/shop",
    "images": [{"name": "api", "digests": {"1": "sha256:a"}}],
}
BALANCER = {
    "lbs": [{"status": "ready"}],
    "backends": [
        {
            "name": "api",
            "pool": ["10.0.0.2"],
            "forward_port": 80,
            "servers": {"10.0.0.2": {"server_state": "running", "last_health_check_status": "passed"}},
        }
    ],
    "certificates": [{"name": "shop.example", "status": "ready"}],
}
HEALTHY = {
    "servers": ([SERVER], {"names": ["web"], "answers": {"web": {"rc": 0, "stdout": "Use%\n 10%\n"}}}),
    "networks": (
        {"private_networks": [{"name": "shop", "id": "n"}], "servers": [SERVER], "gateways": [{"name": "out", "status": "running", "gateway_networks": [{"status": "ready"}]}]},
        {"names": ["shop"], "gateways": ["out"], "attached": {"web": ["shop"]}},
    ),
    "database": ([DATABASE], {"name": "shop", "answer": ANSWER, "logical": True}),
    "redis": ([{"status": "ready"}], {"name": "shop"}),
    "containers": (CONTAINERS, {"declared": [{"name": "api", "min_scale": 1}], "region": "fr-par"}),
    "triggers": ([{"name": "jobs", "status": "ready", "error_message": None}], {}),
    "queues": (
        {name: [{"approximate_number_of_messages": 0, "approximate_number_of_messages_not_visible": 1}] for name in ("jobs", "dead")},
        {"dead_letters": ["dead"]},
    ),
    "load_balancer": (BALANCER, {"name": "shop"}),
    "zones": ([{"name": "shop.example", "status": "active", "ns_default": ["ns0"], "message": None}], {"names": ["shop.example"]}),
    "records": ([{"name": "shop.example", "type": "A", "data": ["192.0.2.1"], "found": ["192.0.2.1"]}], {}),
    "certificates": ([{"name": "shop.example", "days": 60, "lifetime": 90, "issuer": "CA"}], {}),
    "email": ([{"name": "shop.example", "status": "checked", "last_error": None}], {"names": ["shop.example"]}),
    "secrets": ([{"path": "/shop", "name": "key", "version_count": 1, "status": "ready"}], {"names": ["/shop/key"]}),
}  # fmt: skip


@pytest.mark.parametrize("part", HEALTHY)
def test_what_is_well_is_told_without_a_remedy(part):
    found, declared = HEALTHY[part]
    findings = diagnosis(found, part, **declared)
    assert findings
    assert {(finding["state"], finding["remedy"]) for finding in findings} == {("ok", "")}


def broken(part: str, *path, value) -> list[dict]:
    """The findings that are not ok, where one thing is otherwise; the path leads through what was found and what is declared."""
    case = copy.deepcopy(list(HEALTHY[part]))
    place = case
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    found, declared = case
    return [finding for finding in diagnosis(found, part, **declared) if finding["state"] != "ok"]


BREAKS = [
    ("servers", (0, 0, "state"), "stopped", "fail", "server web", "scw instance server start 1"),
    ("servers", (0, 0, "state"), "starting", "warn", "server web", "look again"),
    ("servers", (1, "answers", "web"), {"unreachable": True, "msg": "timed out"}, "fail", "server web: ssh", "port 22"),
    ("servers", (1, "answers", "web"), {"rc": 0, "stdout": "Use%\n 96%"}, "fail", "server web: disk", "root_volume"),
    ("networks", (0, "servers", 0, "private_nics"), [], "fail", "server web: in private network shop", "site.yml"),
    ("networks", (0, "gateways", 0, "status"), "failed", "fail", "gateway out", "makes it anew"),
    ("database", (0, 0, "status"), "disk_full", "fail", "database shop", "rdb_volume_size"),
    ("database", (0, 0, "read_replicas", 0, "status"), "error", "fail", "database shop: read replica 1", "makes it anew"),
    ("database", (1, "answer"), {"error": "refused"}, "fail", "database shop: reachable", "rdb_acl_rules"),
    ("database", (1, "answer", "connections"), 85, "warn", "database shop: connections", "PgBouncer"),
    ("database", (1, "answer", "bytes"), 9_900_000_000, "fail", "database shop: disk", "rdb_volume_size"),
    ("database", (1, "answer", "wal_level"), "replica", "fail", "database shop: wal_level", "rdb.enable_logical_replication"),
    ("database", (1, "answer", "max_replication_slots"), 1, "fail", "database shop: replication slots", "drop"),
    ("database", (1, "answer", "slots", 0, "lag_bytes"), 2_000_000_000, "fail", "database shop: slot cdc", "too slow"),
    ("database", (1, "answer", "slots", 0, "active"), False, "warn", "database shop: slot cdc", "pg_drop_replication_slot('cdc')"),
    ("redis", (0, 0, "status"), "error", "fail", "redis shop", "console"),
    ("containers", (0, "containers"), [], "fail", "container api", "another region"),
    ("containers", (0, "containers", 0, "status"), "error", "fail", "container api", "its port"),
    ("containers", (0, "containers", 0, "min_scale"), 0, "fail", "container api: min_scale", "site.yml"),
    ("containers", (0, "containers", 0, "image"), "rg/shop/api:2", "fail", "container api: image", "push it"),
    ("containers", (0, "images"), [], "fail", "container api: image", "push it"),
    ("triggers", (0, 0, "status"), "error", "fail", "trigger jobs", "credentials"),
    ("queues", (0, "dead", 0, "approximate_number_of_messages"), 1, "warn", "queue dead", "move them back"),
    ("queues", (0, "jobs", 0, "approximate_number_of_messages"), 1000, "warn", "queue jobs", "keeps up"),
    ("queues", (0, "jobs"), [], "fail", "queue jobs", "site.yml"),
    ("load_balancer", (0, "backends", 0, "servers", "10.0.0.2", "last_health_check_status"), "failed", "fail", "backend api: 10.0.0.2", "10.0.0.2:80"),
    ("load_balancer", (0, "certificates", 0, "status"), "error", "fail", "certificate shop.example", "port 80"),
    ("zones", (0, 0, "status"), "error", "fail", "zone shop.example", "ns0 have to be its name servers"),
    ("records", (0, 0, "found"), ["192.0.2.9"], "fail", "record A shop.example", "TTL"),
    ("records", (0, 0, "error"), "Name or service not known", "fail", "record A shop.example", "delegated"),
    ("certificates", (0, 0, "days"), 20, "warn", "certificate of shop.example", "renewed"),
    ("certificates", (0, 0, "error"), "certificate has expired", "fail", "certificate of shop.example", "ports 80 and 443"),
    ("email", (0, 0, "status"), "unchecked", "fail", "email shop.example", "dns_zone"),
    ("secrets", (0, 0, "version_count"), 0, "fail", "secret /shop/key", "site.yml"),
    ("secrets", (0,), [], "fail", "secret /shop/key", "site.yml"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "path", "value", "state", "check", "remedy"), BREAKS)
def test_what_is_wrong_is_told_with_its_remedy(part, path, value, state, check, remedy):
    (finding,) = broken(part, *path, value=value)
    assert (finding["state"], finding["check"]) == (state, check)
    assert remedy in finding["remedy"]


@pytest.mark.parametrize("part", ["servers", "redis", "database", "zones", "email"])
def test_what_is_declared_and_not_there_is_missed(part):
    (finding,) = broken(part, 0, value=[])
    assert (finding["state"], finding["seen"]) == ("fail", "does not exist")


def test_an_unknown_part_is_refused():
    with pytest.raises(AnsibleFilterError, match="disks is none of servers"):
        diagnosis([], "disks")
