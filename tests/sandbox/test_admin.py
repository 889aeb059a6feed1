"""Faults, freezes and the request log; who reaches a sandbox; what a restart keeps."""

import os
import re
import struct
import subprocess
import sys
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from scaleway.iam.v1alpha1 import IamV1Alpha1API, RuleSpecs

from sandbox import server
from sandbox.server import free_port, running
from sandbox.services.iam import ApiKeys, Groups
from sandbox.settings import Settings

from .conftest import Api

LISTENING, UNCONNECTED = "0A", "07"
"""States of sockets in /proc/net."""


@pytest.fixture(autouse=True)
def clean(api):
    yield
    api.delete("/_sandbox/faults")
    api.delete("/_sandbox/requests")


@pytest.mark.parametrize("kind", ["429", "500", "503", "409"])
def test_a_fault_answers_instead(api, kind):
    api.post("/_sandbox/faults", json={"kind": kind, "path": "/iam/*", "method": "GET", "count": 1})
    answer = api.get("/iam/v1alpha1/users")
    assert answer.status_code == int(kind)
    assert (answer.content == b"") == (kind == "429")
    assert api.get("/iam/v1alpha1/users").status_code == 200


def test_a_fault_hits_only_what_it_names(api):
    api.post("/_sandbox/faults", json={"kind": "500", "path": "/rdb/*"})
    api.post("/_sandbox/faults", json={"kind": "500", "method": "POST"})
    assert api.get("/iam/v1alpha1/users").status_code == 200
    assert api.post("/iam/v1alpha1/groups", json={"name": "x"}).status_code == 500


def test_a_rate_is_a_share(api):
    api.post("/_sandbox/faults", json={"kind": "500", "rate": 0.5})
    failed = sum(api.get("/iam/v1alpha1/users").status_code == 500 for _ in range(60))
    assert 15 < failed < 45


def test_a_connection_is_dropped(api):
    api.post("/_sandbox/faults", json={"kind": "reset", "count": 1})
    with pytest.raises(requests.ConnectionError):
        api.get("/iam/v1alpha1/users")
    assert api.get("/iam/v1alpha1/users").status_code == 200


def test_an_answer_is_lost(api):
    api.post("/_sandbox/faults", json={"kind": "lost", "count": 1})
    with pytest.raises(requests.ConnectionError):
        api.post("/iam/v1alpha1/groups", json={"name": "made all the same", "description": ""})
    groups = api.get("/iam/v1alpha1/groups", params={"name": "made all the same"}).json()
    assert groups["total_count"] == 1


def test_the_dice_have_a_seed(api):
    def throw(seed):
        api.delete(f"/_sandbox/faults?seed={seed}")
        api.post("/_sandbox/faults", json={"kind": "500", "rate": 0.5})
        return [api.get("/iam/v1alpha1/users").status_code for _ in range(20)]

    assert throw(1) == throw(1) != throw(2)


def test_an_answer_is_slow(api):
    api.post("/_sandbox/faults", json={"kind": "slow", "ms": 200, "count": 1})
    assert api.get("/iam/v1alpha1/users").elapsed.total_seconds() > 0.2


@pytest.mark.parametrize("fault", [{"kind": "earthquake"}, {"kind": "500", "colour": "red"}])
def test_a_fault_that_does_not_exist_is_refused(api, fault):
    assert api.post("/_sandbox/faults", json=fault).status_code == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("ms", value) for value in ("100", -1, 0.5, None, True)),
        *(("count", value) for value in ("1", -1, 1.5, True)),
        *(("rate", value) for value in ("0.5", -0.1, 1.1, None, True)),
        *((field, value) for field in ("path", "method") for value in (None, 7)),
        ("kind", None),
        ("kind", ["500"]),
    ],
)
def test_a_fault_that_could_not_happen_is_refused_and_breaks_nothing(api, field, value):
    answer = api.post("/_sandbox/faults", json={"kind": "slow"} | {field: value})
    assert (answer.status_code, answer.json()["details"][0]["argument_name"]) == (400, field), answer.text
    assert api.get("/_sandbox/faults").json() == {"faults": []}


def test_a_fault_without_a_count_has_no_end(api):
    assert api.post("/_sandbox/faults", json={"kind": "503", "count": None, "rate": 1}).status_code == 200
    assert [api.get("/iam/v1alpha1/users").status_code for _ in range(3)] == [503] * 3


@pytest.mark.parametrize(
    ("method", "path", "body", "argument"),
    [
        ("GET", "/requests?n=abc", None, "n"),
        ("GET", "/requests?n=-1", None, "n"),
        ("DELETE", "/faults?seed=x", None, "seed"),
        ("PUT", "/quotas", {"iam.group": "x"}, "iam.group"),
        ("PUT", "/quotas", {"iam.group": -1}, "iam.group"),
        ("PUT", "/quotas", {"iam.group": None}, "iam.group"),
    ],
)
def test_what_is_no_number_is_refused(api, method, path, body, argument):
    answer = api.request(method, f"/_sandbox{path}", json=body)
    assert (answer.status_code, answer.json()["details"][0]["argument_name"]) == (400, argument), answer.text


def test_no_requests_are_none(api):
    assert api.get("/iam/v1alpha1/users").ok
    assert api.get("/_sandbox/requests?n=0").json()["requests"] == []


