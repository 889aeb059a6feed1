"""Faults of the API, and runs that are killed: both change the time that it takes, and nothing else."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import requests

from .conftest import ROOT, Sandbox
from .records import assert_same, buckets, state

PLAY = Path(__file__).parent / "plays" / "many.yml"
KINDS = ("429", "500", "409", "reset", "lost")
SHARE = 0.05  # of the calls fail


def admin(sandbox: Sandbox, method: str, path: str, body: dict | None = None) -> dict:
    answer = requests.request(method, f"{sandbox.profile['api_url']}/_sandbox{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json() if answer.content else {}


def calls(sandbox: Sandbox) -> int:
    return admin(sandbox, "GET", "/requests?n=1")["total_count"]


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


def test_a_bucket_is_made_and_removed_whatever_s3_answers_for_a_while(new_sandbox):
    """Twice in every way, by every method; an answer that is lost leaves what it was about."""
    settings = {
        "tags": {"env": "test"},
        "versioning": True,
        "cors": [{"allowed_origins": ["*"], "allowed_methods": ["GET"]}],
    }
    content = {"path": __file__, "name": "this"}
    with new_sandbox() as sandbox:
        for kind in KINDS:
            for method in ("HEAD", "GET", "PUT", "POST", "DELETE"):
                admin(sandbox, "POST", "/faults", {"kind": kind, "method": method, "path": f"/of-{kind}*", "count": 2})
        for kind in KINDS:
            for made in (
                sandbox.task("object_bucket", {"name": f"of-{kind}"} | settings),
                sandbox.task("object_file", {"bucket": f"of-{kind}"} | content),
            ):
                assert made.get("changed"), f"{kind}: {made['msg']}"
        answers = [
            {key: str(value).replace(found["name"], "") for key, value in found.items()} for found in buckets(sandbox)
        ]
        assert len(answers) == len(KINDS)
        assert all(answer == answers[0] for answer in answers)
        assert answers[0]["objects"] == "1"
        for kind in KINDS:
            removed = sandbox.task("object_bucket", {"name": f"of-{kind}", "state": "absent", "force": True})
            assert removed.get("changed"), f"{kind}: {removed['msg']}"
        assert buckets(sandbox) == []
        left = {
            (fault["kind"], fault["method"]): fault["count"] for fault in admin(sandbox, "GET", "/faults")["faults"]
        }
        assert set(left.values()) == {0}, f"not all happened: {left}"


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
