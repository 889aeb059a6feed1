"""riff from nothing to the end, as its operators and its users have it: in a sandbox of its own, in this order."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from .conftest import ROOT, _sandbox
from .records import assert_same, state
from .system import Run, System

URL = "https://riff.test"

ANOTHER_KEY = (
    "v=DKIM1; h=sha256; k=rsa; p="
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKh0JzkQn1mNPHcuPLmqWv1r4pTqP1pWkfHnBpRKy4a7t6cUqVhVd6F9m3nYcVn7w5aUzG1q8bJ0m0cJx1n0bTECAwEAAQ=="
)
SHORT_SCAN = {"verify_port_range": [1, 1024]}
PLANNED = "\nTASK [System] "  # what comes before is a plan
BY_ENVIRONMENT = ("-e", "ansible_ssh_private_key_file=")  # the sandbox's inventory names a file; a CI has none


class Riff(System):
    name = "riff"

    def on_server(self, command: str) -> str:
        home = self.sandbox.home
        known = (home / "known_hosts").read_text().split()[0]
        address = next(ip["address"] for ip in self.info("instance_ip_info", "ips"))
        options = [
            "-i",
            home / "id_ed25519",
            "-o",
            f"UserKnownHostsFile={home / 'known_hosts'}",
            "-o",
            f"HostKeyAlias={known}",
        ]
        done = subprocess.run(["ssh", "-n", *options, f"root@{address}", command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def version(self) -> str:
        process = self.from_outside(
            "python3", "-c", f"import urllib.request; print(urllib.request.urlopen('{URL}/health').read().decode())"
        )
        return json.loads(process.communicate()[0])["version"]


@pytest.fixture(scope="module")
def riff(slot):
    """An empty account of its own."""
    for sandbox in _sandbox(f"stackway-riff-{slot}", 8030 + slot, f"10.{170 + slot}.0.0/16"):
        yield Riff(sandbox)


@pytest.fixture(scope="module")
def plan(riff) -> Run:
    """What a check run of the empty account shows."""
    before = riff.records()
    run = riff.succeed("site.yml", "--check", "--diff")
    assert riff.writes() == []
    assert riff.records() == before
    return run


def test_a_plan_of_an_empty_account_shows_everything_and_sends_nothing(plan):
    planned = re.fullmatch(r"Plan: (\d+) to add, (\d+) to change, 0 to destroy", plan.last_line)
    assert planned, plan.last_line
    assert int(planned[1]) >= 20
    assert "riff-app does not exist yet" in plan.output


def test_the_costs_of_all_systems_are_known_before_anything_is_made(riff, tmp_path):
    """As docs/cost.md compares them with the documents."""
    everything = System(riff.sandbox)
    everything.name = "riff:ciel:meemi:cella_dev"
    everything.succeed("playbooks/cost.yml", "--check", "-e", f"cost_path={tmp_path / 'cost.json'}")
    assert riff.writes() == []
    estimated = {system["system"]: system for system in json.loads((tmp_path / "cost.json").read_text())["systems"]}
    told = dict(re.findall(r"^\| (\w+)[^|]*\| [^|]+ \| ([\d.]+) \|", (ROOT / "docs/cost.md").read_text(), re.MULTILINE))
    assert {name: system["total"] for name, system in estimated.items()} == {
        name: float(told[name.partition("-")[0]]) for name in ("riff", "ciel", "meemi", "cella-dev")
    }
    for system in estimated.values():
        assert (system["running"], system["delta"]) == (0, system["total"])
    assert estimated["riff"]["unpriced"] == ["rdb_storage/sbs_5k", "secret_version"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"instance_server": []},
            "instance_server: role instance has no such variable, did you mean instance_servers?",
        ),
        ({"network_vpcs": [{"nam": "x"}]}, "missing required arguments: name found in network_vpcs"),
        ({"rdb_volume_size": "ten"}, "rdb_volume_size"),
    ],
)
def test_variables_are_refused_before_anything_is_made(riff, variables, message):
    run = riff.run("site.yml", "-e", json.dumps(variables))
    assert run.code != 0
    assert message in run.output
    assert riff.writes() == []


@dataclass(frozen=True)
class Undisturbed:
    """A run of an empty account that nobody killed."""

    run: Run
    tasks: list[str]
    """Those that changed something, in their order."""
    state: Counter[str]


@pytest.fixture(scope="module")
def undisturbed(riff) -> Undisturbed:
    run = riff.succeed("site.yml", "playbooks/verify.yml")
    _plan, deployment = run.output.split(PLANNED)
    tasks = re.findall(r"^TASK \[(.+)\] \*+\n(?:.+\n)*?changed: ", deployment, re.MULTILINE)
    return Undisturbed(run, tasks, state(riff.sandbox))


def test_from_nothing_to_verified_as_planned(plan, undisturbed):
    run = undisturbed.run
    assert URL in run.output
    assert re.match(r"Done in \d+ s: \d+ added, \d+ changed, 0 destroyed", run.last_line)
    assert run.resources() == plan.resources()


def test_a_second_run_changes_nothing(riff):
    riff.writes()
    run = riff.succeed("site.yml")
    assert {host: counts["changed"] for host, counts in run.recap().items()} == {"riff-control": 0, "riff-app": 0}
    assert run.last_line.endswith("0 added, 0 changed, 0 destroyed")
    assert riff.writes() == []


@pytest.mark.parametrize(("seconds", "days"), [(600, 30), (31536000, 7)])
def test_a_part_alone_changes_nothing_else(riff, seconds, days):
    """A header and the backups are changed, and then as they were; what is said of the host's logs and of the firewall is left alone."""
    given = {
        "caddy_hsts_max_age": seconds,
        "rdb_backup_schedule": {"frequency": 24, "retention": days, "start_hour": 3},
        "docker_host_log_max_size": "30m",
        "instance_security_groups": [{"name": "riff", "rules": [{"dest_port_from": 22}]}],
    }
    run = riff.succeed("site.yml", "--tags", "caddy,rdb", "-e", json.dumps(given))
    assert run.resources() == ["~ rdb_instance riff"]
    assert "30m" not in riff.on_server("cat /etc/docker/daemon.json")
    assert f"max-age={seconds}" in riff.on_server("grep max-age /etc/caddy/Caddyfile")


