"""The records of a zone change once, even when the answer to the change is lost."""

from __future__ import annotations

import pytest
from ansible_collections.stackway.scaleway.plugins.module_utils.client import Client
from ansible_collections.stackway.scaleway.plugins.module_utils.credentials import Credentials
from ansible_collections.stackway.scaleway.plugins.module_utils.resource import reconcile
from ansible_collections.stackway.scaleway.plugins.modules.domain_record import DomainRecord

from sandbox.admin import Fault
from sandbox.server import running
from sandbox.settings import Settings

OPTIONS = {"dns_zone": "lost.example.com", "name": "www", "type": "A", "data": ["192.0.2.1"], "exclusive": True}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    home = tmp_path_factory.mktemp("home") / "sandbox"
    with running(Settings(name="lost", home=home, port=0, api_only=True)) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox):
    return Client(Credentials.load({"config_path": str(sandbox.settings.config)}), timeout=20)


@pytest.mark.parametrize("kind", ["lost", "reset", "500"])
def test_a_change_whose_answer_is_lost_is_made_once(sandbox, client, kind):
    domain = "domain.v2beta1.DomainV2Beta1API"
    client.call(domain, "create_dns_zone", domain="example.com", subdomain="lost")
    sandbox.faults.rules.append(Fault(kind, method="PATCH", path="*/records", count=1))
    outcome = reconcile(DomainRecord(client, OPTIONS | {"state": "present"}))
    assert outcome.after["data"] == ["192.0.2.1"]
    assert len(outcome.after["ids"]) == 1
    client.call(domain, "delete_dns_zone", dns_zone="lost.example.com")
