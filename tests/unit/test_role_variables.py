"""Faults in role variables are named before the first role runs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.stackway.scaleway.plugins.filter.one_by_one import one_by_one

ROOT = Path(__file__).parents[2]


def faults(tmp_path, variables: dict) -> str:
    """What the assertion of playbooks/site.yml would say about `variables`."""
    task = {
        "ansible.builtin.assert": {
            "that": "faults | length == 0",
            "fail_msg": "{{ faults | join(' / ') }}",
        },
        "vars": {"faults": "{{ query('stackway.scaleway.variable_faults', 'network') }}"},
    }
    play = tmp_path / "play.yml"
    play.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [task]}]))
    done = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", "-c", "local", str(play)],
        cwd=ROOT,
        env=os.environ | {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_FORCE_COLOR": "0"},
        capture_output=True,
        text=True,
    )
    report = json.loads(done.stdout[done.stdout.index("{\n") :])
    result = report["plays"][0]["tasks"][0]["hosts"]["localhost"]
    return result["msg"] if result.get("failed") else ""


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({"network_vpc": []}, "network_vpc: role network has no such variable, did you mean network_vpcs?"),
        ({"network_vpcs": [{"nam": "a"}]}, "missing required arguments: name found in network_vpcs"),
        ({"network_vpcs": [{"name": "a", "cidr": "10.0.0.0/8"}]}, "no such option: network_vpcs.cidr"),
        ({"network_tags": {"a": 1}}, "network_tags"),
        ({"network_state": "gone"}, "network_state must be one of: present, absent"),
    ],
)
def test_a_fault_is_named(tmp_path, variables, fault):
    assert fault in faults(tmp_path, variables)


def test_what_depends_on_a_role_is_left_to_it(tmp_path):
    assert not faults(tmp_path, {"network_tags": "{{ told_by_a_role }}", "network_vpcs": [{"name": "a"}]})


def test_counts_become_single_entries():
    several = one_by_one([{"name": "web", "count": 2, "type": "a"}, {"name": "db", "type": "b"}])
    assert [entry["name"] for entry in several] == ["web-1", "web-2", "db"]
    assert all("count" not in entry for entry in several)
    assert one_by_one([{"name": "web", "count": 0}]) == []
    assert one_by_one([{"name": "web"}, {"name": "db", "size": 2}], size=1) == [
        {"name": "web", "size": 1},
        {"name": "db", "size": 2},
    ]