def test_the_cost_of_a_change_is_told_before_it_is_made(riff, tmp_path):
    servers = [{"name": "riff-app", "commercial_type": "PLAY2-NANO", "image": "docker", "security_group": "riff"}]
    given = {"cost_path": str(tmp_path / "cost.json"), "instance_servers": servers}
    riff.succeed("playbooks/cost.yml", "--check", "-e", json.dumps(given))
    (system,) = json.loads((tmp_path / "cost.json").read_text())["systems"]
    changed = {(line["sign"], line["paid_for"]): line["delta"] for line in system["lines"] if line["delta"]}
    assert changed == {("-", "instance/PLAY2-PICO"): -10.42, ("+", "instance/PLAY2-NANO"): 20.1}
    assert system["delta"] == 9.68


def test_the_doctor_finds_nothing_wrong_with_what_works(riff):
    run = riff.succeed("playbooks/doctor.yml")
    findings = riff.findings(run)
    assert {state for state, _seen in findings.values()} == {"ok"}, run.output[-3000:]
    assert {
        "inventory",
        "server riff-app",
        "server riff-app: disk",
        "database riff",
        "database riff: connections",
        "zone riff.test",
        "record A riff.test",
        "certificate of riff.test",
        "email riff.test",
        "secrets",
    } <= findings.keys()


def test_the_doctor_names_what_is_broken_and_the_remedy(riff):
    """A database that lets nobody in, a name that leads elsewhere, a container whose image is not there."""
    (database,) = riff.info("rdb_instance_info", "instances")
    (zone,) = [zone for zone in riff.info("domain_zone_info", "dns_zones") if zone["name"] == "riff.test"]

    def lead_to(client, server):
        for module, options in (
            ("rdb_acl", {"instance_id": database["id"], "rules": [{"ip": f"{client}/32", "description": "riff-app"}]}),
            ("domain_record", {"dns_zone": zone["name"], "name": "", "type": "A", "data": [server]}),
        ):
            assert riff.sandbox.task(module, options)["changed"]

    lead_to("192.0.2.1", "192.0.2.9")
    riff.writes()
    run = riff.run("playbooks/doctor.yml")
    assert riff.writes() == []
    address = next(ip["address"] for ip in riff.info("instance_ip_info", "ips"))
    lead_to(address, address)
    assert run.code == 2
    broken = {check: state for check, (state, _seen) in riff.findings(run).items() if state != "ok"}
    assert broken == {"database riff: reachable": "fail", "record A riff.test": "fail"} | {
        check: "fail"
        for check in broken
        if check == "certificate of riff.test"  # where the name leads now nobody answers
    }
    assert "192.0.2.9, not " in run.output
    assert "look at rdb_acl_rules" in run.output


