"""What Scaleway's products report in Cockpit, and alerts about it: a container, a database and a load balancer, really used."""

from __future__ import annotations

import json
import time

import psycopg2
import pytest
import requests

from .test_cockpit import Pinned, Watch, until

IMAGE = "stackway-sandbox/visitor"
PASSWORD = "Correct-Horse-9"
MEMORY = 128_000_000
CONNECTIONS = 7


def made(sandbox, *tasks):
    """Results of modules, one after the other: [(module, options)]."""
    tasks = [
        {"name": str(number), f"stackway.scaleway.{module}": options} for number, (module, options) in enumerate(tasks)
    ]
    results = list(sandbox.play(tasks).values())
    assert not [result["msg"] for result in results if result.get("failed")]
    return results


class Products(Watch):
    """One resource of each product, and whoever asks how it is."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        command = ["python3", "-m", "http.server", "--directory", "/", "8080"]
        container = {"name": "watched", "namespace_id": "watched", "image": IMAGE, "command": command, "min_scale": 1}
        database = {"name": "watched", "engine": "PostgreSQL-17", "node_type": "DB-DEV-S", "volume_type": "sbs_5k"}
        database |= {"volume_size": 10_000_000_000, "user_name": "watched", "password": PASSWORD}
        nobody = sandbox.settings["SANDBOX_SUBNET"].replace(".0.0/16", ".0.1")  # listens there at port 9
        backend = {"name": "gone", "lb_id": "watched", "forward_protocol": "http", "forward_port": 9}
        backend |= {"server_ip": [nobody], "health_check": {"check_delay": 500, "tcp_config": {}}}
        *_, container, database, lb, _backend, token = made(
            sandbox,
            ("container_namespace", {"name": "watched"}),
            ("container", container | {"memory_limit_bytes": MEMORY, "mvcpu_limit": 70}),
            ("rdb_instance", database),
            ("lb", {"name": "watched", "type": "LB-S"}),
            ("lb_backend", backend),
            ("cockpit_token", {"name": "products", "scopes": ["read_only_metrics"], "reveal": True}),
        )
        self.container, self.database, self.lb = container["container"], database["instance"], lb["lb"]
        self.tokens = {"read": token["token"]["secret_key"]}
        (source,) = self.task("cockpit_source_info", origin="scaleway", type="metrics")["data_sources"]
        self.sources = {"metrics": source}
        deadline = time.monotonic() + 120  # the first who looks has an image built
        while self.call("metrics", "GET", "/prometheus/api/v1/query?query=up", "read")[0] != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)  # nothing tells when it has started

    def figures(self, query):
        """[(labels, value)] of what is found, which may be nothing yet."""
        return [(labels, float(value)) for labels, value in self.metric(query)]

    def remove(self):
        made(
            self.sandbox,
            ("cockpit_token", {"name": "products", "state": "absent"}),
            ("lb", {"name": "watched", "state": "absent"}),
            ("rdb_instance", {"name": "watched", "state": "absent"}),
            ("container_namespace", {"name": "watched", "state": "absent"}),
        )


@pytest.fixture(scope="module")
def products(sandbox):
    products = Products(sandbox)
    yield products
    products.remove()


def selected(resource, **labels):
    labels |= {"resource_id": resource["id"], "resource_name": "watched"}
    wanted = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{wanted}}}"


def test_a_container_tells_its_state_and_what_it_uses(products):
    here = selected(products.container)
    ((labels, _one),) = until(lambda: products.figures(f"serverless_container_status{here}"), "no status")
    assert (labels["status"], labels["region"]) == ("ready", "fr-par")
    memory = f"serverless_container_memory_usage_bytes{here} / serverless_container_memory_limit_bytes{here}"
    ((labels, share),) = until(lambda: products.figures(memory), "no memory")
    assert 0.01 < share < 1 and labels["resource_instance"]
    assert products.figures(f"serverless_container_memory_limit_bytes{here}")[0][1] == MEMORY
    assert products.figures(f"serverless_container_instances_total{here}")[0][1] == 1
    assert [ratio for _, ratio in products.figures(f"serverless_container_cpu_usage_ratio{here}") if 0 <= ratio <= 200]


def test_requests_to_a_container_are_counted(products):
    host = products.container["public_endpoint"].removeprefix("https://")
    connection = Pinned(products.sandbox, host, "front")
    for _ in range(50):
        connection.request("GET", "/etc/hostname")
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (200, True)
    often = f"max_over_time(serverless_container_requests_per_second{selected(products.container)}[1m]) > 0.2"
    until(lambda: products.figures(often), "the requests are not seen")


def test_open_connections_to_a_database_are_counted(products):
    """By the series of Scaleway's alert PostgresqlTooManyConnections."""
    endpoint = products.database["endpoints"][0]
    here = selected(products.database)
    share = (
        f"sum by (resource_id) (rdb_instance_postgresql_pg_stat_database_numbackends{here})"
        f" / on (resource_id) rdb_instance_postgresql_pg_settings_max_connections{here}"
    )
    login = {"user": "watched", "password": PASSWORD, "dbname": "rdb", "sslmode": "require"}
    clients = [psycopg2.connect(host=endpoint["ip"], port=endpoint["port"], **login) for _ in range(CONNECTIONS)]
    with clients[0].cursor() as cursor:
        cursor.execute("SHOW max_connections")
        most = int(cursor.fetchone()[0])
    until(lambda: products.figures(f"{share} >= {CONNECTIONS / most}"), "the connections are not seen")
    for client in clients:
        client.close()
    until(lambda: products.figures(f"{share} < {CONNECTIONS / most}"), "they are still seen")


