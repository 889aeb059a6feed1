"""How fast the collection is: figures, not checks.

    python -m tests.bench.run [--write] [--systems]

Prints what it measured; `--write` keeps it in docs/performance.md. `--systems` also brings whole systems and a serverless
container up from nothing on the full sandbox, which takes minutes. Everything else runs against the API alone, so that the
figures are those of the collection and not of what stands behind the API.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import aiohttp
import boto3
import dns.resolver
import requests
import yaml
from scaleway import Client
from scaleway.mnq.v1beta1 import MnqV1Beta1SqsAPI, SqsPermissions

from ..integration.collector import Collector

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "performance.md"
ROLES = {path.name for path in (ROOT / "roles").iterdir()}
SYSTEMS = ("riff", "ciel", "meemi", "cella_dev")
SUMMARY = "stackway.scaleway.summary"
PROFILED = {kind: f"{SUMMARY},ansible.posix.profile_{kind}" for kind in ("tasks", "roles")}
SLOWEST_TASKS, SLOWEST_ROLES = 10, 3
PORT, SUBNET = 8150, "10.190.0.0/16"
LOOP = 20  # unchanged resources, in-process and as ordinary modules
RECORDS = (1, 10, 100, 1000)
INSTANCES = (1, 10, 50)
REPEAT = 3  # the quickest run counts: the others were disturbed
LONG_SECONDS = 30  # a run that takes as long is not repeated
IDLE_SECONDS = 15  # after which the sandbox has stopped a replica
REQUESTS, AT_ONCE = 2000, 20
MESSAGES, CRASH_EVERY, REPLICAS = 500, 10, 2
APP = ROOT / "tests/integration/serverless/app.py"
ORDINARY = {"stackway_ordinary_modules": True}


@dataclass(frozen=True)
class Run:
    seconds: float
    cpu: float
    """Seconds of processor time of Ansible and its forks: what other work on the machine does not change."""
    calls: int
    changed: bool
    output: str


class Bench:
    """A sandbox, and the time that playbooks take against it."""

    def __init__(self, home: Path, *options: str):
        self.home, self.options = home, options
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("SCW_", "AWS_"))} | {
            "SANDBOX_NAME": "stackway-bench",
            "SANDBOX_HOME": str(home),
            "SANDBOX_PORT": str(PORT),
            "SANDBOX_SUBNET": SUBNET,
            "SCW_CONFIG_PATH": str(home / "config.yaml"),
            "ANSIBLE_STDOUT_CALLBACK": "default",
        }

    @property
    def profile(self) -> dict:
        return yaml.safe_load((self.home / "config.yaml").read_text())

    def cli(self, *arguments: str):
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"sandbox {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def playbook(self, *arguments: str, **environment: str) -> Run:
        """One run of ansible-playbook, and the API calls that it made."""
        admin = f"http://127.0.0.1:{PORT}/_sandbox/requests"
        requests.delete(admin, timeout=10).raise_for_status()
        started, used = time.monotonic(), _cpu()
        done = subprocess.run(
            ["ansible-playbook", *arguments],
            cwd=ROOT, env=self.environment | environment, capture_output=True, text=True,
        )  # fmt: skip
        seconds, cpu = time.monotonic() - started, _cpu() - used
        if done.returncode:
            sys.exit(f"ansible-playbook {' '.join(arguments)} failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
        calls = requests.get(f"{admin}?n=1", timeout=10).json()["total_count"]
        return Run(seconds, cpu, calls, bool(re.search(r"changed=[1-9]", done.stdout)), done.stdout)

    def tasks(self, tasks: list[dict], extra: dict | None = None) -> Run:
        file = self.home / "bench.yml"
        file.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        variables = json.dumps({"ansible_python_interpreter": sys.executable} | (extra or {}))
        return self.playbook(str(file), "-i", "localhost,", "-c", "local", "-e", variables)

    def converged(self, tasks: list[dict], extra: dict | None = None) -> Run:
        """The quickest of some runs of tasks that have nothing left to do."""
        runs = [self.tasks(tasks, extra)]
        while len(runs) < REPEAT and runs[-1].seconds < LONG_SECONDS:
            runs.append(self.tasks(tasks, extra))
        if any(run.changed for run in runs):
            sys.exit(f"a run that had nothing to do changed something: {tasks}")
        return min(runs, key=lambda run: run.seconds)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def sandbox(*options: str):
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder) / "home", *options)
        bench.cli("up", *options)
        try:
            yield bench
        finally:
            bench.cli("reset")


def loop(module: str, options: dict, count: int) -> list[dict]:
    """`count` tasks in one: `{n}` in an option is the number of each."""
    told = {
        key: value.replace("{n}", "{{ item }}") if isinstance(value, str) else value for key, value in options.items()
    }
    return [{"name": module, f"stackway.scaleway.{module}": told, "loop": list(range(1, count + 1))}]


def paths(bench: Bench) -> list[str]:
    """The same loop on both ways to run a module, without the time that Ansible itself takes to start."""
    tasks = loop("vpc", {"name": "bench-{n}"}, LOOP)
    empty = bench.converged([])
    bench.tasks(tasks)
    took = {"in-process": bench.converged(tasks), "ordinary module": bench.converged(tasks, ORDINARY)}
    seconds = {way: run.seconds - empty.seconds for way, run in took.items()}
    rows = [
        f"| {way} | {seconds[way]:.1f} | {1000 * seconds[way] / LOOP:.0f} | {run.cpu - empty.cpu:.1f} |"
        for way, run in took.items()
    ]
    ratio = seconds["ordinary module"] / seconds["in-process"]
    return [
        "## In-process execution",
        "",
        f"A loop of {LOOP} unchanged VPCs, less the {empty.seconds:.1f} s that a playbook without tasks takes:",
        f"in-process is **{ratio:.0f} times** as fast.",
        "",
        "| way | seconds | milliseconds a resource | processor seconds |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def growth(bench: Bench, counts: tuple[int, ...], what: str, make) -> list[str]:
    """Rows for a table: `make(count)` -> (tasks that create, tasks that are measured)."""
    rows = []
    for count in counts:
        create, measured = make(count)
        bench.tasks(create)
        run = bench.converged(measured)
        rows.append(f"| {what} | {count} | {run.seconds:.1f} | {run.cpu:.1f} | {run.calls} |")
        print(rows[-1], file=sys.stderr)
    return rows


def growths(bench: Bench) -> list[str]:
    zone = "bench.example.com"
    bench.tasks([{"stackway.scaleway.domain_zone": {"domain": "example.com", "subdomain": "bench"}}])

    def at_once(count: int):
        records = [{"name": f"r{number}", "type": "A", "data": ["192.0.2.1"]} for number in range(1, count + 1)]
        tasks = [{"name": "records", "stackway.scaleway.domain_records": {"dns_zone": zone, "records": records}}]
        return tasks, tasks

    def one_by_one(count: int):
        record = {"dns_zone": zone, "name": "r{n}", "type": "A", "data": ["192.0.2.1"]}
        return at_once(count)[0], loop("domain_record", record, count)

    def instances(count: int):
        server = {"name": "bench-{n}", "commercial_type": "DEV1-S", "image": "debian_trixie"}
        tasks = loop("instance_server", server, count)
        return tasks, tasks

    return [
        "## Growth of a run that changes nothing",
        "",
        "| module | resources | seconds | processor seconds | API calls |",
        "|---|---|---|---|---|",
        *growth(bench, RECORDS, "`domain_records`, all in one task", at_once),
        *growth(bench, RECORDS, "`domain_record`, one task each", one_by_one),
        *growth(bench, INSTANCES, "`instance_server`", instances),
        "",
    ]


def systems(names: tuple[str, ...]) -> list[str]:
    """Systems from nothing to verified, then again; images of machines are made before, as on any but the first run."""
    rows = []
    for name in names:
        inventory = ("-i", "inventories/sandbox", "--limit", name)
        started = time.monotonic()
        with sandbox() as bench:
            first = bench.playbook("site.yml", *inventory)
            bench.playbook("playbooks/verify.yml", *inventory)
            from_nothing = time.monotonic() - started
            runs = [bench.playbook("site.yml", *inventory) for _ in range(REPEAT)]
            roles = slowest(
                "roles", bench.playbook("site.yml", *inventory, ANSIBLE_CALLBACKS_ENABLED=PROFILED["roles"])
            )
        again = min(runs, key=lambda run: run.seconds)
        changed = "something, which it should not" if any(run.changed for run in runs) else "nothing"
        rows.append(
            f"| {name.replace('_', ', ')} | **{from_nothing:.0f} s** | {first.seconds:.0f} s | {first.calls} | **{again.seconds:.1f} s** "
            f"| {again.calls} | {changed} | {', '.join(f'`{role}` {seconds}' for role, seconds in roles[:SLOWEST_ROLES])} |"
        )
        print(rows[-1], file=sys.stderr)
    return [
        "## Whole systems",
        "",
        "| system | from no sandbox to verified | of which its deployment | API calls | the same run again | API calls | it changes | its slowest roles |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        "What Scaleway has is asked for in milliseconds. A task on a server is a Python started there, at least 0.1 s, and most roles on servers have a dozen.",
        "",
    ]


def slowest(kind: str, run: Run) -> list[tuple[str, str]]:
    """The tasks or roles of a profiled run with their seconds, longest first."""
    found = re.findall(r"^(?:stackway\.scaleway\.)?(\S.*?) -+ ([\d.]+)s$", run.output, re.MULTILINE)
    return [(name, seconds) for name, seconds in found if kind == "tasks" or name in ROLES]


def together() -> list[str]:
    """All systems of the inventory in one sandbox: the memory that they take, and where a run that changes nothing spends its time."""
    inventory = ("-i", "inventories/sandbox")
    before = available_memory()
    with sandbox() as bench:
        bench.playbook("site.yml", *inventory)
        bench.playbook("playbooks/verify.yml", *inventory)
        memory = before - available_memory()
        run = bench.playbook("site.yml", *inventory, ANSIBLE_CALLBACKS_ENABLED=PROFILED["tasks"])
    return [
        "## All systems at once",
        "",
        f"riff, ciel, meemi and three environments of cella in one sandbox, deployed and verified: **{memory / 2**30:.1f} GiB** of memory.",
        f"The same run again: **{run.seconds:.0f} s**, {run.calls} API calls; it changes {'something, which it should not' if run.changed else 'nothing'}.",
        "Its slowest tasks:",
        "",
        "| task | seconds |",
        "|---|---|",
        *(f"| {task} | {seconds} |" for task, seconds in slowest("tasks", run)[:SLOWEST_TASKS]),
        "",
    ]


def available_memory() -> int:
    """Bytes that could be had without swapping."""
    return 1024 * int(re.search(r"^MemAvailable: +(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)[1])


def serverless() -> list[str]:
    """Containers of the sandbox's: one that visitors ask from nothing on, and one that a queue calls and that crashes."""
    space = {"name": "space", "stackway.scaleway.container_namespace": {"name": "bench"}}
    command = ["python3", "-m", "http.server", "8080"]
    options = {"namespace_id": "bench", "name": "web", "image": "stackway-sandbox/visitor", "command": command}
    with sandbox() as bench:
        bench.tasks([space, {"name": "web", "stackway.scaleway.container": options | {"max_scale": 2}}])
        answers = Visitor(bench, "web")
        time.sleep(IDLE_SECONDS)  # until nothing runs any more
        cold = asyncio.run(answers.seconds(1, 1))
        warm = asyncio.run(answers.seconds(REQUESTS, AT_ONCE))
        triggered = trigger(bench)
    return [
        "## The sandbox's Serverless Containers",
        "",
        f"A first request, which starts a replica: **{cold:.1f} s**. Then {AT_ONCE} visitors at a time, over TLS: "
        f"**{REQUESTS / warm:.0f} requests a second** to Python's `http.server`, which is what they wait for.",
        "",
        f"A queue of {MESSAGES} messages, whose trigger calls a container that crashes on every {CRASH_EVERY}th, one message a "
        f"replica at a time, {REPLICAS} replicas: **{MESSAGES / triggered:.0f} messages a second**, none lost.",
        "",
    ]


