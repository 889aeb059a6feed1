# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What resources cost in a month: what each is paid for, and which product of the catalogue has the price."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

HOURS = 730  # of a month, as Scaleway's own monthly prices have it
GIGABYTE = 1_000_000_000
ROOT_VOLUME_GB = 10  # of an image, where no size is declared
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "month": HOURS * 3600, "year": 12 * HOURS * 3600}


@dataclass(frozen=True)
class Item:
    """One thing that a resource is paid for."""

    what: str  # the product: its family, and after a slash its type; also the key of the variables of the user
    quantity: float  # in a month
    unit: str = "hour"  # hour, gigabyte_month, or one of the catalogue's own


@dataclass
class Line:
    """An item of a declared resource, beside the same as it runs. Without a price, amounts are None."""

    resource: str
    what: str
    unit: str
    quantity: float = 0
    running: float = 0  # quantity
    free: float = 0
    unit_price: float | None = None
    source: str = ""  # sku, or cost_prices

    @property
    def month(self) -> float | None:
        return self._amount(self.quantity)

    @property
    def delta(self) -> float | None:
        month, now = self.month, self._amount(self.running)
        return None if month is None or now is None else month - now

    def _amount(self, quantity: float) -> float | None:
        paid = max(0.0, quantity - self.free)
        return 0.0 if not paid else None if self.unit_price is None else paid * self.unit_price


# What is paid for ------------------------------------------------------------------


def _hours(what: str, count: float = 1) -> Item:
    return Item(what, count * HOURS)


def _server(server: dict) -> list[Item]:
    root = server.get("root_volume") or {}
    local = root.get("volume_type") == "l_ssd"
    size = (root.get("size") or ROOT_VOLUME_GB * GIGABYTE) / GIGABYTE
    return [
        _hours(f"instance/{server['commercial_type']}"),
        Item("local_storage" if local else "block_storage/5k", size, "gigabyte_month"),
    ]


def _volume(volume: dict) -> list[Item]:
    iops = volume.get("perf_iops") or (volume.get("specs") or {}).get("perf_iops") or 5000
    return [Item(f"block_storage/{iops // 1000}k", volume["size"] / GIGABYTE, "gigabyte_month")]


def _database(database: dict) -> list[Item]:
    node = database["node_type"].upper()
    nodes = 2 if database.get("is_ha_cluster") else 1
    return [_hours(f"rdb_management/{node}"), _hours(f"rdb_node/{node}", nodes), *_database_storage(database)]


def _database_storage(database: dict) -> list[Item]:
    size = database.get("volume_size") or 0  # that of local storage comes with the node, and is not declared
    return [Item(f"rdb_storage/{database.get('volume_type')}", size / GIGABYTE, "gigabyte_month")] if size else []


def _replica(replica: dict, database: dict) -> list[Item]:
    """Like the node that it follows."""
    family = "rdb_node" if replica.get("same_zone", True) else "rdb_replica"
    return [_hours(f"{family}/{database['node_type'].upper()}"), *_database_storage(database)]


def _redis(cluster: dict) -> list[Item]:
    more = (cluster.get("cluster_size") or 1) - 1
    node = cluster["node_type"]
    return [_hours(f"redis/{node}")] + [_hours(f"redis_additional/{node}", more)] * bool(more)


def _container(container: dict, hours: float) -> list[Item]:
    """`hours`: how long one runs besides those that always do."""
    seconds = ((container.get("min_scale") or 0) * HOURS + hours) * 3600
    memory = (container.get("memory_limit_bytes") or 2_048_000_000) / GIGABYTE
    cpu = (container.get("mvcpu_limit") or 1000) / 1000
    return [Item("container_cpu", seconds * cpu, "vcpu_s"), Item("container_memory", seconds * memory, "gb_s")]


PAID: dict[str, Callable[[dict], list[Item]]] = {
    "instance_server": _server,
    "instance_ip": lambda ip: [_hours("ipv6" if "ipv6" in (ip.get("type") or "") else "ip")],
    "block_volume": _volume,
    "vpcgw_gateway": lambda gateway: [_hours(f"gateway/{gateway.get('type') or 'VPC-GW-S'}"), _hours("gateway/ip")],
    "lb": lambda balancer: [_hours(f"load_balancer/{balancer['type'].upper()}")],
    "lb_ip": lambda ip: [_hours("load_balancer_ip")],
    "rdb_instance": _database,
    "redis_cluster": _redis,
    "edge_services_plan": lambda plan: [_hours(f"edge_services/{plan['plan_name'].removesuffix('_plan')}")],
}
"""Module -> what a resource of it is paid for."""
MODULES = {*PAID, "rdb_read_replica", "container", "secret"}
"""With those that need to know more than the one resource."""


def as_options(module: str, record: dict, wanted: dict) -> dict:
    """A record with the names of the module's options. Of a block volume the instance's own API does not tell the size: it is as wanted."""
    volumes = record.get("volumes")
    if module != "instance_server" or not isinstance(volumes, dict):
        return record
    root = {key: value for key, value in (volumes.get("0") or {}).items() if value is not None}
    return record | {"root_volume": (wanted.get("root_volume") or {}) | root}