def test_drift_is_told_and_nothing_is_changed(riff, tmp_path):
    """What somebody changed by hand, through the API and on the server, as a CI finds it that may only read."""
    look = ("playbooks/drift.yml", "--check", "--diff", "-e", f"report_path={tmp_path / 'drift'}", *BY_ENVIRONMENT)
    ci = riff.ci("drift", tmp_path / "ci")
    riff.writes()
    assert riff.succeed(*look, environment=ci).last_line == "Plan: 0 to add, 0 to change, 0 to destroy"
    assert "<h1>No differences</h1>" in (tmp_path / "drift.html").read_text()

    (group,) = [
        group for group in riff.info("instance_security_group_info", "security_groups") if group["name"] == "riff"
    ]
    by_hand = {"name": "riff", "rules": [*group["rules"], {"dest_port_from": 5432}]}
    assert riff.sandbox.task("instance_security_group", by_hand)["changed"]
    riff.on_server("sed -i 's/10m/20m/' /etc/docker/daemon.json")
    assert riff.sandbox.task("instance_security_group", {"name": "by-hand", "tags": ["riff"]})["changed"]
    riff.writes()
    run = riff.run(*look, environment=ci)
    assert run.code == 2
    assert run.last_line == "Plan: 0 to add, 1 to change, 0 to destroy"
    assert not [value for name, value in ci.items() if name != "ANSIBLE_SSH_AGENT" and value in run.output]
    assert riff.writes() == []
    report = json.loads((tmp_path / "drift.json").read_text())
    assert [change["resource"] or change["host"] for change in report["changes"]] == [
        "instance_security_group riff",
        "riff-app",
    ]
    assert report["complete"]
    assert "5432" in report["changes"][0]["diff"]
    assert "20m" in report["changes"][1]["diff"]
    assert report["undeclared"] == {"riff": {"instance_security_group": ["by-hand"]}}
    assert "`instance_security_group by-hand`" in (tmp_path / "drift.md").read_text()
    assert "<h1>2 differences</h1>" in (tmp_path / "drift.html").read_text()

    assert riff.run("playbooks/drift.yml").code == 2  # without --check it does nothing at all
    assert riff.writes() == []

    riff.sandbox.task("instance_security_group", {"name": "by-hand", "state": "absent"})
    assert riff.succeed("site.yml").resources()[0] == "~ instance_security_group riff"  # which puts right what differed
    assert riff.on_server("grep --count 10m /etc/docker/daemon.json") == "1\n"


def test_it_gets_the_variables_that_are_documented(riff):
    documented = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs/variables/riff.md").read_text(), re.MULTILINE))
    found = set(riff.on_server("sed -n 's/=.*//p' /srv/riff/releases/*/.env").split())
    # APP_VERSION is in compose.yaml, CA_FILE the sandbox's.
    assert found | {"APP_VERSION"} == documented | {"CA_FILE"}


