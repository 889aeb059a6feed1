"""cella's dev environment from nothing to its removal, as its operators and its users have it: in a sandbox of its own, in this order."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from .conftest import ROOT, _sandbox
from .system import System

SECRETS = [
    "argon-secret",
    "cookie-secret",
    "unsubscribe-token-secret",
    "cdc-ws-secret",
    "database-url-direct",
    "database-url-pooled",
]


class Cella(System):
    def __init__(self, sandbox, environment="dev"):
        super().__init__(sandbox)
        self.name = f"cella_{environment}"

    def secrets(self) -> dict[str, str]:
        lookups = ", ".join(f"lookup('stackway.scaleway.secret', '/dev/cella/{name}')" for name in SECRETS)
        return dict(zip(SECRETS, self.ask(f"[{lookups}]"), strict=True))

    def ask(self, expression: str):
        """What an expression is worth, in the project of dev."""
        made = self.sandbox.task("account_project_info", {"name": "cella-dev"})["projects"]
        extra = {"scaleway_credentials": {"project_id": made[0]["id"]}}
        return self.sandbox.play(
            [{"name": "it", "ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"}}], extra=extra
        )["it"]["msg"]

    def served(self) -> dict[str, str]:
        """What visitors get: {"version": of the API, "page": as it is}"""
        script = """
import json, sys, urllib.request
def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()
print(json.dumps({"version": json.loads(get(sys.argv[1]))["version"], "page": get(sys.argv[2])}))
"""
        urls = ("https://api.dev.cella.test/health", "https://dev.cella.test/")
        return json.loads(self.from_outside("python3", "-c", script, *urls).communicate()[0])

    def sql(self, query: str) -> str:
        """What the database says to its superuser, who comes in by its socket."""
        prefix = f"{self.sandbox.settings['SANDBOX_NAME']}-postgres-"
        names = subprocess.check_output(
            ["docker", "ps", "--filter", f"name={prefix}", "--format", "{{.Names}}"], text=True
        )
        command = ["docker", "exec", names.split()[0], "psql", "-d", "cella", "-tAc", query]
        return subprocess.check_output(command, text=True).strip()


RELOADING = """
import sys, types
from uuid import uuid4
tools = types.ModuleType("watch_page")
exec(sys.argv[1], vars(tools))
url, text = "https://dev.cella.test", f"while it loads {uuid4()}"
cookie = tools.sign_in(url, "verify", sys.stdin.readline().strip())
with tools.browser() as page:
    page.open(url)
    page.value('''
        const asked = window.fetch;
        window.loads = 0;
        window.fetch = async (...request) => {
            const answer = await asked(...request);
            window.loads = 1;
            await new Promise((go) => setTimeout(go, 3000));
            window.loads = 2;
            return answer;
        };''')
    print("open", flush=True)
    tools.until(lambda: page.value("loads") == 1, "the page to load its posts again")
    tools.post(f"{url}/api/posts", {"text": text}, cookie)
    tools.until(lambda: page.value("loads") == 2, "the page to have them")
    tools.until(lambda: text in page.text("#posts"), "the page to show what was posted meanwhile")
"""


@pytest.fixture(scope="module")
def cella(slot):
    """An empty account of its own."""
    for sandbox in _sandbox(f"stackway-cella-{slot}", 8240 + slot, f"10.{220 + slot}.0.0/16"):
        yield Cella(sandbox)


def without_ids(lines):
    """A plan does not know yet what gets an id for a name."""
    return [re.sub(r"^(. (?:vpcgw_gateway_network|lb_route)) .*", r"\1", line) for line in lines]


def test_from_nothing_to_verified_as_planned(cella):
    planned = cella.succeed("site.yml", "--check")
    assert cella.records().get("containers.container", 0) == 0
    run = cella.succeed("site.yml", "playbooks/verify.yml")
    assert without_ids(planned.resources()) == without_ids(run.resources())
    secrets = cella.secrets()
    assert not [name for name, secret in secrets.items() if secret in planned.output + run.output]


def test_a_second_run_changes_nothing(cella):
    cella.writes()
    run = cella.succeed("site.yml")
    assert {host: counts["changed"] for host, counts in run.recap().items()} == {
        "cella-dev": 0,
        "cella-dev-relay-1": 0,
    }, run.output[-3000:]
    assert cella.writes() == []


ALERTS = {
    "Scaleway Metrics": {
        "ContainerError": "serverless_container_status",
        "ContainerBusy": "serverless_container_cpu_usage_ratio",
        "ContainerMemory": "serverless_container_memory_usage_bytes / serverless_container_memory_limit_bytes",
        "LBBackendDown": "load_balancer_lb_backend_status",
        "LBHighConnectionLoad": "load_balancer_lb_connection_usage",
        "PostgresqlTooManyConnections": "rdb_instance_postgresql_pg_stat_database_numbackends",
        "PostgreSQLHighCPULoad": "up",  # the sandbox has none of what these two are about
        "PostgreSQLHighStorageUsage": "up",
    },
    "cella-metrics": {
        "ReplicationSlotBehind": "pg_replication_slots_pg_wal_lsn_diff",
        "ReplicationSlotUnused": "pg_replication_slots_active",
        "DatabaseConnections": "pg_stat_activity_count",
        "RelaysSilent": "up",
    },
}
"""Data source -> alert -> what it is about."""


@pytest.mark.parametrize("name", ALERTS)
def test_rules_find_what_they_are_about(cella, name):
    """Whether an alert is sent, other tests prove (test_cockpit, test_product_metrics): here, that there is something to
    be alarmed by, and nothing to be alarmed about."""
    made = cella.sandbox.task("account_project_info", {"name": "cella-dev"})["projects"]
    where = {"project_id": made[0]["id"], "name": name, "origin": "scaleway" if "Scaleway" in name else "custom"}
    (source,) = cella.sandbox.task("cockpit_source_info", where | {"type": "metrics"})["data_sources"]
    token = json.loads(cella.ask("lookup('stackway.scaleway.secret', '/dev/cella/cockpit-verify')"))["secret_key"]
    script = """