def test_an_alert_of_scaleways_notices_a_load_balancer_without_servers(products):
    """It waits for five minutes before it fires; that it is pending is soon told."""
    products.task("cockpit_alert_manager")
    products.task("cockpit_alert_rules", rules=["LBBackendDown"])
    down = f"load_balancer_lb_backend_status{selected(products.lb, backend_name='gone', state='DOWN')} == 1"
    until(lambda: products.figures(down), "the server does not seem to be down")

    def pending():
        told = json.loads(products.call("metrics", "GET", "/prometheus/api/v1/alerts", "read")[1])
        return [alert for alert in told["data"]["alerts"] if alert["labels"]["resource_id"] == products.lb["id"]]

    (alert,) = until(pending, "Scaleway's rule sees nothing")
    assert (alert["labels"]["alertname"], alert["state"]) == ("LBBackendDown", "pending")
    products.task("cockpit_alert_rules", rules=[])
    until(lambda: not pending(), "the rule is off, and still evaluated")


def test_a_rule_of_ones_own_tells_of_a_container_in_error(products):
    """As Scaleway's documentation has it, but without the pause."""
    duty = "containers@cockpit.test"
    api, source = products.sandbox.profile["api_url"], products.sources["metrics"]["id"]
    group = {"data_source_id": source, "namespace": "case", "name": "containers"}
    group |= {"url": f"{api}/cockpit/v1/regions/fr-par/data-sources/{source}"}
    products.task("cockpit_alert_manager")
    products.task("cockpit_contact_point", email=duty)
    rule = {"alert": "ContainerError", "expr": 'serverless_container_status{status="error"} == 1'}
    products.task("cockpit_rule_group", **group, interval="1s", rules=[rule])
    broken = {"name": "watched", "namespace_id": "watched", "command": ["false"]}
    assert products.sandbox.task("container", broken)["failed"]

    def mail():
        found = requests.get(f"{api}/_sandbox/mail", params={"to": duty}, timeout=30).json()["mail"]
        return [message for message in found if "FIRING" in message["subject"]]

    message = until(mail, "nobody is told")[0]
    assert "ContainerError" in message["subject"] and products.container["id"] in message["raw"]
    products.task("cockpit_rule_group", **group, state="absent")
    products.task("cockpit_alert_manager", state="absent")


def test_nobody_else_reads_the_figures(products):
    source = products.sources["metrics"]
    path = f"{products.sandbox.profile['api_url']}/_sandbox/cockpit/fr-par/{source['id']}/metrics"
    assert requests.get(path, timeout=30).status_code == 401
    owner = {"X-Auth-Token": products.sandbox.profile["secret_key"]}
    assert requests.get(path, headers=owner, timeout=30).status_code == 401