def test_requests_are_counted(api):
    api.delete("/_sandbox/requests")
    api.get("/iam/v1alpha1/users")
    api.get("/nothing/here")
    found = api.get("/_sandbox/requests?n=1").json()
    assert found["total_count"] == 2
    assert found["by_status"] == {"200": 1, "501": 1}
    assert [call["path"] for call in found["requests"]] == ["/nothing/here"]


def test_what_is_not_served_says_so(api):
    answer = api.put("/k8s/v1/nothing")
    assert (answer.status_code, answer.json()["message"]) == (501, "PUT /k8s/v1/nothing is not served by the sandbox")


def test_a_body_that_is_no_json_is_refused_and_one_with_get_ignored(api):
    headers = {"Content-Type": "application/json"}
    assert api.post("/iam/v1alpha1/groups", data="{", headers=headers).status_code == 400
    assert api.post("/iam/v1alpha1/groups", data="[]", headers=headers).status_code == 400
    assert api.get("/iam/v1alpha1/users", data="{", headers=headers).status_code == 200


class From(HTTPAdapter):
    """Connections that come from this address."""

    def __init__(self, address: str):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *arguments, **named):
        super().init_poolmanager(*arguments, **named, source_address=(self.address, 0))


def test_from_elsewhere_the_admin_api_wants_the_owners_key(sandbox, api, client):
    """Only 127.0.0.1 counts as this host: another address of loopback stands for a machine on the bridge."""
    iam = IamV1Alpha1API(client)
    application = iam.create_application(name="machine", description="")
    rule = RuleSpecs(
        permission_set_names=["AllProductsFullAccess"], condition="", project_ids=[client.default_project_id]
    )
    iam.create_policy(name="machine", description="", application_id=application.id, rules=[rule])
    key = iam.create_api_key(description="", application_id=application.id).secret_key
    elsewhere = Api(sandbox, "")
    elsewhere.mount("http://", From("127.0.0.2"))
    calls = [("GET", "/status"), ("GET", "/requests"), ("POST", "/faults"), ("PUT", "/quotas"), ("DELETE", "/freeze")]
    calls += [("GET", "/object-storage"), ("GET", "/database")]
    for token, status in (("", 401), ("11111111-1111-1111-1111-111111111111", 401), (key, 403)):
        elsewhere.headers["X-Auth-Token"] = token
        for method, path in calls:
            assert elsewhere.request(method, f"/_sandbox{path}", json={}).status_code == status, (path, token)
    elsewhere.headers["X-Auth-Token"] = client.secret_key
    assert elsewhere.get("/_sandbox/status").status_code == 200
    api.headers["X-Auth-Token"] = ""
    try:
        assert api.get("/_sandbox/status").status_code == 200
    finally:
        api.headers["X-Auth-Token"] = client.secret_key


def listening(pid: int | str) -> set[tuple[str, int]]:
    """Addresses and ports at which a process takes connections or packets."""
    owned, found = set(), set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            owned.add(str(file.readlink()))
    for kind, state in (("tcp", LISTENING), ("tcp6", LISTENING), ("udp", UNCONNECTED), ("udp6", UNCONNECTED)):
        for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]:
            _, local, _, now, *rest = line.split()
            if now == state and f"socket:[{rest[5]}]" in owned:
                host, _, port = local.partition(":")
                words = re.findall("........", host)  # of the host's byte order
                address = ip_address(b"".join(struct.pack("=I", int(word, 16)) for word in words))
                found.add((str(address), int(port, 16)))
    return found


def test_a_sandbox_listens_on_loopback_alone(tmp_path):
    before = listening("self")
    with running(Settings(home=tmp_path, port=0, api_only=True)) as sandbox:
        new = listening("self") - before
        assert sandbox.settings.port in {port for _, port in new}
        assert {address for address, _ in new} == {"127.0.0.1"}


def test_a_sandbox_of_its_own_listens_on_loopback_alone(tmp_path):
    port = free_port()
    environment = os.environ | {"SANDBOX_HOME": str(tmp_path), "SANDBOX_NAME": "alone", "SANDBOX_PORT": str(port)}
    command = [sys.executable, "-m", "sandbox"]
    here = {"cwd": Path(__file__).parents[2], "env": environment, "check": True, "capture_output": True, "timeout": 120}
    subprocess.run([*command, "up", "--api-only"], **here)
    try:
        assert {address for address, _ in listening((tmp_path / "pid").read_text())} == {"127.0.0.1"}
    finally:
        subprocess.run([*command, "down"], **here)


def test_with_machines_it_listens_on_its_bridge_too_and_nowhere_else(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(server, "listen", lambda address, port, early=False: asked.append((address, port)))
    monkeypatch.setattr(server, "Sandbox", lambda settings: sys.exit())
    monkeypatch.setattr(server.signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit):
        server.serve(Settings(home=tmp_path, port=8055, subnet="10.77.0.0/16"))
    assert asked == [("127.0.0.1", 8055), ("10.77.0.1", 8055)]


def test_state_survives_a_restart_and_is_private(tmp_path):
    settings = Settings(home=tmp_path, port=0, api_only=True)
    with running(settings) as sandbox:
        owner, organization_id = sandbox.services[ApiKeys].owner(), sandbox.organization_id
        sandbox.services[Groups].add({"name": "kept"})
        assert settings.config.stat().st_mode & 0o777 == 0o600
        assert settings.database.stat().st_mode & 0o777 == 0o600
    with running(settings) as sandbox:
        assert (sandbox.services[ApiKeys].owner(), sandbox.organization_id) == (owner, organization_id)
        assert [group["name"] for group in sandbox.store.all("iam.group")] == ["kept"]