import json, sys, urllib.parse, urllib.request
url, token, *series = sys.argv[1:]
def ask(path):
    request = urllib.request.Request(url + "/prometheus/api/v1/" + path, headers={"X-Token": token})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["data"]
rules = {rule["name"]: rule for group in ask("rules")["groups"] for rule in group["rules"]}
found = {name: len(ask("query?query=" + urllib.parse.quote(name))["result"]) for name in series}
print(json.dumps({"rules": {name: [rule["health"], rule["state"]] for name, rule in rules.items()}, "found": found}))
"""
    series = ALERTS[name].values()
    asked = cella.from_outside("python3", "-c", script, source["url"], token, *series)
    told = json.loads(asked.communicate()[0])
    assert told["rules"] == {alert: ["ok", "inactive"] for alert in ALERTS[name]}
    assert all(told["found"].values()), told["found"]


def test_each_panel_of_the_dashboard_has_data(cella):
    """As people see it."""
    project = cella.sandbox.task("account_project_info", {"name": "cella-dev"})["projects"][0]["id"]
    api = f"{cella.sandbox.profile['api_url']}/cockpit/v1/projects/{project}/grafana"
    where = {"project_id": project, "uid": "cella-dev", "url": api}
    (found,) = cella.sandbox.task("cockpit_dashboard_info", where)["dashboards"]
    login = [cella.sandbox.profile[part] for part in ("access_key", "secret_key")]
    script = """
import base64, sys, urllib.request
url, *login = sys.argv[1:]
login = base64.b64encode(":".join(login).encode()).decode()
request = urllib.request.Request(url, headers={"Authorization": f"Basic {login}"})
with urllib.request.urlopen(request, timeout=60) as answer:
    print(answer.read().decode())
