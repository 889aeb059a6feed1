"""Policies are enforced on every call; keys, quotas and expiry."""

import pytest
from scaleway import Client
from scaleway.account.v3 import AccountV3ProjectAPI
from scaleway.iam.v1alpha1 import IamV1Alpha1API
from scaleway.iam.v1alpha1.types import RuleSpecs
from scaleway_core.api import ScalewayException

from sandbox.services.vpc import Vpcs


@pytest.fixture
def iam(client):
    return IamV1Alpha1API(client)


@pytest.fixture
def application(iam):
    made = iam.create_application(name="bot", description="")
    yield made
    iam.delete_application(application_id=made.id)


@pytest.fixture
def bot(iam, application, client):
    """The application, as a client."""
    key = iam.create_api_key(description="", application_id=application.id)
    return Client(
        access_key=key.access_key,
        secret_key=key.secret_key,
        api_url=client.api_url,
        default_organization_id=client.default_organization_id,
        default_project_id=client.default_project_id,
    )


@pytest.fixture
def grant(iam, application):
    """Give the application permission sets, in a project or everywhere."""
    made = []

    def give(*names, project=None):
        scope = {"project_ids": [project] if project else None}
        scope |= {} if project else {"organization_id": application.organization_id}
        rule = RuleSpecs(condition="", permission_set_names=list(names), **scope)
        made.append(iam.create_policy(name="bot", description="", rules=[rule], application_id=application.id))
        return made[-1]

    yield give
    for policy in made:
        iam.delete_policy(policy_id=policy.id)


def refusal(call, **arguments) -> tuple[int, dict]:
    with pytest.raises(ScalewayException) as caught:
        call(**arguments)
    return caught.value.status_code, caught.value.response.json()


def test_without_a_policy_nothing_is_allowed(bot):
    status, body = refusal(IamV1Alpha1API(bot).list_ssh_keys)
    assert (status, body["type"]) == (403, "permissions_denied")
    assert body["details"] == [{"action": "read", "resource": "ssh_key"}]


def test_reading_is_not_writing(bot, grant):
    grant("AllProductsReadOnly")
    assert IamV1Alpha1API(bot).list_ssh_keys().total_count == 0
    status, body = refusal(IamV1Alpha1API(bot).create_ssh_key, public_key="ssh-ed25519 AAAA", name="x")
    assert (status, body["details"]) == (403, [{"action": "create", "resource": "ssh_key"}])


def test_all_products_are_not_the_organization(bot, grant):
    grant("AllProductsFullAccess")
    assert refusal(IamV1Alpha1API(bot).list_applications)[0] == 403
    grant("IAMReadOnly")
    assert [found.name for found in IamV1Alpha1API(bot).list_applications().applications] == ["bot"]


def test_a_rule_holds_in_its_projects_only(client, api, bot, grant):
    other = AccountV3ProjectAPI(client).create_project(name="other", description="")
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1ot6MnCgDYzsfpo7MDlFOM4NCxSXtXXH30fEb2LKB1"
    hidden = IamV1Alpha1API(client).create_ssh_key(public_key=key, name="owner's")
    grant("SSHKeysFullAccess", project=other.id)
    theirs = IamV1Alpha1API(bot)
    made = theirs.create_ssh_key(public_key=key, name="bot's", project_id=other.id)
    assert refusal(theirs.create_ssh_key, public_key=key, name="x")[0] == 403
    assert refusal(theirs.get_ssh_key, ssh_key_id=hidden.id)[0] == 403
    seen = api.get("/iam/v1alpha1/ssh-keys", headers={"X-Auth-Token": bot.secret_key}).json()
    assert [found["name"] for found in seen["ssh_keys"]] == ["bot's"]
    theirs.delete_ssh_key(ssh_key_id=made.id)
    IamV1Alpha1API(client).delete_ssh_key(ssh_key_id=hidden.id)
    AccountV3ProjectAPI(client).delete_project(project_id=other.id)


def test_a_group_gives_what_its_policies_allow(iam, application, bot):
    group = iam.create_group(name="readers", description="")
    everywhere = {"project_ids": None, "organization_id": application.organization_id}
    rule = RuleSpecs(condition="", permission_set_names=["IAMReadOnly"], **everywhere)
    policy = iam.create_policy(name="readers", description="", rules=[rule], group_id=group.id)
    assert refusal(IamV1Alpha1API(bot).list_users)[0] == 403
    iam.add_group_member(group_id=group.id, application_id=application.id)
    assert IamV1Alpha1API(bot).list_users().total_count == 1
    iam.delete_policy(policy_id=policy.id)
    iam.delete_group(group_id=group.id)


def test_a_deleted_application_leaves_its_groups(iam, api):
    group = iam.create_group(name="crew", description="")
    gone, stays = (iam.create_application(name=name, description="") for name in ("gone", "stays"))
    iam.set_group_members(group_id=group.id, user_ids=[], application_ids=[gone.id, stays.id])
    iam.delete_application(application_id=gone.id)
    assert iam.get_group(group_id=group.id).application_ids == [stays.id]
    assert refusal(iam.add_group_member, group_id=group.id, application_id=gone.id)[0] == 404
    iam.delete_group(group_id=group.id)
    iam.delete_application(application_id=stays.id)


