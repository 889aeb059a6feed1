"""Systems in the inventories of real accounts, planned in an account that is empty. Their variables: tests/unit/test_inventories.py."""

from __future__ import annotations

import json
import re

import pytest

from .conftest import ROOT
from .system import System


class Production(System):
    name = "ciel"
    inventory = "inventories/prod"


@pytest.fixture
def production(new_sandbox):
    with new_sandbox() as sandbox:
        yield Production(sandbox)


def test_production_is_planned_as_its_tier_sizes_it(production):
    variables = {
        "scaleway_credentials": {"config_path": str(production.sandbox.home / "config.yaml")},
        "ciel_ssh_public_key": (production.sandbox.home / "id_ed25519.pub").read_text(),
        "ciel_source": str(ROOT / "examples/ciel"),
    }
    plan = production.succeed("site.yml", "--check", "--diff", "-e", json.dumps(variables))
    assert production.writes() == []
    assert re.search(r"^Plan: \d+ to add, \d+ to change, 0 to destroy$", plan.output, re.MULTILINE)
    planned = plan.resources()
    assert sorted(planned) == sorted(set(planned))
    servers = [line for line in planned if line.startswith("+ instance_server ")]
    assert servers == [f"+ instance_server ciel-{name}" for name in ("api-1", "api-2", "worker-1", "worker-2")]
    assert {"+ lb ciel", "+ redis_cluster ciel", "+ edge_services_pipeline ciel-media", "+ lb_backend api"} <= set(
        planned
    )
