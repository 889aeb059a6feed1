"""riff from nothing to the end, as its operators and its users have it: in a sandbox of its own, in this order."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import ROOT, Sandbox, _sandbox

INVENTORY = "inventories/sandbox"
URL = "https://riff.test"
LOAD = """
import json, os, sys, threading, urllib.request
answered, failed = [], []

def ask():
    while not os.path.exists(sys.argv[2]):
        try:
            with urllib.request.urlopen(sys.argv[1], timeout=60) as answer:
                answered.append(json.load(answer)["version"])
        except OSError as error:
            failed.append(repr(error))

threads = [threading.Thread(target=ask) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps({"answered": len(answered), "versions": sorted(set(answered)), "failed": failed}))
"""


@dataclass(frozen=True)
class Run:
    """What a run of ansible-playbook printed."""

    code: int
    output: str

    @property
    def last_line(self) -> str:
        return self.output.rstrip().splitlines()[-1]

    def recap(self) -> dict[str, dict[str, int]]:
        """{host: {ok, changed, failed...}}"""
        lines = re.findall(r"^(\S+)\s+: (ok=.*)$", self.output, re.MULTILINE)
        return {host: {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", counts)} for host, counts in lines}

    def resources(self) -> list[str]:
        """What the plan or the summary lists of resources: ["+ vpc shop"]. Hosts are told with a colon."""
        listed = self.output[self.output.rindex("\nPLAN " if "\nPLAN " in self.output else "\nSUMMARY ") :]
        return re.findall(r"^  ([+~±-] [^:\n]+)$", listed, re.MULTILINE)


class Riff:
    def __init__(self, sandbox: Sandbox):
        self.sandbox = sandbox

    def run(self, *arguments: str) -> Run:
        done = subprocess.run(
            ["ansible-playbook", *arguments, "-i", INVENTORY],
            cwd=ROOT,
            env=self.sandbox.environment | {"ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_NOCOLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return Run(done.returncode, done.stdout + done.stderr * bool(done.returncode))

    def succeed(self, *arguments: str) -> Run:
        run = self.run(*arguments)
        assert run.code == 0, run.output[-6000:]
        return run

    def writes(self) -> list[str]:
        """The calls since the last time that were to change something."""
        calls = self.sandbox.cli("requests", "-n", "10000").splitlines()
        self.sandbox.cli("requests", "--clear")
        return [call for call in calls if re.search(r" (POST|PUT|PATCH|DELETE) ", call)]

    def records(self) -> dict[str, int]:
        """{kind: how many exist}"""
        return json.loads(self.sandbox.cli("status"))["records"]

    def from_outside(self, *command: str) -> subprocess.Popen:
        """Start a command at the visitor's."""
        visitor = f"{self.sandbox.settings['SANDBOX_NAME']}-visitor"
        return subprocess.Popen(["docker", "exec", visitor, *command], stdout=subprocess.PIPE, text=True)

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

    def info(self, module: str, key: str) -> list[dict]:
        result = self.sandbox.task(module, {})
        assert not result.get("failed"), result.get("msg")
        return result[key]

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


def test_from_nothing_to_verified_as_planned(riff, plan):
    run = riff.succeed("site.yml", "playbooks/verify.yml")
    assert URL in run.output
    assert re.match(r"Done in \d+ s: \d+ added, \d+ changed, 0 destroyed", run.last_line)
    assert run.resources() == plan.resources()


def test_a_second_run_changes_nothing(riff):
    riff.writes()
    run = riff.succeed("site.yml")
    assert {host: counts["changed"] for host, counts in run.recap().items()} == {"riff-control": 0, "riff-app": 0}
    assert run.last_line.endswith("0 added, 0 changed, 0 destroyed")
    assert riff.writes() == []
    assert riff.succeed("site.yml", "--check", "--diff").last_line == "Plan: 0 to add, 0 to change, 0 to destroy"


def test_verification_fails_where_it_should(riff):
    run = riff.run("playbooks/verify.yml", "-e", json.dumps({"verify_open_ports": [80, 443]}))
    assert run.code != 0
    assert "Scan every port from outside" in run.output

    riff.on_server("install -m 644 /srv/riff/releases/*/.env /var/tmp/leak")
    try:
        run = riff.run("playbooks/verify.yml", "-e", json.dumps({"verify_port_range": [1, 1024]}))
    finally:
        riff.on_server("rm /var/tmp/leak")
    assert run.code != 0
    assert "is in /var/tmp/leak, which everybody may read" in run.output


def test_a_new_version_fails_no_request_and_can_be_taken_back(riff, tmp_path):
    before = riff.version()
    source = tmp_path / "riff"
    shutil.copytree(ROOT / "examples/riff", source, ignore=shutil.ignore_patterns("__pycache__"))
    with Path(source / "riff/log.py").open("a") as file:
        file.write("\n# another version\n")

    load = riff.from_outside("python3", "-c", LOAD, f"{URL}/", "/tmp/enough")
    riff.succeed("playbooks/deploy.yml", "-e", f"riff_source={source}")
    after = riff.version()
    riff.succeed("playbooks/rollback.yml")
    riff.from_outside("touch", "/tmp/enough").wait()
    result = json.loads(load.communicate()[0])
    assert riff.version() == before != after
    assert result["failed"] == []
    assert result["versions"] == sorted([before, after])
    assert result["answered"] > 100


def test_the_end_asks_for_the_name(riff):
    run = riff.run("playbooks/destroy.yml", "-e", "confirm=riff-prod")
    assert run.code != 0
    assert "riff-prod is no system of this inventory: there are riff. Nothing was removed." in run.output


def test_the_end_leaves_the_data_unless_told(riff):
    for _ in range(2):
        riff.succeed("playbooks/destroy.yml", "-e", "confirm=riff")
        records = riff.records()
        assert "instance.server" not in records
        assert "instance.ip" not in records
        assert records["rdb.instance"] == 1
        assert records["secret.secret"] >= 2
    for _ in range(2):
        run = riff.succeed("playbooks/destroy.yml", "-e", "confirm=riff", "-e", "destroy_data=true")
        assert "rdb.instance" not in riff.records()
    assert run.last_line.endswith("0 added, 0 changed, 0 destroyed")
