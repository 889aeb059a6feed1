"""What resources cost, and how a run tells it."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible import context
from ansible.utils.context_objects import CLIArgs
from ansible_collections.stackway.scaleway.plugins.callback.cost import CallbackModule
from ansible_collections.stackway.scaleway.plugins.plugin_utils.costs import estimate, unit_price


def product(sku: str, price: float, unit: str = "hour", size: int = 1, **properties) -> dict:
    return {
        "sku": sku,
        "price": {"retail_price": {"currency_code": "EUR", "units": 0, "nanos": round(price * 1e9)}},
        "unit_of_measure": {"unit": unit, "size": size},
        "properties": properties,
    }


SERVER = {
    ("instance_server", "a"): {
        "commercial_type": "DEV1-S",
        "root_volume": {"volume_type": "l_ssd", "size": 20_000_000_000},
    }
}
CATALOG = [
    product("/compute/dev1_s/run_par1", 0.01),
    product("/compute/dev1_m/run_par1", 0.02),
    product("/storage/local/ssd/storage", 0.0024, "gigabyte_day"),
]


@pytest.mark.parametrize(
    ("unit", "size", "wanted", "price"),
    [
        ("hour", 1, "hour", 0.6),
        ("minute", 1, "hour", 36),
        ("hour", 2, "hour", 0.3),
        ("month", 1, "hour", 0.6 / 730),
        ("gigabyte_day", 1, "gigabyte_month", 0.6 * 730 / 24),
        ("request", 1_000_000, "request", 0.6e-6),
        ("gigabyte", 1, "gigabyte_month", None),  # for how long, nothing says
        ("request", 1, "hour", None),
    ],
)
def test_a_price_is_for_a_unit_of_measure(unit, size, wanted, price):
    found = unit_price(product("/x", 0.6, unit, size), wanted)
    assert found == (price if price is None else pytest.approx(price))


def test_what_is_declared_is_compared_with_what_runs():
    larger = {("instance_server", "a"): SERVER["instance_server", "a"] | {"commercial_type": "DEV1-M"}}
    old, new, disk = sorted(estimate(larger, SERVER, CATALOG), key=lambda line: line.what)
    assert (old.what, old.month, old.delta) == ("instance/DEV1-M", pytest.approx(14.6), pytest.approx(14.6))
    assert (new.what, new.month, new.delta) == ("instance/DEV1-S", 0, pytest.approx(-7.3))
    assert (disk.what, disk.month, disk.delta) == ("local_storage", pytest.approx(20 * 0.0001 * 730), 0)


def test_what_has_no_price_has_none_and_the_catalogue_comes_first():
    given = {"instance/DEV1-S": 99, "ip": 0.004}
    lines = estimate(SERVER | {("instance_ip", "a"): {}, ("lb_ip", "a"): {}}, {}, CATALOG, prices=given)
    assert {line.what: (line.unit_price, line.source) for line in lines} == {
        "instance/DEV1-S": (0.01, "/compute/dev1_s/run_par1"),
        "local_storage": (pytest.approx(0.073), "/storage/local/ssd/storage"),
        "ip": (0.004, "cost_prices"),
        "load_balancer_ip": (None, ""),
    }
    assert [line.month for line in lines if line.unit_price is None] == [None]


def test_a_standby_is_a_second_node_and_a_replica_is_like_what_it_follows():
    database = {"node_type": "db-dev-s", "is_ha_cluster": True, "volume_type": "sbs_5k", "volume_size": 20_000_000_000}
    resources = {("rdb_instance", "a"): database, ("rdb_read_replica", "1"): {"same_zone": True}}
    found = [(line.resource, line.what, line.quantity) for line in estimate(resources, {}, [])]
    assert found == [
        ("rdb_instance a", "rdb_management/DB-DEV-S", 730),
        ("rdb_instance a", "rdb_node/DB-DEV-S", 1460),
        ("rdb_instance a", "rdb_storage/sbs_5k", 20),
        ("rdb_read_replica 1", "rdb_node/DB-DEV-S", 730),
        ("rdb_read_replica 1", "rdb_storage/sbs_5k", 20),
    ]


def test_a_container_is_paid_for_by_what_it_has_while_it_runs():
    container = {"min_scale": 1, "mvcpu_limit": 500, "memory_limit_bytes": 256_000_000}
    catalog = [product("/x", 0.00001, "vcpu_s", serverless_containers={"cpu": {}})]
    cpu, memory = estimate(
        {("container", "a"): container}, {}, catalog, container_hours={"a": 10}, free={"container_cpu": 332_000}
    )
    assert (cpu.quantity, cpu.free, cpu.month) == (740 * 3600 * 0.5, 332_000, pytest.approx(10))
    assert (memory.quantity, memory.month) == (pytest.approx(740 * 3600 * 0.256), None)


def test_use_is_for_a_system_that_is_there():
    usage = {"object_storage/onezone_ia": 50, "supabase": 1}
    catalog = [product("/y", 0.024, "gigabyte_day", object_storage={"class": {"storage_class": "onezone_ia"}})]
    storage, other = (
        line for line in estimate(SERVER, {}, catalog, usage=usage, prices={"supabase": 25}) if line.resource == "usage"
    )
    assert (storage.month, storage.delta) == (pytest.approx(36.5), pytest.approx(36.5))
    assert (other.month, other.source) == (25, "cost_prices")
    assert all(
        line.delta == 0
        for line in estimate(SERVER, SERVER, catalog, usage=usage)
        if line.what == "object_storage/onezone_ia"
    )


# A run -----------------------------------------------------------------------------


def result(module: str, **answer):
    task = SimpleNamespace(action=f"stackway.scaleway.{module}")
    return SimpleNamespace(host=SimpleNamespace(get_name=lambda: "shop-control"), task=task, result=answer)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Give the callback results; what it writes of the one system."""

    def run(*results) -> dict:
        monkeypatch.setattr(context, "CLIARGS", CLIArgs({"check": True, "inventory": ("inventories/prod",)}))
        callback = CallbackModule()
        file = tmp_path / "made" / "cost.json"
        extra = SimpleNamespace(extra_vars={})
        callback.v2_playbook_on_play_start(
            SimpleNamespace(get_vars=lambda: {"cost_path": str(file)}, get_variable_manager=lambda: extra)
        )
        stated = {"stackway_cost": {"system": "shop", "environment": "prod"}}
        for each in (
            result("set_stats", ansible_stats={"data": stated}),
            result("product_catalog_info", products=CATALOG),
            *results,
        ):
            callback.v2_runner_on_ok(each)
        callback.v2_playbook_on_stats(SimpleNamespace(failures={}, dark={}))
        report = json.loads(file.read_text())
        assert report["complete"]
        return report["systems"][0]

    return run