def trigger(bench: Bench) -> float:
    """Seconds until a container has taken every message of a queue. It ends here if one is lost."""
    collector = Collector(SUBNET.replace(".0.0/16", ".0.1"))
    api = MnqV1Beta1SqsAPI(Client.from_config_file(filepath=str(bench.home / "config.yaml")))
    endpoint = api.activate_sqs().sqs_endpoint_url
    key = api.create_sqs_credentials(
        name="bench", permissions=SqsPermissions(can_manage=True, can_publish=True, can_receive=True)
    )
    queue = boto3.resource(
        "sqs", region_name="fr-par", endpoint_url=endpoint,
        aws_access_key_id=key.access_key, aws_secret_access_key=key.secret_key,
    ).create_queue(QueueName="bench", Attributes={"VisibilityTimeout": "60"})  # fmt: skip
    container = {
        "namespace_id": "bench", "name": "worker", "image": "stackway-sandbox/visitor", "max_scale": REPLICAS,
        "command": ["python3", "-c", APP.read_text()], "scaling_option": {"concurrent_requests_threshold": 1},
        "environment_variables": {"COLLECTOR": collector.url, "CRASH_EVERY": str(CRASH_EVERY)},
    }  # fmt: skip
    source = {
        "region": "fr-par", "endpoint": endpoint, "queue_url": queue.url,
        "access_key_id": key.access_key, "secret_access_key": key.secret_key,
    }  # fmt: skip
    called = {"namespace_id": "bench", "container_id": "worker", "name": "jobs", "sqs_config": source}
    bench.tasks([{"stackway.scaleway.container": container}, {"stackway.scaleway.container_trigger": called}])
    sent = [f"job {number}" for number in range(MESSAGES)]
    for first in range(0, MESSAGES, 10):
        queue.send_messages(
            Entries=[{"Id": str(number), "MessageBody": sent[number]} for number in range(first, first + 10)]
        )
    return collector.all_of(dict.fromkeys(sent, "/"), 600)


