"""Who gets which token of the registry. What is pushed is looked at in tests/integration/test_serverless.py."""

import pytest

ROOT = "/registry/v1/regions/fr-par"
TOKENS = "/registry/v1/tokens"


@pytest.fixture
def granted(sandbox, monkeypatch):
    """What the registry was told to allow, by the last token."""
    told = []
    monkeypatch.setattr(sandbox.machines.registry, "token", lambda user, granted: told.append(granted) or "token")
    return lambda: [(each.name, each.actions) for each in told[-1]]


def ask(api, scope, password=None):
    api.auth = ("nologin", password) if password else None
    try:
        return api.get(TOKENS, params={"scope": scope})
    finally:
        api.auth = None


def test_who_may_pull_and_push(api, client, granted):
    for name, is_public in (("closed", False), ("open", True)):
        body = {"name": name, "description": "", "is_public": is_public}
        assert api.post(f"{ROOT}/namespaces", json=body).json()["status"] == "ready"
    ask(api, "repository:closed/web:pull,push", client.secret_key)
    assert granted() == [("closed/web", ("pull", "push"))]
    ask(api, "repository:open/web:pull,push")
    assert granted() == [("open/web", ("pull",))]
    ask(api, "repository:closed/web:pull")
    assert granted() == [("closed/web", ())]
    ask(api, "repository:nowhere/web:push", client.secret_key)
    assert granted() == []
    assert ask(api, "repository:open/web:pull", "wrong").status_code == 401


def test_a_name_is_taken_once(api):
    body = {"name": "taken", "description": "", "is_public": False}
    assert api.post(f"{ROOT}/namespaces", json=body).ok
    assert api.post(f"{ROOT}/namespaces", json=body).status_code == 409
    assert api.post(f"{ROOT}/namespaces", json=body | {"name": "Not Good"}).status_code == 400
    assert api.get(f"{ROOT}/namespaces?name=taken").json()["namespaces"][0]["endpoint"] == "rg.fr-par.scw.cloud/taken"
    assert api.get(f"{ROOT}/namespaces/00000000-0000-4000-8000-000000000000").json() == {
        "message": "Namespace was not found"
    }
