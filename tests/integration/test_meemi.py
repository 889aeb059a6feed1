"""meemi from nothing to its removal, as its operators and its users have it: in a sandbox of its own, in this order."""

from __future__ import annotations

import json
import re

import pytest

from .conftest import _sandbox
from .system import System


class Meemi(System):
    name = "meemi"

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


def test_it_goes_with_its_name_and_its_data(meemi):
    meemi.succeed("playbooks/destroy.yml", "-e", "confirm=meemi", "-e", "destroy_data=true")
    visitor = meemi.from_outside("getent", "hosts", "meemit.mainittu.fi")
    assert (visitor.communicate()[0], visitor.returncode) == ("", 2)
    left = {kind for kind, count in meemi.records().items() if count}
    assert not left & {"containers.container", "containers.domain", "iam.application", "iam.policy"}