"""
    page = cella.from_outside("python3", "-c", script, found["url"], *login).communicate()[0]
    dashboard = json.loads((ROOT / "examples/cella-dashboards/cella.json").read_text())
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    shown = dict(re.findall(r"<h2>(.*?)</h2>(.*?)</section>", page, re.DOTALL))
    assert shown.keys() == {panel["title"] for panel in panels}
    assert [title for title, content in shown.items() if 'class="none"' in content] == []


def test_a_rotated_secret_redeploys_what_uses_it_alone(cella):
    before = cella.secrets()
    run = cella.succeed("playbooks/rotate.yml", "-e", "secret=/dev/cella/cookie-secret")
    assert [line for line in run.resources() if not line.startswith("±")] == [
        "~ secret cookie-secret",
        "~ container api",
    ]
    after = cella.secrets()
    assert {name for name in SECRETS if before[name] != after[name]} == {"cookie-secret"}
    assert after["cookie-secret"] not in run.output
    refused = cella.run("playbooks/rotate.yml", "-e", "secret=/dev/cella/none")
    assert refused.code != 0 and "/dev/cella/cookie-secret" in refused.output


def test_a_slot_that_nobody_reads_is_found_and_dropped(cella):
    cella.sql("SELECT pg_create_logical_replication_slot('left_behind', 'pgoutput')")
    assert "Nobody reads left_behind" in cella.succeed("playbooks/replication_slots.yml").output
    assert cella.sql("SELECT count(*) FROM pg_replication_slots") == "2"
    cella.succeed("playbooks/replication_slots.yml", "-e", "drop=true")
    assert cella.sql("SELECT slot_name FROM pg_replication_slots") == "cdc_slot"


def test_a_page_that_loads_everything_again_misses_nothing(cella):
    """Its API has lost the database, and finds it again: what was posted since is in none of what the page asked for."""
    tools = (ROOT / "examples/cella-verify/watch_page.py").read_text()
    browser = f"{cella.sandbox.settings['SANDBOX_NAME']}-browser"
    watching = subprocess.Popen(
        ["docker", "exec", "-i", browser, "python3", "-c", RELOADING, tools],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    password = cella.ask("lookup('stackway.scaleway.secret', '/dev/cella/verify-password')")
    watching.stdin.write(f"{password}\n")
    watching.stdin.flush()
    assert watching.stdout.readline() == "open\n", watching.stderr.read()
    assert cella.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN changes'")
    assert watching.wait(120) == 0, watching.stderr.read()


def test_a_version_and_its_page_come_and_go(cella, tmp_path):
    """Page and API as one: a proof that fails takes both back. A rollback goes to the image of a tag."""
    source, refuse = tmp_path / "cella", tmp_path / "refuse.yml"
    shutil.copytree(ROOT / "examples/cella", source, ignore=shutil.ignore_patterns("__pycache__"))
    page = source / "frontend/src/index.html"
    page.write_text(page.read_text().replace("<head>", "<head><!-- v2 -->"))
    refuse.write_text(json.dumps([{"ansible.builtin.fail": {"msg": "it is not to my liking"}}]))
    first = cella.served()
    assert "<!-- v2 -->" not in first["page"]
    deploy = {"version": "v2", "build": True, "cella_source": str(source), "verify_urls": []}

    disliked = cella.run("playbooks/deploy.yml", "-e", json.dumps(deploy | {"verify_tasks": [str(refuse)]}))
    assert disliked.code != 0
    assert "it is not to my liking" in disliked.output
    assert f"There runs now: cella {first['version']}." in disliked.output
    assert cella.served() == first
    run = cella.succeed("playbooks/deploy.yml", "-e", json.dumps(deploy | {"verify_tasks": []}))
    assert [line for line in run.resources() if "object_file" in line] == ["~ object_file index.html"]
    second = cella.served()
    assert second["version"] == "v2" and "<!-- v2 -->" in second["page"]

    cella.succeed("playbooks/rollback.yml")
    assert cella.served() == second | {"version": first["version"]}
    assert cella.succeed("site.yml").resources() == ["~ object_file index.html"]  # that of the sources that are here
    assert cella.served() == first


def test_migrations_by_hand(cella):
    """While the API is awake, which migrates when it starts."""
    health = "https://api.dev.cella.test/health"
    woken = cella.from_outside(
        "python3", "-c", f"import urllib.request; urllib.request.urlopen({health!r}, timeout=60)"
    )
    assert woken.wait() == 0
    with cella.visited(health):
        cella.sql("DELETE FROM migrations WHERE name = '002_changes.sql'; DROP PUBLICATION cella; DROP TABLE changes")
        assert "002_changes.sql" in cella.succeed("playbooks/migrate.yml", "--check").output
        assert cella.sql("SELECT count(*) FROM migrations") == "1"
        assert cella.succeed("playbooks/migrate.yml").recap()["cella-dev"]["changed"] == 1
        assert cella.succeed("playbooks/migrate.yml").recap()["cella-dev"]["changed"] == 0


def test_staging_and_prod_are_planned_as_the_document_says(cella):
    staging, prod = (
        Cella(cella.sandbox, name).succeed("site.yml", "--check", "--diff") for name in ("staging", "prod")
    )
    assert staging.output.count("min_scale: 1") == 2 and "node_type: DB-DEV-S" in staging.output
    assert prod.output.count("min_scale: 1") == 1 and "node_type: DB-GP-S" in prod.output
    assert "is_ha_cluster: true" in prod.output and "is_ha_cluster: true" not in staging.output
    assert "paranoia_level: 1" in staging.output and "paranoia_level: 1" in prod.output
    assert "+ instance_server cella-prod-relay-2" in prod.resources()


def test_it_goes_with_its_name_and_its_data(cella):
    cella.succeed("playbooks/destroy.yml", "-e", "confirm=cella-dev", "-e", "destroy_data=true")
    visitor = cella.from_outside("getent", "hosts", "dev.cella.test")
    assert (visitor.communicate()[0], visitor.returncode) == ("", 2)
    assert not [
        kind
        for kind, count in cella.records().items()
        if count and kind in ("containers.container", "rdb.instance", "lb.lb")
    ]