def items(resources: dict[tuple[str, str], dict], container_hours: dict[str, float]) -> list[tuple[str, Item]]:
    """[(resource, item)]. `resources`: {(module, name): options}."""
    found: list[tuple[str, Item]] = []
    secrets = 0
    databases = [options for (module, _name), options in resources.items() if module == "rdb_instance"]
    for (module, name), options in resources.items():
        if module == "secret":
            secrets += 1
        elif module == "rdb_read_replica":
            found += [(f"{module} {name}", item) for item in _replica(options, databases[0])] if databases else []
        elif module == "container":
            hours = container_hours.get(name, 0)
            found += [(f"{module} {name}", item) for item in _container(options, hours)]
        else:
            found += [(f"{module} {name}".rstrip(), item) for item in PAID[module](options)]
    if secrets:
        found.append(("secrets", Item("secret_version", secrets, "version")))
    return found


# What it costs ---------------------------------------------------------------------

SKUS = {
    "instance": "/compute/{}/run_", "local_storage": "/storage/local/ssd/storage", "ip": "/ip/reserved", "ipv6": "/ipv6/reserved",
    "block_storage": "/storage/block/volume-low-latency-{}/", "gateway": "/network/vpc/public-gateway/{}/",
    "load_balancer": "/network/loadbalancer/loadbalancer-{}/", "load_balancer_ip": "/network/loadbalancer/ip/",
    "rdb_management": "/storage/rdb/instance/{}/", "rdb_node": "/storage/rdb/node/{}/", "rdb_storage": "/storage/rdb/storage/{}/",
    "rdb_replica": "/storage/rdb/maz-read-replica/{}/", "redis": "/storage/redis/main-node/{}/",
    "redis_additional": "/storage/redis/additional-node/{}/", "edge_services": "/network/edge-services/plan/{}",
    "registry": "/tools/registry/storage/",
}  # fmt: skip
"""Family -> how a sku begins. Those of the catalogue are those of bills."""
PROPERTIES = {
    "container_cpu": ("serverless_containers", "cpu"),
    "container_memory": ("serverless_containers", "memory"),
    "object_storage": ("object_storage", "class", "storage_class"),
    "object_storage_egress": ("object_storage", "internet_traffic", "traffic_type"),
}
"""Family -> the property by which its products are known, as no sku of them is."""

UNITS = {
    "object_storage": "gigabyte_month", "registry": "gigabyte_month", "object_storage_egress": "gigabyte", "email": "email",
    "sqs_request": "request",
}  # fmt: skip
"""Family -> unit of what a system uses."""


def is_product_of(what: str, product: dict) -> bool:
    family, _slash, kind = what.lower().partition("/")
    if family in SKUS:
        kind = {"instance": kind.replace("-", "_"), "load_balancer": kind.removeprefix("lb-")}.get(family, kind)
        return product["sku"].lower().startswith(SKUS[family].format(kind))
    value = product.get("properties") or {}
    for step in PROPERTIES.get(family, ("",)):
        value = value.get(step) if isinstance(value, dict) else None
    wanted = "egress" if family == "object_storage_egress" else kind
    return value is not None and (value == wanted or not isinstance(value, str))


def unit_price(product: dict, unit: str) -> float | None:
    """What one `unit` costs, or None where the catalogue sells by another."""
    price, measure = product["price"]["retail_price"], product["unit_of_measure"]
    amount = (price["units"] + price["nanos"] / 1e9) / (measure["size"] or 1)
    if unit == "hour" and measure["unit"] in SECONDS:
        return amount * 3600 / SECONDS[measure["unit"]]
    if unit == "gigabyte_month" and measure["unit"] == "gigabyte_day":
        return amount * HOURS / 24
    return amount if measure["unit"] == unit else None


def estimate(
    declared: dict[tuple[str, str], dict],
    running: dict[tuple[str, str], dict],
    products: Iterable[dict],
    *,
    usage: dict[str, float] | None = None,
    free: dict[str, float] | None = None,
    prices: dict[str, float] | None = None,
    container_hours: dict[str, float] | None = None,
) -> list[Line]:
    """What is declared, beside what runs. `usage`, `free` and `prices`: {what: quantity or euros}; see docs/cost.md."""
    lines: dict[tuple[str, str], Line] = {}
    sides = (("quantity", declared), ("running", running))
    for side, resources in sides:
        found = items(resources, container_hours or {})
        if resources:  # what its users use
            found += [
                ("usage", Item(what, float(quantity), UNITS.get(what.partition("/")[0], "unit")))
                for what, quantity in (usage or {}).items()
            ]
        for resource, item in found:
            line = lines.setdefault((resource, item.what), Line(resource, item.what, item.unit))
            setattr(line, side, getattr(line, side) + item.quantity)
    left = dict(free or {})
    offered = list(products)
    for line in lines.values():
        line.free = min(left.get(line.what, 0), max(line.quantity, line.running))
        left[line.what] = left.get(line.what, 0) - line.free
        line.unit_price, line.source = _price(line, offered, prices or {})
    order = list(dict.fromkeys(line.resource for line in lines.values()))
    return sorted(lines.values(), key=lambda line: order.index(line.resource))


def _price(line: Line, products: list[dict], prices: dict[str, float]) -> tuple[float | None, str]:
    for product in products:
        if is_product_of(line.what, product) and (price := unit_price(product, line.unit)) is not None:
            return price, product["sku"]
    return (float(prices[line.what]), "cost_prices") if line.what in prices else (None, "")
