"""Values that a host's services would take for something else are refused before anything is written."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = {
    "docker_host": [
        {"docker_host_ssh_sources": ["192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "::1", "::ffff:192.0.2.1"]},
        {"docker_host_reboot_time": "22:30"},
        {"docker_host_log_max_files": 1},
    ],
    "redis": [
        {"redis_maxmemory": "1536MB", "redis_save": ["900 1", "60 0"]},
        {"redis_maxmemory": 0, "redis_save": [], "redis_password": "with-$-and-#-and-%"},
    ],
    "pgbouncer": [{}],
}
BAD = {
    "docker_host": [
        ({"docker_host_ssh_sources": ["10.0.0.1", "gate.example.com"]}, "instead of gate.example.com"),
        ({"docker_host_firewall_allow": [{"ports": ["80"], "sources": ["bad.cafe"]}]}, "instead of bad.cafe"),
        ({"docker_host_reboot_time": 1350}, "docker_host_reboot_time: 1350 is no time of day, quote it"),
        ({"docker_host_reboot_time": "24:00"}, "docker_host_reboot_time: 24:00 is no time"),
        ({"docker_host_log_max_files": 0}, "docker_host_log_max_files: with 0"),
    ],
    "redis": [
        ({"redis_maxmemory": "1.5gb"}, "redis_maxmemory: 1.5gb is no whole number"),
        ({"redis_maxmemory": "half"}, "redis_maxmemory: half is no"),
        ({"redis_save": ["900 1", "300"]}, "redis_save: one of"),
        ({"redis_save": ["0 1"]}, "redis_save: one of"),
        *(
            ({"redis_password": f"sixteen{character}characters"}, "redis_password: must have")
            for character in "'\\\" \n"
        ),
        ({"redis_bind": ["0.0.0.0"]}, "redis_bind: 0.0.0.0 is not an address or network that is private"),
    ],
    "pgbouncer": [({"pgbouncer_listen_addr": "0.0.0.0"}, "0.0.0.0 is no address of a private network")],
}
NEEDED = {
    "redis": {"redis_password": "sixteen-characters", "redis_bind": []},  # so that no host is asked for its addresses
    "pgbouncer": {
        "pgbouncer_listen_addr": "10.0.0.4",
        "pgbouncer_databases": ["shop"],
        "pgbouncer_users": [{"name": "app", "password": "any"}],
        "pgbouncer_pool_size": 20,
    },
}


def play(role, cases):
    """Ends with what is said of each case: nothing, or why it is refused."""
    said = []
    for variables in cases:
        check = {"ansible.builtin.include_role": {"name": f"stackway.scaleway.{role}", "tasks_from": "check"}}
        heard = "{{ said + [(ansible_failed_result.results | default([ansible_failed_result])) | map(attribute='msg') | join(' ')] }}"
        said.append(
            {
                "block": [
                    check | {"vars": NEEDED.get(role, {}) | variables},
                    {"ansible.builtin.set_fact": {"said": "{{ said + [''] }}"}},
                ],
                "rescue": [{"ansible.builtin.set_fact": {"said": heard}}],
            }
        )
    tell = {"ansible.builtin.debug": {"msg": "{{ said }}"}}
    return {"hosts": "localhost", "gather_facts": False, "vars": {"said": []}, "tasks": [*said, tell]}


@pytest.mark.parametrize("role", GOOD)
def test_what_means_something_else_is_refused(tmp_path, role):
    cases = [*GOOD[role], *(variables for variables, _reason in BAD[role])]
    path = tmp_path / "play.yml"
    path.write_text(json.dumps([play(role, cases)]))
    done = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", "-c", "local", str(path)],
        cwd=ROOT,
        env=os.environ | {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_FORCE_COLOR": "0"},
        capture_output=True,
        text=True,
    )
    report = json.loads(done.stdout[done.stdout.index("{\n") :])
    said = report["plays"][0]["tasks"][-1]["hosts"]["localhost"]["msg"]
    assert said[: len(GOOD[role])] == [""] * len(GOOD[role])
    for (variables, reason), heard in zip(BAD[role], said[len(GOOD[role]) :], strict=True):
        assert reason in heard, variables
