"""A system as its operators have it: the playbooks, in a sandbox of its own."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .conftest import ROOT, Sandbox
from .load import VISITORS

INVENTORY = "inventories/sandbox"


@dataclass(frozen=True)
class Run:
    """What a run of ansible-playbook printed."""

    code: int
    output: str

    @property
    def last_line(self) -> str:
        return self.output.rstrip().splitlines()[-1]

    def recap(self) -> dict[str, dict[str, int]]:
        """{host: {ok, changed, failed...}}"""
        lines = re.findall(r"^(\S+)\s+: (ok=.*)$", self.output, re.MULTILINE)
        return {host: {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", counts)} for host, counts in lines}

    def resources(self) -> list[str]:
        """What the plan or the summary lists of resources: ["+ vpc shop"]. Hosts are told with a colon."""
        listed = self.output[self.output.rindex("\nPLAN " if "\nPLAN " in self.output else "\nSUMMARY ") :]
        return re.findall(r"^  ([+~±-] [^:\n]+)$", listed, re.MULTILINE)

    def kinds(self) -> list[str]:
        """The same without to whom, since what has no name is called by its id: ["+ vpc"]."""
        return [" ".join(line.split()[:2]) for line in self.resources()]


class System:
    name: str
    """Its group in the inventory."""
    inventory = INVENTORY

    def __init__(self, sandbox: Sandbox):
        self.sandbox = sandbox

    def start(self, *arguments: str, environment: dict[str, str] | None = None, **options) -> subprocess.Popen:
        """Start ansible-playbook, with options of Popen."""
        return subprocess.Popen(
            ["ansible-playbook", *arguments, "-i", self.inventory, "--limit", self.name],
            cwd=ROOT,
            env=self.sandbox.environment | {"ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_NOCOLOR": "1"} | (environment or {}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
        )  # fmt: skip

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> Run:
        process = self.start(*arguments, environment=environment)
        output, errors = process.communicate()
        return Run(process.returncode, output + errors * bool(process.returncode))

    def succeed(self, *arguments: str, environment: dict[str, str] | None = None) -> Run:
        run = self.run(*arguments, environment=environment)
        assert run.code == 0, run.output[-6000:]
        return run

    def ci(self, job: str, folder: Path) -> dict[str, str]:
        """What a CI has in its environment for a job: the key that playbooks/ci_access.yml wrote, and the servers' private key."""
        if not (folder / f"{self.name}-{job}.env").exists():
            self.succeed("playbooks/ci_access.yml", "-e", f"ci_access_folder={folder}")
        key = dict(line.split("=") for line in (folder / f"{self.name}-{job}.env").read_text().splitlines())
        return key | {
            "ANSIBLE_SSH_AGENT": "auto",
            "ANSIBLE_PRIVATE_KEY": (self.sandbox.home / "id_ed25519").read_text(),
        }

    def writes(self) -> list[str]:
        """The calls since the last time that were to change something."""
        calls = self.sandbox.cli("requests", "-n", "10000").splitlines()
        self.sandbox.cli("requests", "--clear")
        return [call for call in calls if re.search(r" (POST|PUT|PATCH|DELETE) ", call)]

    @staticmethod
    def findings(run: Run) -> dict[str, tuple[str, str]]:
        """What the doctor's table says: {check: (state, seen)}"""
        lines = re.findall(r"^ +(ok|warn|fail) +(.+?)  +(.+)$", run.output, re.MULTILINE)
        return {check: (state, seen) for state, check, seen in lines}

    def records(self) -> dict[str, int]:
        """{kind: how many exist}"""
        return json.loads(self.sandbox.cli("status"))["records"]

    def from_outside(self, *command: str) -> subprocess.Popen:
        """Start a command at the visitor's."""
        visitor = f"{self.sandbox.settings['SANDBOX_NAME']}-visitor"
        return subprocess.Popen(["docker", "exec", visitor, *command], stdout=subprocess.PIPE, text=True)

    @contextmanager
    def visited(self, url: str):
        """Visitors ask a URL all the while; what they saw is told at the end: {"answered", "versions", "failed"}."""
        seen, enough = {}, "/tmp/enough"
        self.from_outside("rm", "-f", enough).wait()
        visitors = self.from_outside("python3", "-c", VISITORS, url, enough)
        try:
            yield seen
        finally:
            self.from_outside("touch", enough).wait()
            seen |= json.loads(visitors.communicate()[0])

    def info(self, module: str, key: str) -> list[dict]:
        result = self.sandbox.task(module, {})
        assert not result.get("failed"), result.get("msg")
        return result[key]