def test_secrets_of_one_name_in_several_folders_are_several(run):
    def secret(path):
        options = {"name": "password", "path": path}
        record = {"id": path, "name": "password", "path": path}
        return result("secret", action="unchanged", secret=record, invocation={"module_args": options})

    lines = run(*(secret(path) for path in ("/a", "/b", "/c")))["lines"]
    assert [line["quantity"] for line in lines if line["paid_for"] == "secret_version"] == [3]


def test_what_a_run_would_change_is_the_delta(run):
    """A type that the next run changes, a server to come, and one that nobody declares."""
    root = {"volume_type": "l_ssd", "size": 20_000_000_000}
    there = {"id": "1", "name": "a", "commercial_type": "DEV1-S", "root_volume": root}
    grown = {
        "action": "unchanged",
        "server": there,
        "invocation": {"module_args": {"name": "a", "commercial_type": "DEV1-M", "zone": None}},
    }
    new = {"name": "b", "commercial_type": "DEV1-S", "root_volume": root}
    made = {
        "action": "created",
        "changed": True,
        "server": {"id": "(known after apply)"},
        "invocation": {"module_args": new},
    }
    left = {"id": "3", "name": "c", "commercial_type": "DEV1-M", "root_volume": root}
    told = run(result("instance_server", results=[grown, made]), result("instance_server_info", servers=[there, left]))
    signs = [(line["sign"], line["resource"], line["paid_for"]) for line in told["lines"]]
    assert signs == [
        ("+", "instance_server a", "instance/DEV1-M"),
        (" ", "instance_server a", "local_storage"),
        ("-", "instance_server a", "instance/DEV1-S"),
        ("+", "instance_server b", "instance/DEV1-S"),
        ("+", "instance_server b", "local_storage"),
        ("-", "instance_server c", "instance/DEV1-M"),
        ("-", "instance_server c", "local_storage"),
    ]
    assert told["delta"] == pytest.approx(0, abs=0.01)
    assert told["total"] == pytest.approx(14.6 + 7.3 + 2 * 1.46, abs=0.01)