class Visitor(aiohttp.abc.AbstractResolver):
    """Calls a container by its name, which only the sandbox's DNS knows."""

    def __init__(self, bench: Bench, container: str):
        profile = bench.profile
        url = f"{profile['api_url']}/containers/v1/regions/fr-par/containers"
        found = requests.get(url, headers={"X-Auth-Token": profile["secret_key"]}, timeout=10).json()["containers"]
        self.url = next(each["public_endpoint"] for each in found if each["name"] == container)
        self.trust = ssl.create_default_context(cafile=bench.home / "ca.pem")

    async def resolve(self, host, port=0, family=0):
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], PORT + 1000
        address = resolver.resolve(host, "A")[0].address
        return [{"hostname": host, "host": address, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self):
        pass

    async def seconds(self, count: int, at_once: int) -> float:
        connector = aiohttp.TCPConnector(limit=at_once, resolver=self, ssl=self.trust)
        async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:

            async def ask():
                for _ in range(count // at_once):
                    async with session.get(f"{self.url}/etc/hostname") as answer:
                        await answer.read()

            started = time.monotonic()
            await asyncio.gather(*(ask() for _ in range(at_once)))
            return time.monotonic() - started


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    software = f"Python {platform.python_version()}, ansible-core {version('ansible-core')}"
    return f"{os.cpu_count()} cores ({model}), load average {os.getloadavg()[2]:.0f}; {software}"


def document(parts: list[str]) -> str:
    head = [
        "# Performance",
        "",
        f"Written by `make bench ARGS='--write --systems'` on {date.today()}, against the sandbox's API, which answers within",
        f"milliseconds; the quickest of {REPEAT} runs. {machine()}.",
        "Where other work keeps the machine busy, processor seconds tell more than seconds.",
        "",
    ]
    return "\n".join(head + parts).rstrip() + "\n"


def measurements(with_systems: bool) -> Iterator[list[str]]:
    """The parts of the document, one after the other: a later one that fails does not cost what was measured before."""
    with sandbox("--api-only") as bench:
        yield paths(bench)
        yield growths(bench)
    if with_systems:
        yield serverless()
        yield systems(SYSTEMS)
        yield together()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep the figures in docs/performance.md")
    parser.add_argument(
        "--systems",
        action="store_true",
        help="measure whole systems and a serverless container on the full sandbox, too",
    )
    options = parser.parse_args()
    parts = []
    for part in measurements(options.systems):
        print("\n".join(part), flush=True)
        parts += part
    if options.write:
        DOCUMENT.write_text(document(parts))


if __name__ == "__main__":
    main()