def test_a_timer_compares(riff):
    """The units of the documentation, with a make that tells how it was called."""
    units = "/etc/systemd/system/stackway-drift@"
    for kind in ("service", "timer"):
        riff.on_server(f"cat > {units}.{kind} <<'E'\n{(ROOT / f'docs/systemd/stackway-drift@.{kind}').read_text()}E")
    riff.on_server(
        "mkdir /srv/stackway /etc/stackway && echo SCW_ACCESS_KEY=key > /etc/stackway/riff.env && useradd stackway"
    )
    told = 'echo "$*, $SYSTEM, $INVENTORY, $ARGS, $SCW_ACCESS_KEY" > /var/lib/stackway/riff/drift; exit 2'
    riff.on_server(f"printf '#!/bin/sh\\n%s\\n' '{told}' > /usr/bin/make && chmod +x /usr/bin/make")
    try:
        assert riff.on_server(f"systemd-analyze verify {units}riff.service {units}riff.timer 2>&1") == ""
        riff.on_server("systemctl daemon-reload && systemctl enable --now stackway-drift@riff.timer")
        assert "stackway-drift@riff.service" in riff.on_server("systemctl list-timers --no-pager")
        assert "code=exited" in riff.on_server(
            "systemctl start stackway-drift@riff.service 2>&1; systemctl status stackway-drift@riff; true"
        )
        called = riff.on_server("cat /var/lib/stackway/riff/drift")
        assert called == "drift, riff, inventories/prod, -e report_path=/var/lib/stackway/riff/drift, key\n"
        assert riff.on_server("systemctl is-failed stackway-drift@riff.service") == "failed\n"
    finally:
        riff.on_server(
            "systemctl disable --now stackway-drift@riff.timer; systemctl reset-failed; userdel stackway; "
            f"rm -rf /usr/bin/make {units}.* /srv/stackway /etc/stackway /var/lib/stackway; systemctl daemon-reload"
        )


def test_verification_fails_where_it_should(riff):
    run = riff.run(
        "playbooks/verify.yml", "-e", json.dumps({"verify_open_ports": [80, 443], "verify_port_range": [1, 1024]})
    )
    assert run.code != 0
    assert "Scan every port from outside" in run.output

    settings = '"$(cat /srv/riff/releases/*/.env)"'
    riff.on_server("install -m 644 /srv/riff/releases/*/.env /var/tmp/leak")
    riff.on_server(f"systemd-run --quiet --unit=leak python3 -c 'import time; time.sleep(600)' {settings}")
    riff.on_server(f"echo FROM scratch | docker build --quiet --tag leak --label {settings} -")
    try:
        run = riff.run("playbooks/verify.yml", "-e", json.dumps(SHORT_SCAN))
    finally:
        riff.on_server("rm /var/tmp/leak; systemctl stop leak; docker rmi leak")
    assert run.code != 0
    assert "is in /var/tmp/leak, which everybody may read" in run.output
    assert re.search(r"is in /proc/\d+/cmdline", run.output)
    assert re.search(r"is in the description of image \['leak:latest'\]", run.output)


def test_verification_fails_where_nothing_is_delivered(riff):
    riff.on_server("docker stop riff-worker-1")
    try:
        run = riff.run("playbooks/verify.yml", "-e", json.dumps(SHORT_SCAN))
    finally:
        riff.on_server("docker start riff-worker-1")
    assert run.code != 0
    assert "Prove that the worker delivered the post (1 retries left)" in run.output


def test_verification_fails_where_mail_is_not_signed_as_published(riff):
    (domain,) = riff.info("tem_domain_info", "domains")
    (published,) = [record for record in domain["dns_records"] if record["kind"] == "dkim"]
    another = {"dns_zone": "riff.test", "name": published["name"], "type": "TXT", "data": [ANOTHER_KEY]}
    assert riff.sandbox.task("domain_record", another)["changed"]
    try:
        run = riff.run("playbooks/verify.yml", "-e", json.dumps(SHORT_SCAN))
    finally:
        riff.succeed("site.yml", "--tags", "email")
    assert run.code != 0
    assert "the DKIM signature does not fit the key in the DNS" in run.output


