"""A system that cannot be had as it is declared: the run says why, and has made nothing."""

from __future__ import annotations

import json
import re

import pytest

from .system import System

SERVER = {"commercial_type": "PLAY2-PICO", "image": "docker", "security_group": "riff", "tags": ["docker_host"]}


class Riff(System):
    name = "riff"


@pytest.fixture(scope="module")
def riff(new_sandbox):
    with new_sandbox() as sandbox:
        (sandbox.home / "ca.pem").write_text("of a sandbox with machines")
        yield Riff(sandbox)


CASES = {
    "unknown node type": ({"rdb_node_type": "DB-NONSENSE"}, "node_type: DB-NONSENSE is not offered"),
    "unknown server type": (
        {"instance_servers": [SERVER | {"name": "riff-app", "commercial_type": "PLAY2-HUGE"}]},
        r"commercial_type: fr-par-1 has no PLAY2-HUGE \(take one of PLAY2-MICRO",
    ),
    "unknown security group": (
        {"instance_servers": [SERVER | {"name": "riff-app", "security_group": "typo"}]},
        "security_group_id: security group 'typo' does not exist",
    ),
    "user without a database": ({"rdb_databases": []}, "rdb_databases"),
    "malformed network": ({"rdb_acl_rules": [{"ip": "10.0.0.0/33"}]}, "10.0.0.0/33"),
    "malformed domain": ({"dns_zones": [{"domain": "a b"}]}, "domain: 'a b' is not a domain name"),
    "malformed port": (
        {"instance_security_groups": [{"name": "riff", "rules": [{"dest_port_from": 70000}]}]},
        "dest_port_from: 70000 is not a port",
    ),
    "undefined variable": ({"rdb_databases": ["{{ nosuch_variable }}"]}, "'nosuch_variable' is undefined"),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_made(riff, case):
    variables, message = CASES[case]
    riff.writes()
    run = riff.run("site.yml", "-e", json.dumps(variables))
    assert run.code != 0, run.output[-3000:]
    assert re.search(message, run.output), run.output[-3000:]
    assert riff.writes() == []


def test_a_part_that_others_need_is_not_skipped(riff):
    """The database's ACL names the server, so without the servers it would fail with an undefined variable."""
    riff.writes()
    run = riff.run("site.yml", "--skip-tags", "dns,instance,caddy")
    assert run.code != 0
    assert "--skip-tags instance: what the other parts need to know of it would be missing." in run.output
    assert riff.writes() == []
