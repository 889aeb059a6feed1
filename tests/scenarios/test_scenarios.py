"""Every scaling scenario of ciel, there and back, and all of them in a row: `make scenarios`.

It is no part of `make test`, in which tests/integration/test_ciel.py makes the moves that prove distinct things.
"""

from __future__ import annotations

import json
import time

import pytest

from ..integration.ciel import Ciel, overlays
from ..integration.conftest import _sandbox

SCENARIOS = [str(number) for number in range(1, 9)]
DEV = ["instance_ip ciel-app", "instance_server ciel-app"]
"""What dev has, and a scenario with servers of its own for the API has not."""

LOAD = """
import collections, json, os, ssl, sys, threading, time, urllib.request
seen, trust = collections.Counter(), ssl.create_default_context()
def ask():
    while os.path.exists("/tmp/load"):
        try:
            with urllib.request.urlopen(sys.argv[1], timeout=30, context=trust) as answer:
                seen[str(answer.status)] += 1
        except OSError as error:
            seen[repr(error)] += 1
        time.sleep(0.05)
open("/tmp/load", "w").close()
clients = [threading.Thread(target=ask) for _ in range(4)]
for client in clients: client.start()
for client in clients: client.join()
print(json.dumps(seen))
"""  # until its file is gone


class Walk:
    """ciel on its way from one scenario to another."""

    def __init__(self, ciel, moves):
        self.ciel, self.moves, self.place = ciel, moves, "nothing"

    def to(self, *scenarios, prune=True):
        """Move as it was foreseen, and verify. What is no longer declared is gone, or told without `prune`: what is told."""
        self.ciel.writes()  # those of the move before
        plan = self.ciel.succeed("site.yml", "--check", "--diff", *overlays(*scenarios), "-e", f"prune={prune}")
        assert self.ciel.writes() == []
        started = time.monotonic()
        run = self.ciel.move(*scenarios, prune=prune)
        target = "+".join(scenarios) or "dev"
        self.moves.append((self.place, target, time.monotonic() - started))
        self.place = target
        assert run.kinds() == plan.kinds()
        return Ciel.leftovers(run)

    def rest(self, *scenarios):
        started = time.monotonic()
        self.ciel.rest(*scenarios)
        self.moves.append((self.place, "the same", time.monotonic() - started))


@pytest.fixture(scope="module")
def walk(slot, moves):
    """In dev, in an account of its own."""
    for sandbox in _sandbox(f"stackway-scenarios-{slot}", 8210 + slot, f"10.{210 + slot}.0.0/16"):
        walk = Walk(Ciel(sandbox), moves)
        walk.to()
        yield walk


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_there_and_back(walk, scenario):
    assert walk.to(scenario) == []
    walk.rest(scenario)
    assert walk.to() == []
    walk.rest()


def test_what_is_no_longer_declared_stays_until_it_is_pruned(walk):
    """From dev to two servers and back. Between, while they are given a new setting, no request fails."""
    assert walk.to("3", prune=False) == DEV
    load = walk.ciel.from_outside("python3", "-c", LOAD, "https://api.ciel.test/health")
    changed = walk.ciel.succeed("site.yml", *overlays("3"), "-e", "ciel_rust_log=debug").recap()
    walk.ciel.from_outside("rm", "/tmp/load").wait()
    assert {host for host in ("ciel-api-1", "ciel-api-2") if changed[host]["changed"]} == {"ciel-api-1", "ciel-api-2"}
    assert set(json.loads(load.communicate()[0])) == {"200"}
    assert walk.to(prune=False) == [
        "instance_server ciel-api-1",
        "instance_server ciel-api-2",
        "instance_server ciel-redis",
        "lb ciel",
        "lb_ip ciel",
    ]
    assert walk.to() == []
    walk.rest()


def test_all_in_a_row(walk):
    for scenario in SCENARIOS:
        assert walk.to(scenario) == []
        walk.rest(scenario)
    assert walk.to() == []
    walk.rest()