@pytest.fixture
def source(tmp_path):
    """A copy of the application, to be changed."""
    shutil.copytree(ROOT / "examples/riff", tmp_path / "riff", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "riff"


def test_versions_come_and_go_without_a_failed_request(riff, source):
    """One that verification does not like goes by itself, and site.yml keeps to the one that was chosen, whatever the folder holds."""
    first = riff.version()
    from_source = ("-e", f"riff_source={source}")
    with riff.visited(f"{URL}/") as seen:
        for version in ("v2", "v3"):
            with (source / "riff/log.py").open("a") as file:
                file.write(f"\n# {version}\n")
            known = {"version": version, "verify_tasks": [], "verify_port_range": [1, 1024]}  # more was proven above
            riff.succeed("playbooks/deploy.yml", *from_source, "-e", json.dumps(known))
            assert riff.version() == version

        refused = {"version": "v4", "verify_open_ports": [80, 443], "verify_port_range": [1, 1024]}
        run = riff.run("playbooks/deploy.yml", *from_source, "-e", json.dumps(refused))
        assert run.code != 0
        assert "riff: version v4 was not deployed." in run.output
        assert "Scan every port from outside" in run.output
        assert "There runs now: riff-app v3." in run.output
        assert riff.version() == "v3"

        run = riff.run("playbooks/rollback.yml", "-e", "version=v9")
        assert run.code != 0
        assert f"riff has no version v9 on riff-app. There are: v3, v2, {first}." in run.output
        riff.succeed("playbooks/rollback.yml", "-e", f"version={first}")  # two versions ago
        assert riff.version() == first
    assert seen["failed"] == []
    assert seen["versions"] == sorted([first, "v2", "v3", "v4"])

    run = riff.succeed("site.yml")
    assert {host: counts["changed"] for host, counts in run.recap().items()} == {"riff-control": 0, "riff-app": 0}
    told = riff.succeed("playbooks/history.yml").output
    rows = [line.rstrip("'").split()[-3:] for line in told.splitlines() if re.search(" (deploy|rollback|found) ", line)]
    assert rows == [
        ["rollback", first, "-"], ["deploy", "v3", "v2"], ["deploy", "v2", first], ["found", first, "-"],
    ]  # fmt: skip


def test_a_migration_that_fails_leaves_everything_as_it_is(riff, source):
    before, containers = riff.version(), riff.on_server("docker ps --quiet")
    (source / "migrations/003_broken.sql").write_text("SELECT nothing FROM nowhere;")
    run = riff.run("playbooks/deploy.yml", "-e", f"riff_source={source}", "-e", "version=v5")
    assert run.code != 0
    assert "The migration of riff to v5 failed on riff-app; no container was touched." in run.output
    assert f"There runs now: riff-app {before}." in run.output
    assert riff.on_server("docker ps --quiet") == containers


def test_the_end_asks_for_the_name(riff):
    run = riff.run("playbooks/destroy.yml", "-e", "confirm=riff-prod")
    assert run.code != 0
    assert (
        "riff-prod is no system of this inventory: there are riff, ciel, meemi, cella-dev, cella-staging, cella-prod. Nothing was removed."
        in run.output
    )


def test_the_end_leaves_the_data_unless_told(riff):
    for _ in range(2):
        riff.succeed("playbooks/destroy.yml", "-e", "confirm=riff")
        records = riff.records()
        assert "instance.server" not in records
        assert "instance.ip" not in records
        assert records["rdb.instance"] == 1
        assert records["secret.secret"] >= 2
        assert [bucket["name"] for bucket in riff.sandbox.task("object_bucket_info", {})["buckets"]] == ["riff-media"]
    for _ in range(2):
        run = riff.succeed("playbooks/destroy.yml", "-e", "confirm=riff", "-e", "destroy_data=true")
        assert "rdb.instance" not in riff.records()
        assert riff.sandbox.task("object_bucket_info", {})["buckets"] == []
    assert run.last_line.endswith("0 added, 0 changed, 0 destroyed")


def kill(process: subprocess.Popen, tasks: list[str], seconds: float):
    """Kill a run, as a power cut would, some time after it has begun one of these tasks."""
    titles = tuple(f"TASK [{task}] " for task in tasks)
    seen = ""
    for line in process.stdout:
        seen += line
        is_planned = PLANNED in seen or "\nPLAY [Wait for the servers] " in seen
        if is_planned and line.startswith(titles):
            break
    else:
        raise AssertionError(f"the run ended before {tasks[0]}: {seen}{process.communicate()[1]}")
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_runs_that_are_killed_are_finished_by_the_next(riff, undisturbed):
    """From an empty account again, ten runs, each killed at a task that changes something, and that the one before did not come to.

    Or at one that follows: what runs on a server ends there, even when nobody waits for it any more.
    """
    riff.sandbox.cli("reset")
    riff.sandbox.cli("up")
    dice = random.Random(2)
    for index in sorted(dice.sample(range(len(undisturbed.tasks)), 10)):
        kill(riff.start("site.yml", start_new_session=True), undisturbed.tasks[index:], dice.random() / 2)
    riff.succeed("site.yml", "playbooks/verify.yml")
    assert_same(state(riff.sandbox), undisturbed.state)
    run = riff.succeed("site.yml")
    assert {host: counts["changed"] for host, counts in run.recap().items()} == {"riff-control": 0, "riff-app": 0}
