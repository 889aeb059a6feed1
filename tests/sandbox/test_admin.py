"""Faults, freezes and the request log; what a restart keeps."""

import pytest
import requests

from sandbox.server import running
from sandbox.services.iam import ApiKeys, Groups
from sandbox.settings import Settings


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
