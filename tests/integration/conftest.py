"""Sandboxes to test against, and Ansible to test with: as a user has it, in a process of its own."""

from __future__ import annotations

import ipaddress
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items):
    """Whole systems first: they take longest, and one process runs a file from end to end."""
    items.sort(key=lambda item: not hasattr(item.module, "System"))


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: where it is and how to run tasks against it."""

    home: Path
    settings: dict[str, str]  # SANDBOX_* variables, for `python -m sandbox`

    @property
    def profile(self) -> dict:
        """The scw configuration: access_key, secret_key, default_project_id, default_region, api_url, s3_endpoint…"""
        return yaml.safe_load((self.home / "config.yaml").read_text())

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in order to talk to this sandbox and to nothing else."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SCW_", "AWS_"))}
        return inherited | self.settings | {"SCW_CONFIG_PATH": str(self.home / "config.yaml")}

    def cli(self, *arguments: str) -> str:
        """Run `python -m sandbox ...` and give what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"sandbox {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def play(
        self, tasks: list[dict], *options: str, hosts: str = "localhost", extra: dict | None = None
    ) -> dict[str, dict]:
        """Run tasks in one playbook; {task name: result}. Tasks go on after a failure: look at `failed` and `msg`."""
        plays = [{"hosts": hosts, "gather_facts": False, "tasks": [{"ignore_errors": True} | task for task in tasks]}]
        file = self.home / f"play-{os.getpid()}.yml"
        file.write_text(json.dumps(plays))
        return self.playbook(str(file), "-i", "localhost,", "-c", "local", *options, extra=extra)

    def playbook(self, *arguments: str, extra: dict | None = None) -> dict[str, dict]:
        """Run ansible-playbook; {task name: result on the first host}."""
        environment = self.environment | {
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_DEPRECATION_WARNINGS": "0",
        }
        command = [
            "ansible-playbook",
            *arguments,
            "-e",
            json.dumps({"ansible_python_interpreter": sys.executable} | (extra or {})),
        ]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        start = done.stdout.find('{\n    "custom_stats"')
        assert start >= 0, f"{' '.join(arguments)} printed no result:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        report = json.loads(done.stdout[start:])
        return {
            task["task"]["name"]: next(iter(task["hosts"].values()))
            for play in report["plays"]
            for task in play["tasks"]
            if task["hosts"]
        }

    def task(self, module: str, options: dict, *arguments: str, extra: dict | None = None) -> dict:
        """Run one task of this collection and give its result, e.g. task("vpc", {"name": "a"}, "--check")."""
        return self.play([{"name": "it", f"stackway.scaleway.{module}": options}], *arguments, extra=extra)["it"]


@pytest.fixture(scope="session", autouse=True)
def payloads(tmp_path_factory):
    """Build what is sent to hosts once for all playbooks: see callback/payloads.py."""
    os.environ["ANSIBLE_CALLBACK_PLUGINS"] = str(Path(__file__).parent / "callback")
    os.environ["PAYLOADS"] = str(tmp_path_factory.mktemp("payloads"))


@contextmanager
def new_connections():
    """What makes ansible-playbook connect anew instead of by an open connection: environment variables.

    The folder is directly below /tmp: a socket's path is 108 characters at most.
    """
    with tempfile.TemporaryDirectory() as folder:
        yield {"ANSIBLE_SSH_CONTROL_PATH_DIR": folder}


def _sandbox(name: str, port: int, subnet: str, *options: str):
    """Start afresh, and leave nothing behind: not what a run that was killed has left, either."""
    home = Path(tempfile.gettempdir()) / name
    settings = {
        "SANDBOX_HOME": str(home),
        "SANDBOX_NAME": name,
        "SANDBOX_PORT": str(port),
        "SANDBOX_SUBNET": subnet,
    }
    sandbox = Sandbox(home, settings)
    sandbox.cli("reset")
    sandbox.cli("up", *options)
    host = urlsplit(sandbox.profile["api_url"]).hostname
    assert ipaddress.ip_address(host).is_loopback, f"tests run against a local API only, not {host}"
    yield sandbox
    sandbox.cli("reset")


@pytest.fixture(scope="session")
def sandbox(slot):
    """The whole sandbox, with real servers behind its API."""
    yield from _sandbox(f"stackway-test-{slot}", 8070 + 2 * slot, f"10.{120 + 2 * slot}.0.0/16")


@pytest.fixture(scope="session")
def api_sandbox(slot):
    """The API alone, for what needs no server behind it."""
    yield from _sandbox(f"stackway-test-api-{slot}", 8071 + 2 * slot, f"10.{121 + 2 * slot}.0.0/16", "--api-only")


@pytest.fixture(scope="session")
def new_sandbox(slot):
    """An API of its own, empty, for tests that break it or count what is in it: `with new_sandbox() as sandbox`."""

    @contextmanager
    def make():
        made = _sandbox(f"stackway-test-new-{slot}", 8170 + slot, f"10.{160 + slot}.0.0/16", "--api-only")
        try:
            yield next(made)
        finally:
            next(made, None)

    return make
