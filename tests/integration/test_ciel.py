"""ciel from nothing to its scaling scenarios, as its operators and its users have it: in a sandbox of its own, in this order.

Each scenario alone, and all of them in a row: tests/scenarios.
"""

from __future__ import annotations

import json
import re

import pytest

from .ciel import Ciel, overlays
from .conftest import ROOT, _sandbox


@pytest.fixture(scope="module")
def ciel(slot):
    """An empty account of its own."""
    for sandbox in _sandbox(f"stackway-ciel-{slot}", 8010 + slot, f"10.{190 + slot}.0.0/16"):
        yield Ciel(sandbox)


def test_the_cost_of_a_scenario_is_known_before_anything_is_made(ciel, tmp_path):
    """As docs/cost.md tells it. Servers that are not there yet are behind a load balancer that is not there yet."""
    ciel.succeed("playbooks/cost.yml", "--check", *overlays("3"), "-e", f"cost_path={tmp_path / 'cost.json'}")
    assert ciel.writes() == []
    (system,) = json.loads((tmp_path / "cost.json").read_text())["systems"]
    page = (ROOT / "docs/cost.md").read_text()
    dev = float(re.search(r"^\| ciel, dev \|[^|]+\| ([\d.]+) \|", page, re.MULTILINE)[1])
    more = float(re.search(r"^\| 3, [^|]+\|[^|]+\| \+([\d.]+) \|", page, re.MULTILINE)[1])
    assert system["total"] == round(dev + more, 2)


def test_from_nothing_to_verified_as_planned(ciel):
    plan = ciel.succeed("site.yml", "--check", "--diff")
    assert ciel.writes() == []
    run = ciel.move()
    assert re.match(r"Done in \d+ s: \d+ added, \d+ changed, 0 destroyed", run.last_line)
    assert run.kinds() == plan.kinds()


def test_a_second_run_changes_nothing(ciel):
    ciel.rest()


def test_the_serverless_worker_gets_what_it_needs_and_no_more(ciel):
    """Neither Redis nor the queue, whose messages it is sent, nor the keys of tokens."""
    (container,) = ciel.info("container_info", "containers")
    settings = {"APP_MODE", "APP_VERSION", "HTTP_ADDR", "RUST_LOG", "S3_ENDPOINT", "S3_REGION", "S3_BUCKET"}
    assert set(container["environment_variables"]) == settings
    secrets = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "DATABASE_CA", "DATABASE_URL"}
    assert set(container["secret_environment_variables"]) == secrets


def test_scenarios_that_touch_different_things_go_together(ciel):
    """A larger server, managed Redis, a larger database with standby and replica, more workers, the edge."""
    assert set(ciel.move("1", "4", "5", "6", "7").kinds()) == {
        "+ secret",
        "+ redis_cluster",
        "+ rdb_read_replica",
        "+ edge_services_plan",
        "+ edge_services_pipeline",
        "+ domain_record",
        "~ instance_server",
        "~ object_bucket",
        "~ rdb_instance",
        "~ container",
    }
