"""What Scaleway's products report of a project in a region, as Prometheus reads it: figures of what really runs.

The names of series and their labels are Scaleway's where they are known: those about containers from its documentation
(serverless-containers/how-to/configure-alerts-containers), those about databases and load balancers from the alerts that it
has configured (catalog/cockpit-alerts.json). What else is here, is in dashboards that its users have published.
"""

import time
from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily
from starlette.responses import Response

from ... import errors
from ...call import Call
from ...collection import Service, action
from ..lb.lbs import Lbs
from .data_plane import DATA_SOURCES, PRODUCTS, products_of

MILLICPU = 1000  # of a processor


class Figures:
    """Samples by the name of their series, which all have the same labels."""

    def __init__(self):
        self.families: dict[str, GaugeMetricFamily] = {}

    def add(self, name: str, value: float, **labels: str):
        if name not in self.families:
            self.families[name] = GaugeMetricFamily(name, "", labels=list(labels))
        self.families[name].add_metric(list(labels.values()), value)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self.families.values()


class ProductMetrics(Service):
    """Asked by the Prometheus of a data source, and by nobody else."""

    path = PRODUCTS
    noun = "product_metrics"
    needs_token = False

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self._before: dict[tuple, tuple[float, float]] = {}  # series -> when it was read, and what it was

    @action("GET", "")
    def get(self, call: Call):
        if call.authorization != f"Bearer {self.machines.cockpit.key}":
            raise errors.denied_authentication()
        source = self.store.get(DATA_SOURCES, call.params["source_id"], call.params["region"])
        if source is None:
            raise errors.not_found("data source", call.params["source_id"])
        figures = Figures()
        reporters = {"containers.container": self._container, "rdb.instance": self._database}
        reporters |= {"lb.lb": self._load_balancer}
        for kind, resource in products_of(self.store, source["project_id"], source["region"]):
            if kind in reporters:
                labels = {"resource_id": resource["id"], "resource_name": resource["name"]}
                labels |= {"project_id": source["project_id"], "region": source["region"]}
                reporters[kind](figures, resource, labels)
        return Response(generate_latest(figures), media_type=CONTENT_TYPE_LATEST)

    def _container(self, figures: Figures, container: dict, labels: dict):
        machine, name = self.machines.serverless, "serverless_container_"
        usage = machine.usage(container["id"])
        figures.add(f"{name}status", 1, **labels, status=container["status"])
        figures.add(f"{name}instances_total", len(usage), **labels)
        requests = self._rate((container["id"], "requests"), machine.requests(container["id"]))
        figures.add(f"{name}requests_per_second", requests, **labels)
        for replica, (processor, memory) in usage.items():
            own = labels | {"resource_instance": replica}
            used = self._rate((container["id"], replica), processor) / (container["mvcpu_limit"] / MILLICPU)
            figures.add(f"{name}cpu_usage_ratio", used * 100, **own)  # a percentage, as the documentation has it
            figures.add(f"{name}memory_usage_bytes", memory, **own)
            figures.add(f"{name}memory_limit_bytes", container["memory_limit_bytes"], **own)

    def _database(self, figures: Figures, instance: dict, labels: dict):
        if instance["status"] != "ready":
            return
        name = "rdb_instance_postgresql_"
        connections, most = self.machines.postgres.connections(instance["id"])
        figures.add(f"{name}pg_settings_max_connections", most, **labels)
        for database, count in connections.items():
            figures.add(f"{name}pg_stat_database_numbackends", count, **labels, datname=database)

    def _load_balancer(self, figures: Figures, lb: dict, labels: dict):
        if lb["status"] != Lbs.ready:
            return
        name, machine = "load_balancer_lb_", self.service(Lbs).machine(lb["id"])
        figures.add(f"{name}connection_usage", self.machines.balancers.connections(machine), **labels)
        health = self.machines.balancers.health(machine)
        for backend in self.store.find("lb.backend", _lb=lb["id"]):
            states = [found.state for (id, _address), found in health.items() if id == backend["id"]]
            up = sum(state in ("running", "stopping") for state in states)
            own = labels | {"backend_id": backend["id"], "backend_name": backend["name"]}
            for state, count in (("UP", up), ("DOWN", len(states) - up)):
                figures.add(f"{name}backend_agg_server_check_status", count, **own, state=state)
                figures.add(f"{name}backend_status", (state == "UP") == (up > 0), **own, state=state)

    def _rate(self, series: tuple, total: float) -> float:
        """How much a counter has grown by the second since it was read last; 0 the first time, or where it began anew."""
        now = time.monotonic()
        when, before = self._before.get(series, (now, total))
        self._before[series] = now, total
        return max(0.0, total - before) / (now - when) if now > when else 0.0
