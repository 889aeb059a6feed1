"""meemi from nothing to its removal, as its operators and its users have it: in a sandbox of its own, in this order."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from .conftest import ROOT, _sandbox
from .system import System

UNCHANGED = "0 added, 0 changed, 0 destroyed"
URL = "https://meemit.mainittu.fi"


class Meemi(System):
    name = "meemi"

    def version(self) -> str:
        asked = f"import urllib.request; print(urllib.request.urlopen('{URL}/health').read().decode())"
        return json.loads(self.from_outside("python3", "-c", asked).communicate()[0])["version"]

    def secrets(self) -> list[str]:
        names = [("database-url", ""), ("jwt-secret", ""), ("verify-password", ""), ("api-key", ", field='secret_key'")]
        lookups = ", ".join(f"lookup('stackway.scaleway.secret', '/meemi/{name}'{field})" for name, field in names)
        found = self.sandbox.play([{"name": "secrets", "ansible.builtin.debug": {"msg": f"{{{{ [{lookups}] }}}}"}}])
        return found["secrets"]["msg"]


@pytest.fixture(scope="module")
def meemi(slot):
    """An empty account of its own."""
    for sandbox in _sandbox(f"stackway-meemi-{slot}", 8190 + slot, f"10.{210 + slot}.0.0/16"):
        yield Meemi(sandbox)


def test_a_bucket_that_would_be_public_unasked_is_refused_before_anything_is_made(meemi):
    opened = {"storage_buckets": [{"name": "meemit-media", "acl": "public-read"}], "storage_public_buckets": []}
    meemi.writes()
    run = meemi.run("site.yml", "-e", json.dumps(opened))
    assert run.code != 0 and "open it to the public" in run.output
    assert meemi.writes() == []


def test_from_nothing_to_verified_as_planned(meemi):
    planned = meemi.succeed("site.yml", "--check")
    assert meemi.records().get("containers.container", 0) == 0
    run = meemi.succeed("site.yml", "playbooks/verify.yml")
    assert re.match(r"Done in \d+ s: \d+ added, 2 changed, 0 destroyed", run.last_line)
    assert [line.split(" (")[0] for line in planned.resources()] == [
        re.sub("(container_domain) .*", r"\1", line)
        for line in run.resources()  # its id is known after apply
    ]
    assert len(secrets := meemi.secrets()) == 4
    assert not [secret for secret in secrets if secret in planned.output + run.output]


def test_a_second_run_changes_nothing(meemi):
    meemi.writes()
    run = meemi.succeed("site.yml")
    assert {host: counts["changed"] for host, counts in run.recap().items()} == {"meemi-control": 0}
    assert meemi.writes() == []


def test_the_keys_of_a_ci_do_their_job_and_nothing_else(meemi, tmp_path):
    """A drift key reads, a deploy key rolls out a new image besides; neither has to do with keys."""
    look = ("playbooks/drift.yml", "--check", "--diff", "-e", f"report_path={tmp_path / 'drift'}")
    access = ("playbooks/ci_access.yml", "-e", f"ci_access_folder={tmp_path}")
    assert not meemi.succeed(*access).last_line.endswith(UNCHANGED)
    assert meemi.succeed(*access).last_line.endswith(UNCHANGED)
    drift, deploy = meemi.ci("drift", tmp_path), meemi.ci("deploy", tmp_path)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("*.env")} == {0o600}
    assert meemi.succeed(*look, environment=drift).last_line == "Plan: 0 to add, 0 to change, 0 to destroy"

    source = tmp_path / "meemi"
    shutil.copytree(ROOT / "examples/meemi", source, ignore=shutil.ignore_patterns("__pycache__"))
    with Path(source / "meemi/__init__.py").open("a") as file:
        file.write("\n# another version\n")
    new = ("-e", f"meemi_source={source}")
    assert meemi.run(*look, *new, environment=drift).code == 2
    meemi.writes()
    assert meemi.run("site.yml", *new, environment=drift).code != 0
    assert all(call.startswith("403 ") for call in meemi.writes())
    assert "container meemi" in meemi.succeed("site.yml", *new, environment=deploy).output
    gone = ("playbooks/ci_access.yml", "-e", "ci_access_state=absent")
    assert "insufficient permissions" in meemi.run(*gone, environment=deploy).output
    meemi.succeed(*gone)
    assert meemi.run(*look, environment=drift).code != 0


def test_versions_come_and_go_without_a_failed_request(meemi, tmp_path):
    """What is not good goes by itself: a version whose migration fails, so that it never starts, and one that verification refuses."""
    source, refuse = tmp_path / "meemi", tmp_path / "refuse.yml"
    shutil.copytree(ROOT / "examples/meemi", source, ignore=shutil.ignore_patterns("__pycache__"))
    refuse.write_text(json.dumps([{"ansible.builtin.fail": {"msg": "it is not to my liking"}}]))
    first = meemi.version()

    def run(playbook, version, *arguments, **variables):
        variables = {
            "version": version,
            "meemi_source": str(source),
            "verify_tasks": [],
        } | variables  # its tasks were proven above
        return meemi.run(f"playbooks/{playbook}.yml", "-e", json.dumps(variables), *arguments)

    for version in ("v1", "v2"):
        (source / "meemi/version.py").write_text(f"VERSION = '{version}'")
        assert run("build", version).code == 0
    meemi.writes()
    assert run("build", "v2").recap()["meemi-control"]["changed"] == 0
    refused = run("deploy", "v3")
    assert refused.code != 0
    assert "Version v3 of image meemi is not in the registry" in refused.output
    assert re.search(f"There are: .*{first}.*, v1, v2\\.", refused.output)
    assert meemi.writes() == []

    with meemi.visited(f"{URL}/health") as seen:
        assert run("deploy", "v1").code == 0
        planned, done = run("deploy", "v2", "--check"), run("deploy", "v2")
        assert planned.resources() == done.resources() == ["~ container meemi", "~ secret deployments"]
        assert meemi.version() == "v2"

        (source / "migrations/003_broken.sql").write_text("SELECT nothing FROM nowhere;")
        broken = run("deploy", "v3", build=True)
        (source / "migrations/003_broken.sql").unlink()
        disliked = run("deploy", "v4", build=True, verify_tasks=[str(refuse)])
        for refused, version, reason in (broken, "v3", "does not respond"), (disliked, "v4", "it is not to my liking"):
            assert refused.code != 0
            assert f"meemi: version {version} was not deployed." in refused.output
            assert reason in refused.output
            assert "There runs now: meemi v2." in refused.output
        assert meemi.version() == "v2"
        meemi.writes()
        assert meemi.succeed("site.yml").recap()["meemi-control"]["changed"] == 0

        refused = run("rollback", "v9")
        assert refused.code != 0
        assert re.search(f"There are: .*{first}.*, v1, v2, v3, v4\\.", refused.output)
        assert meemi.writes() == []
        assert run("rollback", first).code == 0  # two versions ago
        assert meemi.version() == first
    assert seen["failed"] == []
    assert set(seen["versions"]) == {first, "v1", "v2", "v4"}

    assert meemi.succeed("site.yml").recap()["meemi-control"]["changed"] == 0
    told = meemi.succeed("playbooks/history.yml").output
    rows = [line.rstrip("'").split()[-3:] for line in told.splitlines() if re.search(" (deploy|rollback|found) ", line)]
    assert rows == [
        ["rollback", first, "-"], ["deploy", "v2", "v1"], ["deploy", "v1", first], ["found", first, "-"],
    ]  # fmt: skip
    assert f"meemi runs meemi {first}" in told


def test_it_goes_with_its_name_and_its_data(meemi):
    meemi.succeed("playbooks/destroy.yml", "-e", "confirm=meemi", "-e", "destroy_data=true")
    visitor = meemi.from_outside("getent", "hosts", "meemit.mainittu.fi")
    assert (visitor.communicate()[0], visitor.returncode) == ("", 2)
    left = {kind for kind, count in meemi.records().items() if count}
    assert not left & {"containers.container", "containers.domain", "iam.application", "iam.policy"}