def test_who_is_in_a_group_already_is_not_asked_for_again(sandbox, iam, application):
    group = iam.create_group(name="crew", description="")
    missing = "11111111-1111-1111-1111-111111111111"
    sandbox.store.change("iam.group", group.id, application_ids=[missing])  # as an earlier sandbox left it
    assert iam.add_group_member(group_id=group.id, application_id=application.id).application_ids == [
        missing,
        application.id,
    ]
    iam.remove_group_member(group_id=group.id, application_id=missing)
    assert iam.add_group_members(group_id=group.id, application_ids=[application.id]).application_ids == [
        application.id
    ]
    assert refusal(iam.add_group_members, group_id=group.id, application_ids=[missing])[0] == 404
    iam.delete_group(group_id=group.id)


@pytest.mark.parametrize("token", ["", "11111111-1111-1111-1111-111111111111"])
def test_an_unknown_token_is_refused(sandbox, api, token):
    answer = api.get("/iam/v1alpha1/users", headers={"X-Auth-Token": token})
    assert (answer.status_code, answer.json()["type"]) == (401, "denied_authentication")


def test_a_key_expires_and_a_deleted_one_is_refused(iam, application, bot, grant, api):
    grant("IAMReadOnly")
    headers = {"X-Auth-Token": bot.secret_key}
    assert api.get("/iam/v1alpha1/users", headers=headers).status_code == 200
    past = {"expires_at": "2020-01-01T00:00:00+01:00"}
    assert (
        api.patch(f"/iam/v1alpha1/api-keys/{bot.access_key}", json=past).json()["expires_at"] == "2019-12-31T23:00:00Z"
    )
    assert api.get("/iam/v1alpha1/users", headers=headers).status_code == 401
    iam.delete_api_key(access_key=bot.access_key)
    assert api.get("/iam/v1alpha1/users", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({"permission_set_names": ["NoSuchThing"], "organization_id": "x"}, "permission_set_names"),
        ({"permission_set_names": [], "organization_id": "x"}, "permission_set_names"),
        ({"permission_set_names": ["RedisReadOnly"]}, "scope"),
        ({"permission_set_names": ["IAMManager"], "project_ids": ["x"]}, "permission_set_names"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(api, rule, fault):
    answer = api.post("/iam/v1alpha1/policies", json={"name": "x", "no_principal": True, "rules": [rule]})
    assert (answer.status_code, answer.json()["details"][0]["argument_name"]) == (400, fault)


def test_a_policy_has_one_principal(api, application):
    for principals in ({}, {"no_principal": True, "application_id": application.id}):
        answer = api.post("/iam/v1alpha1/policies", json={"name": "x", "rules": []} | principals)
        assert answer.json()["details"][0]["argument_name"] == "principal"


def test_quotas(api, sandbox):
    sandbox.quotas.limits = {"iam.group": 0}
    answer = api.post("/iam/v1alpha1/groups", json={"name": "x"})
    sandbox.quotas.limits = {}
    assert answer.status_code == 403
    assert answer.json()["type"] == "quotas_exceeded"
    assert answer.json()["details"] == [{"resource": "group", "quota": 0, "current": 0}]


def test_what_is_no_ssh_key_is_refused(api):
    for text in ("", "ssh-ed25519", "ssh-ed25519 nonsense", "-----BEGIN OPENSSH PRIVATE KEY-----"):
        answer = api.post("/iam/v1alpha1/ssh-keys", json={"name": "x", "public_key": text})
        assert answer.json()["details"][0]["argument_name"] == "public_key", text


def test_the_default_project_is_the_organization(client):
    default = AccountV3ProjectAPI(client).get_project()
    assert (default.id, default.name) == (client.default_organization_id, "default")


def test_a_project_that_holds_something_stays(sandbox, client, api):
    projects = AccountV3ProjectAPI(client)
    project = projects.create_project(name="held", description="")
    sandbox.services[Vpcs].default("fr-par", project.id)  # comes with a project's first network
    body = {
        "name": "x",
        "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1ot6MnCgDYzsfpo7MDlFOM4NCxSXtXXH30fEb2LKB1",
    }
    key = api.post("/iam/v1alpha1/ssh-keys", json=body | {"project_id": project.id}).json()
    status, body = refusal(projects.delete_project, project_id=project.id)
    assert (status, body["precondition"]) == (412, "resource_not_usable")
    api.delete(f"/iam/v1alpha1/ssh-keys/{key['id']}")
    projects.delete_project(project_id=project.id)
    assert not sandbox.store.find("vpc.vpc", project_id=project.id)
    assert refusal(projects.delete_project, project_id=client.default_project_id)[0] == 412
