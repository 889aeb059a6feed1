"""Every inventory holds what the roles take, and every overlay of ciel what ciel knows."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
INVENTORIES = ROOT / "inventories"
SYSTEMS = {
    environment: sorted(
        folder.name for folder in (INVENTORIES / environment / "group_vars").iterdir() if folder.is_dir()
    )
    for environment in ("dev", "staging", "prod")
}
OVERLAYS = sorted(
    str(file.relative_to(INVENTORIES))
    for kind in ("scenarios", "tiers")
    for file in (INVENTORIES / kind).rglob("*.yml")
)


def refuses(environment: str, *arguments: str) -> str:
    """What playbooks/site.yml has against the variables of an inventory, before it asks for anything. No account is needed."""
    done = subprocess.run(
        [
            "ansible-playbook",
            "site.yml",
            "-i",
            f"inventories/{environment}",
            "--tags",
            "only what always runs",
            "--skip-tags",
            "look_up,version",
            "-e",
            f"ciel_source={ROOT / 'examples/ciel'}",  # a checkout beside this one, which need not be there
            *arguments,
        ],
        cwd=ROOT,
        env=os.environ | {"SCW_CONFIG_PATH": "/nonexistent", "ANSIBLE_NOCOLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    told = done.stdout + done.stderr
    return told if done.returncode else ""


@pytest.mark.parametrize("environment", SYSTEMS)
def test_the_roles_take_the_variables_of(environment):
    hosts = yaml.safe_load((INVENTORIES / environment / "hosts.yml").read_text())
    assert sorted(host for system in SYSTEMS[environment] for host in hosts[system]["hosts"]) == sorted(
        hosts["stacks"]["hosts"]
    )
    assert refuses(environment) == ""


def test_the_roles_take_the_largest_tier():
    assert refuses("prod", "--limit", "ciel", "-e", "@inventories/tiers/ciel/scale.yml") == ""


def test_what_the_roles_do_not_take_is_refused():
    assert "network_vpc: role network has no such variable" in refuses("dev", "-e", "network_vpc=[]")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_overlay_changes_what_ciel_knows(overlay):
    known = yaml.safe_load((INVENTORIES / "ciel.yml").read_text())
    assert set(yaml.safe_load((INVENTORIES / overlay).read_text())) <= set(known)
