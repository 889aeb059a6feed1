"""Role instance: what is said of a server that cannot be used, and how its host key is handled."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from .conftest import ROOT, new_connections

RULES = [{"dest_port_from": 22}]
TYPE = {"commercial_type": "PLAY2-PICO", "image": "debian_trixie", "security_group": "boot"}


@pytest.fixture
def site(sandbox, tmp_path):
    """Bring up one server, wait for it, and give (exit status, output); everything is removed at the end."""

    def run(state="present", **server):
        known_hosts = tmp_path / "known_hosts"
        variables = {
            "instance_state": state,
            "instance_ssh_keys": [
                {"name": "boot", "public_key": (sandbox.home / "id_ed25519.pub").read_text().strip()}
            ],
            "instance_security_groups": [{"name": "boot", "rules": server.pop("rules", RULES)}],
            "instance_servers": [TYPE | {"name": "boot"} | server],
            "instance_known_hosts": str(known_hosts),
            "instance_boot_timeout": 20,
            "ansible_ssh_private_key_file": str(sandbox.home / "id_ed25519"),
        }
        plays = [
            {"hosts": "localhost", "gather_facts": False, "roles": ["stackway.scaleway.instance"]},
            {
                "hosts": "instances",
                "gather_facts": False,
                "tasks": [
                    {"ansible.builtin.import_role": {"name": "stackway.scaleway.instance", "tasks_from": "boot"}},
                    {"ansible.builtin.raw": "hostname", "changed_when": False},
                ],
            },
        ]
        file = tmp_path / "site.yml"
        file.write_text(json.dumps(plays))
        inventory = tmp_path / "hosts"
        inventory.write_text(f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n")
        with new_connections() as connections:  # one that is still open would not be asked for its host's key again
            done = subprocess.run(
                ["ansible-playbook", str(file), "-i", str(inventory), "-e", json.dumps(variables)],
                cwd=ROOT,
                env=sandbox.environment | {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"} | connections,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
        return done.returncode, done.stdout + done.stderr

    yield run
    status, output = run(state="absent")
    assert status == 0, output


def test_a_server_is_learnt_once_and_known_by_its_id(site, tmp_path):
    status, output = site()
    assert status == 0, output
    known = (tmp_path / "known_hosts").read_text()
    assert len(known.split()[0]) == 36  # the id, not the address

    (tmp_path / "known_hosts").write_text(known.replace(known.split()[2][-20:], "A" * 20, 1))
    status, output = site()
    assert status != 0
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in output or "Host key verification failed" in output


def test_a_server_that_never_answers_is_named(site):
    status, output = site(rules=[])
    assert status != 0
    assert "boot (" in output
    assert "runs but did not take SSH within 20 s" in output
    assert "security group lets port 22 in" in output


def test_a_failed_cloud_init_is_told_as_it_tells_it(site):
    status, output = site(cloud_init="#cloud-config\nruncmd: [[sh, -c, 'echo no such thing >&2; exit 3']]\n")
    assert status != 0
    assert "cloud-init failed" in output
    assert "status: error" in output
    assert "Log: /var/log/cloud-init-output.log" in output


def test_nothing_is_made_for_a_server_type_that_does_not_exist(site, sandbox):
    status, output = site(commercial_type="PLAY9-HUGE")
    assert status != 0
    assert "PLAY9-HUGE" in output


LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
GROUPS = [
    "instances",
    "balanced",
    "failed",
    "docker_host",
    "redis",
    "pgbouncer",
    "postgres_exporter",
    "cockpit_agent",
    "app_compose",
    "caddy",
]


@pytest.fixture
def several(api_sandbox, tmp_path):
    """Run playbooks/site.yml for several systems {control host: variables}. Nothing answers SSH here."""

    def run(systems, *arguments):
        inventory = tmp_path / "hosts.yml"
        inventory.write_text(
            json.dumps({"stacks": {"hosts": systems, "vars": LOCAL}} | {group: {} for group in GROUPS})
        )
        variables = {"instance_boot_timeout": 1, "instance_ssh_options": "-o ProxyCommand=false"}
        return subprocess.run(
            ["ansible-playbook", "site.yml", "-i", str(inventory), "-e", json.dumps(variables), *arguments],
            cwd=ROOT,
            env=api_sandbox.environment | {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    return run


def system(name, commercial_type="PLAY2-PICO"):
    server = {"name": f"{name}-app", "commercial_type": commercial_type, "image": "debian_trixie"}
    return {"stack_name": name, "network_tags": [name], "instance_tags": [name], "instance_servers": [server]}


def test_the_servers_of_all_systems_are_hosts(several, api_sandbox):
    """The run says of every one that it does not answer SSH."""
    done = several({f"{name}-control": system(name) for name in ("first", "second")})
    for name in ("first", "second"):
        assert re.search(rf"{name}-app \(.* did not take SSH", done.stdout), done.stdout + done.stderr
        assert api_sandbox.task("instance_server", {"name": f"{name}-app", "state": "absent"})["changed"]


def test_a_system_that_fails_does_not_keep_the_next_from_its_run(several, api_sandbox):
    second = {"stack_name": "second", "network_vpcs": [{"name": "second"}]}
    systems = {"first-control": system("first", "PLAY9-HUGE"), "second-control": second}
    done = several(systems)
    assert done.returncode != 0
    assert "PLAY9-HUGE" in done.stdout and "first failed, as told above. Run again" in done.stdout
    assert re.search(r"^second-control +: .* failed=0 ", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^first-control +: .* failed=1 ", done.stdout, re.MULTILINE)
    assert "Failed in" in done.stdout.splitlines()[-1]
    assert api_sandbox.task("vpc", {"name": "second", "state": "absent"})["changed"]


def test_a_system_that_fails_alone_ends_the_run(several):
    done = several({"first-control": system("first", "PLAY9-HUGE")})
    assert done.returncode != 0
    assert "PLAY [Wait for the servers]" not in done.stdout
