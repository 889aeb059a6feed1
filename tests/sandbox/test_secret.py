"""Secret Manager through the SDK."""

import base64
import json
import time

import pytest
from scaleway.account.v3 import AccountV3ProjectAPI
from scaleway.secret.v1beta1 import EphemeralPolicy, SecretV1Beta1API
from scaleway_core.api import ScalewayException


@pytest.fixture
def secrets(client):
    return SecretV1Beta1API(client)


@pytest.fixture
def make(secrets):
    made = []

    def create(name, *values, **options):
        secret = secrets.create_secret(name=name, **{"protected": False} | options)
        made.append(secret)
        for value in values:
            secrets.create_secret_version(secret_id=secret.id, data=encoded(value))
        return secret

    yield create
    for secret in made:
        if secrets.get_secret(secret_id=secret.id).protected:
            secrets.unprotect_secret(secret_id=secret.id)
        secrets.delete_secret(secret_id=secret.id)


def encoded(value):
    return base64.b64encode(value.encode()).decode()


def read(secrets, secret, revision="latest_enabled"):
    return base64.b64decode(secrets.access_secret_version(secret_id=secret.id, revision=revision).data).decode()


def refused(call, **options):
    with pytest.raises(ScalewayException) as error:
        call(**options)
    return error.value.response.json()


def test_versions_count_up_and_the_newest_enabled_is_read(secrets, make):
    secret = make("counted", "one", "two", "three")
    assert read(secrets, secret) == read(secrets, secret, "latest") == read(secrets, secret, "3") == "three"
    secrets.disable_secret_version(secret_id=secret.id, revision="3")
    assert read(secrets, secret) == "two"
    assert refused(secrets.access_secret_version, secret_id=secret.id, revision="3")["type"] == "precondition_failed"
    secrets.delete_secret_version(secret_id=secret.id, revision="2")
    assert read(secrets, secret) == "one"
    assert [v.revision for v in secrets.list_secret_versions_all(secret_id=secret.id)] == [3, 2, 1]
    assert [v.revision for v in secrets.list_secret_versions_all(secret_id=secret.id, status=["enabled"])] == [1]
    new = secrets.create_secret_version(secret_id=secret.id, data=encoded("four"), disable_previous=True)
    assert (new.revision, new.latest) == (4, True)
    assert secrets.get_secret_version(secret_id=secret.id, revision="1").status == "disabled"
    secrets.restore_secret_version(secret_id=secret.id, revision="2")
    assert read(secrets, secret, "2") == "two"
    assert refused(secrets.get_secret_version, secret_id=secret.id, revision="9")["resource"] == "secret_version"


def test_a_path_and_a_name_lead_to_one_secret(secrets, make):
    make("token", "a", path="/app/prod/")
    make("token", "b", path="/app")

    def by_path(path):
        answer = secrets.access_secret_version_by_path(secret_path=path, secret_name="token", revision="latest_enabled")
        return base64.b64decode(answer.data).decode()

    assert [by_path("/app/prod"), by_path("/app")] == ["a", "b"]
    assert refused(secrets.create_secret, name="token", path="/app", protected=False)["type"] == "already_exists"
    missing = {"secret_path": "/", "secret_name": "token", "revision": "latest"}
    assert refused(secrets.access_secret_version_by_path, **missing)["resource"] == "secret"
    items = secrets.browse_secrets(prefix="/app").items
    assert [(item.name, item.folder is not None) for item in items] == [("prod", True), ("token", False)]


def test_deletion_is_soft(secrets):
    secret = secrets.create_secret(name="soft", protected=True)
    assert refused(secrets.delete_secret, secret_id=secret.id)["precondition"] == "protected_resource"
    secrets.unprotect_secret(secret_id=secret.id)
    secrets.delete_secret(secret_id=secret.id)
    assert secrets.get_secret(secret_id=secret.id).deletion_requested_at
    assert not secrets.list_secrets(scheduled_for_deletion=False, name="soft").secrets
    assert secrets.list_secrets(scheduled_for_deletion=True, name="soft").secrets
    again = secrets.create_secret(name="soft", protected=False)
    assert refused(secrets.restore_secret, secret_id=secret.id)["type"] == "already_exists"
    secrets.delete_secret(secret_id=again.id)
    assert secrets.restore_secret(secret_id=secret.id).deletion_requested_at is None
    secrets.delete_secret(secret_id=secret.id)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("key_value", {"a": "b"}, {"a": {"b": "c"}}),
        ("basic_credentials", {"username": "u", "password": "p"}, {"username": "u"}),
        ("ssh_key", None, {"ssh_private_key": "nonsense"}),
        ("certificate", None, "no PEM"),
    ],
)
def test_payloads_fit_their_type(secrets, make, kind, good, bad):
    secret = make(f"typed-{kind}", type_=kind)
    if good:
        secrets.create_secret_version(secret_id=secret.id, data=encoded(json.dumps(good)))
    payload = bad if isinstance(bad, str) else json.dumps(bad)
    [detail] = refused(secrets.create_secret_version, secret_id=secret.id, data=encoded(payload))["details"]
    assert (detail["argument_name"], detail["reason"]) == ("data", "format")


def test_ephemeral_versions_end(secrets, make):
    once = EphemeralPolicy(action="disable", expires_once_accessed=True)
    secret = make("once", "x", ephemeral_policy=once)
    assert read(secrets, secret, "1") == "x"
    assert secrets.get_secret_version(secret_id=secret.id, revision="1").status == "disabled"
    brief = make("brief", "x", ephemeral_policy=EphemeralPolicy(action="delete", time_to_live="1.000000000s"))
    assert secrets.get_secret(secret_id=brief.id).ephemeral_policy.time_to_live == "1s"
    long = make("long", ephemeral_policy=EphemeralPolicy(action="delete", time_to_live="31536000s"))
    assert secrets.get_secret(secret_id=long.id).ephemeral_policy.time_to_live == "31536000s"
    time.sleep(1.1)
    assert secrets.list_secret_versions(secret_id=brief.id).versions[0].status == "deleted"
    assert refused(secrets.access_secret_version, secret_id=brief.id, revision="1")["type"] == "precondition_failed"


def test_by_path_the_secret_is_that_of_the_project(client, secrets, make):
    other = AccountV3ProjectAPI(client).create_project(name="elsewhere", description="")

    def by_path(**project):
        found = secrets.access_secret_version_by_path(
            revision="latest", secret_path="/", secret_name="shared", **project
        )
        return base64.b64decode(found.data).decode()

    theirs = make("shared", "theirs", project_id=other.id)
    assert refused(by_path)["type"] == "not_found"
    make("shared", "ours")
    assert (by_path(), by_path(project_id=other.id)) == ("ours", "theirs")
    secrets.delete_secret(secret_id=theirs.id)
    assert refused(by_path, project_id=other.id)["type"] == "not_found"


def test_payloads_are_in_a_private_file_and_in_no_answer(sandbox, secrets, make, api):
    secret = make("quiet", "very-secret-payload")
    path = f"/secret-manager/v1beta1/regions/fr-par/secrets/{secret.id}"
    for answer in (api.get(path), api.get(f"{path}/versions"), api.get(f"{path}/versions/1")):
        assert encoded("very-secret-payload") not in answer.text
    assert sandbox.settings.home.stat().st_mode & 0o077 == 0
