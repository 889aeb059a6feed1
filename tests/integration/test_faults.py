"""Faults of the API, and runs that are killed: both change the time that it takes, and nothing else."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import requests

from .conftest import ROOT, Sandbox

PLAY = Path(__file__).parent / "plays" / "many.yml"
KINDS = ("429", "500", "409", "reset", "lost")
SHARE = 0.05  # of the calls fail
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VARYING = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|\b(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}\b"  # dates, and network cards
    r"|fd[0-9a-f:]+/\d+|\d+\.\d+\.\d+\.\d+"  # addresses that the sandbox chose
    r"|SCW[A-Z0-9]{17}|owner@[\w.-]+|p=[\w+/=]{64,}"  # access keys, the owner of a sandbox, keys that sign mail
)


def admin(sandbox: Sandbox, method: str, path: str, body: dict | None = None) -> dict:
    answer = requests.request(method, f"{sandbox.profile['api_url']}/_sandbox{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json() if answer.content else {}


def calls(sandbox: Sandbox) -> int:
    return admin(sandbox, "GET", "/requests?n=1")["total_count"]


def state(sandbox: Sandbox) -> Counter[str]:
    """Every record that the sandbox has, ids replaced by names: what a run has made, however it came to be."""
    with sqlite3.connect(f"file:{sandbox.home}/state.db?mode=ro", uri=True) as database:
        rows = database.execute("SELECT kind, body FROM records WHERE kind NOT LIKE 'sandbox.%'").fetchall()
    records = [(kind, json.loads(body)) for kind, body in rows]
    names = {
        record["id"]: f"<{kind} {UUID.sub('<id>', record.get('name', ''))}>"
        for kind, record in records
        if "id" in record
    }

    def told(record: dict) -> str:
        text = json.dumps({key: value for key, value in record.items() if not key.startswith("_")}, sort_keys=True)
        return VARYING.sub("<varying>", UUID.sub(lambda found: names.get(found[0], "<unknown>"), text))

    return Counter(f"{kind} {told(record)}" for kind, record in records)


def assert_same(found: Counter[str], expected: Counter[str]):
    differences = [f"+ {record}" for record in found - expected] + [f"- {record}" for record in expected - found]
    assert not differences, "\n".join(differences)


def run(sandbox: Sandbox) -> subprocess.Popen:
    """Start the play in a process group of its own."""
    command = [
        "ansible-playbook",
        "-i",
        "localhost,",
        "-c",
        "local",
        str(PLAY),
        "-e",
        f"ansible_python_interpreter={sys.executable}",
    ]
    return subprocess.Popen(
        command, cwd=ROOT, env=sandbox.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip


def finish(process: subprocess.Popen) -> str:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


def kill(process: subprocess.Popen):
    """As a power cut would: the controller and its forks at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.fixture(scope="module")
def baseline(new_sandbox) -> tuple[Counter[str], int]:
    """(what the play makes when nothing goes wrong, how many calls that takes)."""
    with new_sandbox() as sandbox:
        admin(sandbox, "DELETE", "/requests")
        finish(run(sandbox))
        return state(sandbox), calls(sandbox)


def test_the_play_changes_nothing_twice(new_sandbox):
    with new_sandbox() as sandbox:
        finish(run(sandbox))
        assert re.search(r"changed=0 .*failed=0", finish(run(sandbox)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_failing_calls_change_nothing_but_the_time(new_sandbox, baseline, seed):
    with new_sandbox() as sandbox:
        admin(sandbox, "DELETE", f"/faults?seed={seed}")
        admin(sandbox, "DELETE", "/requests")
        for kind in KINDS:
            admin(sandbox, "POST", "/faults", {"kind": kind, "rate": SHARE / len(KINDS)})
        finish(run(sandbox))
        expected, undisturbed = baseline
        assert calls(sandbox) > undisturbed, "no call failed: the test proves nothing"
        assert_same(state(sandbox), expected)


def test_a_lost_answer_makes_no_duplicate(new_sandbox, baseline):
    """A third of the creations are carried out without an answer."""
    with new_sandbox() as sandbox:
        admin(sandbox, "POST", "/faults", {"kind": "lost", "method": "POST", "rate": 0.33})
        finish(run(sandbox))
        assert_same(state(sandbox), baseline[0])


@pytest.mark.parametrize("point", sorted(random.Random(1).sample(range(2, 95), 10)))
def test_a_killed_run_is_finished_by_the_next(new_sandbox, baseline, point):
    """Killed after `point` per cent of the calls of an undisturbed run, while a call is on its way."""
    expected, undisturbed = baseline
    with new_sandbox() as sandbox:
        admin(sandbox, "POST", "/faults", {"kind": "slow", "ms": 20})
        admin(sandbox, "DELETE", "/requests")
        first = run(sandbox)
        while calls(sandbox) < undisturbed * point // 100:
            assert first.poll() is None, f"the run ended before it was killed: {first.communicate()[0]}"
            time.sleep(0.005)
        kill(first)
        assert state(sandbox) != expected, "it was killed too late: the test proves nothing"
        finish(run(sandbox))
        assert_same(state(sandbox), expected)


def test_a_server_that_is_starting_is_removed_when_it_has_started(new_sandbox):
    """Its root volume would go first, and the server, which cannot be deleted yet, would be left without it."""
    server = {"name": "starting", "commercial_type": "DEV1-S", "image": "debian_trixie"}
    with new_sandbox() as sandbox:
        assert sandbox.task("instance_server", server | {"power_state": "stopped"})["changed"]
        admin(sandbox, "POST", "/freeze/instance.server")
        started = {"headers": {"X-Auth-Token": sandbox.profile["secret_key"]}, "timeout": 10}
        servers = f"{sandbox.profile['api_url']}/instance/v1/zones/fr-par-1/servers"
        (found,) = requests.get(servers, **started).json()["servers"]
        requests.post(f"{servers}/{found['id']}/action", json={"action": "poweron"}, **started).raise_for_status()
        thaw = threading.Timer(3, admin, (sandbox, "DELETE", "/freeze"))
        thaw.start()
        removed = sandbox.task("instance_server", {"name": "starting", "state": "absent"})
        thaw.join()
        assert not removed.get("failed"), removed["msg"]
        assert requests.get(servers, **started).json()["servers"] == []