def test_what_a_run_would_remove_is_no_longer_paid(run):
    """A loop's item is no resource."""
    gateway = {"id": "1", "name": "out", "type": "VPC-GW-S"}
    asked = {
        "invocation": {"module_args": {"name": "out", "state": "absent"}},
        "item": {"name": "out", "type": "VPC-GW-S"},
    }
    gone = {
        "action": "deleted",
        "changed": True,
        "gateway": None,
        "diff": {"before": {"id": "1", "name": "out"}, "after": {}},
    }
    told = run(result("vpcgw_gateway", results=[gone | asked]), result("vpcgw_gateway_info", gateways=[gateway]))
    assert [(line["sign"], line["paid_for"]) for line in told["lines"]] == [
        ("-", "gateway/VPC-GW-S"),
        ("-", "gateway/ip"),
    ]


def test_the_root_volume_is_what_the_server_has_and_as_large_as_declared(run):
    """The API names its kind, and of a block volume no size."""
    there = {
        "id": "1",
        "name": "a",
        "commercial_type": "DEV1-S",
        "volumes": {"0": {"id": "2", "volume_type": "sbs_volume"}},
    }
    asked = {"name": "a", "commercial_type": "DEV1-S", "root_volume": {"size": 30_000_000_000}, "volumes": []}
    answer = {"action": "unchanged", "server": there, "invocation": {"module_args": asked}}
    told = run(result("instance_server", **answer), result("instance_server_info", servers=[there]))
    assert [(line["sign"], line["paid_for"], line["quantity"]) for line in told["lines"]] == [
        (" ", "instance/DEV1-S", 730),
        (" ", "block_storage/5k", 30),
    ]


def test_replicas_are_told_apart_by_their_numbers(run):
    database = {"action": "unchanged", "instance": {"id": "1", "name": "a", "node_type": "db-dev-s"}}
    replicas = [
        {
            "action": action,
            "read_replica": {"id": id},
            "invocation": {"module_args": {"number": number, "same_zone": True}},
        }
        for number, action, id in (
            (1, "unchanged", "2"),
            (2, "created", "(known after apply)"),
            (3, "created", "(known after apply)"),
        )
    ]
    found = result("rdb_read_replica_info", read_replicas=[{"id": "2", "number": 1}])
    told = run(result("rdb_instance", **database), result("rdb_read_replica", results=replicas), found)
    signs = {line["resource"]: line["sign"] for line in told["lines"] if line["paid_for"] == "rdb_node/DB-DEV-S"}
    assert signs == {
        "rdb_instance a": " ",
        "rdb_read_replica 1": " ",
        "rdb_read_replica 2": "+",
        "rdb_read_replica 3": "+",
    }


def test_what_tasks_keep_in_secret_manager_is_counted(run):
    stored = {"action": "created", "invocation": {"module_args": {"store": {"path": "/shop", "name": "key"}}}}
    told = run(result("secret", action="created", secret={"name": "a"}), result("iam_api_key", **stored))
    (line,) = told["lines"]
    assert (line["paid_for"], line["quantity"]) == ("secret_version", 2)
    assert told["unpriced"] == ["secret_version"]
