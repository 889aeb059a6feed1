"""Keys that work, policies that hold, and what becomes of a key whose secret is lost."""

from __future__ import annotations

import json

import pytest
import requests

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1ot6MnCgDYzsfpo7MDlFOM4NCxSXtXXH30fEb2LKB1"
READER = {"name": "test-reader"}
KEY = {"application_id": "test-reader", "description": "of a test", "store": {"name": "test-reader", "path": "/tests"}}
LOOKUP = "lookup('stackway.scaleway.secret', '/tests/test-reader', field='secret_key')"


@pytest.fixture(scope="module")
def reader(api_sandbox):
    """An application that may read SSH keys, with a key in Secret Manager."""
    rule = {"permission_set_names": ["SSHKeysReadOnly"], "project_ids": [api_sandbox.profile["default_project_id"]]}
    made = api_sandbox.play(
        [
            {"name": "application", "stackway.scaleway.iam_application": READER},
            {
                "name": "policy",
                "stackway.scaleway.iam_policy": READER | {"application_id": "test-reader", "rules": [rule]},
            },
            {"name": "key", "stackway.scaleway.iam_api_key": KEY},
        ]
    )
    assert not any(result.get("failed") for result in made.values()), made
    yield made["key"]["api_key"]
    gone = {"state": "absent"}
    api_sandbox.play(
        [
            {"name": "policy", "stackway.scaleway.iam_policy": READER | gone},
            {"name": "application", "stackway.scaleway.iam_application": READER | gone},
            {"name": "secret", "stackway.scaleway.secret": KEY["store"] | gone},
        ]
    )


def keys(sandbox) -> list[dict]:
    return sandbox.task("iam_api_key_info", {"application_id": "test-reader"})["api_keys"]


def answers(sandbox, secret_key: str) -> int:
    url = f"{sandbox.profile['api_url']}/iam/v1alpha1/ssh-keys?project_id={sandbox.profile['default_project_id']}"
    return requests.get(url, headers={"X-Auth-Token": secret_key}, timeout=10).status_code


def test_a_stored_key_works_and_is_told_to_nobody(api_sandbox, reader):
    assert "secret_key" not in reader
    tasks = [
        {"name": "key", "ansible.builtin.set_fact": {"reader_key": "{{ " + LOOKUP + " }}"}},
        {"name": "read", "stackway.scaleway.iam_ssh_key_info": {"secret_key": "{{ reader_key }}"}},
        {
            "name": "write",
            "stackway.scaleway.iam_ssh_key": {
                "secret_key": "{{ reader_key }}",
                "name": "test-refused",
                "public_key": PUBLIC_KEY,
            },
        },
    ]
    done = api_sandbox.play(tasks)
    secret = done["key"]["ansible_facts"]["reader_key"]
    assert not done["read"].get("failed")
    assert done["write"]["failed"]
    assert "insufficient permissions" in done["write"]["msg"]
    assert "ssh_key" in done["write"]["msg"]
    assert secret not in json.dumps([done["read"], done["write"]])


@pytest.mark.parametrize("secret_gone", ["absent", "emptied"])
def test_a_key_whose_secret_is_lost_is_replaced(api_sandbox, reader, secret_gone):
    before = keys(api_sandbox)
    assert len(before) == 1
    spoil = {"state": "absent"} if secret_gone == "absent" else {"value": "not a key any more"}
    done = api_sandbox.play(
        [
            {"name": "spoil", "stackway.scaleway.secret": KEY["store"] | spoil},
            {"name": "predict", "stackway.scaleway.iam_api_key": KEY, "check_mode": True},
            {"name": "heal", "stackway.scaleway.iam_api_key": KEY},
            {"name": "again", "stackway.scaleway.iam_api_key": KEY},
            {"name": "key", "ansible.builtin.set_fact": {"reader_key": "{{ " + LOOKUP + " }}"}},
        ]
    )
    assert [done[step]["changed"] for step in ("predict", "heal", "again")] == [True, True, False]
    after = keys(api_sandbox)
    assert len(after) == 1
    assert after[0]["access_key"] == done["heal"]["api_key"]["access_key"] != before[0]["access_key"]
    assert answers(api_sandbox, done["key"]["ansible_facts"]["reader_key"]) == 200


@pytest.mark.parametrize("kind", ["500", "429", "409", "reset", "lost"])
def test_a_fault_while_a_key_is_made_leaves_one_key_that_works(api_sandbox, reader, kind):
    api_sandbox.cli("fault", kind, "--count", "2", "--rate", "1", "--path", "/iam/v1alpha1/api-keys")
    options = KEY | {"description": f"made under {kind}", "store": {"name": f"test-{kind}", "path": "/tests"}}
    lookup = f"lookup('stackway.scaleway.secret', '/tests/test-{kind}', field='secret_key')"
    done = api_sandbox.play(
        [
            {"name": "make", "stackway.scaleway.iam_api_key": options},
            {"name": "key", "ansible.builtin.set_fact": {"reader_key": "{{ " + lookup + " }}"}},
            {"name": "read", "stackway.scaleway.iam_ssh_key_info": {"secret_key": "{{ reader_key }}"}},
            {"name": "remove", "stackway.scaleway.iam_api_key": options | {"state": "absent"}},
            {"name": "secret", "stackway.scaleway.secret": options["store"] | {"state": "absent"}},
        ]
    )
    assert not any(result.get("failed") for result in done.values()), done
    assert [key["description"] for key in keys(api_sandbox)] == ["of a test"]


def test_a_revealed_key_is_returned_once(api_sandbox, reader):
    options = {"application_id": "test-reader", "description": "revealed", "reveal": True}
    done = api_sandbox.play(
        [
            {"name": "predict", "stackway.scaleway.iam_api_key": options, "check_mode": True, "diff": True},
            {"name": "make", "stackway.scaleway.iam_api_key": options, "diff": True},
            {"name": "again", "stackway.scaleway.iam_api_key": options},
        ]
    )
    secret = done["make"]["api_key"]["secret_key"]
    assert done["predict"]["api_key"]["secret_key"] == "(known after apply)"
    assert answers(api_sandbox, secret) == 200
    assert done["again"]["api_key"]["secret_key"] is None
    assert secret not in json.dumps(done["make"]["diff"])
    api_sandbox.task("iam_api_key", options | {"state": "absent"})
    assert answers(api_sandbox, secret) == 401


def test_rules_are_a_set(api_sandbox, reader):
    everywhere = {"organization_id": api_sandbox.profile["default_organization_id"]}
    rules = [
        {"permission_set_names": ["RedisReadOnly", "IPAMReadOnly"]} | everywhere,
        {"permission_set_names": ["VPCReadOnly"], "condition": "true"} | everywhere,
    ]
    policy = {"name": "test-rules", "no_principal": True}
    turned = [rules[1], {"permission_set_names": ["IPAMReadOnly", "RedisReadOnly"], "condition": ""} | everywhere]
    done = api_sandbox.play(
        [
            {"name": "make", "stackway.scaleway.iam_policy": policy | {"rules": rules}},
            {"name": "turn", "stackway.scaleway.iam_policy": policy | {"rules": turned}},
            {"name": "assign", "stackway.scaleway.iam_policy": {"name": "test-rules", "application_id": "test-reader"}},
            {"name": "empty", "stackway.scaleway.iam_policy": {"name": "test-rules", "rules": []}},
            {"name": "remove", "stackway.scaleway.iam_policy": {"name": "test-rules", "state": "absent"}},
        ]
    )
    assert [done[step]["changed"] for step in done] == [True, False, True, True, True]
    assert "no_principal" not in done["assign"]["policy"]
    assert len(done["assign"]["policy"]["rules"]) == 2
    assert done["empty"]["policy"]["rules"] == []


def test_a_rename_goes_by_id(api_sandbox):
    made = api_sandbox.task("iam_application", {"name": "test-before"})["application"]
    renamed = api_sandbox.task("iam_application", {"id": made["id"], "name": "test-after"})
    assert renamed["changed"] and renamed["application"]["name"] == "test-after"
    assert api_sandbox.task("iam_application_info", {"name": "test-before"})["applications"] == []
    assert api_sandbox.task("iam_application", {"id": made["id"], "state": "absent"})["changed"]
    refused = api_sandbox.task("iam_application", {"id": made["id"], "name": "x"})
    assert f"id: application {made['id']} does not exist" in refused["msg"]


def test_two_of_one_name_are_an_error_that_names_both(api_sandbox):
    profile = api_sandbox.profile
    ids = [
        requests.post(
            f"{profile['api_url']}/iam/v1alpha1/applications",
            headers={"X-Auth-Token": profile["secret_key"]},
            json={"name": "test-twin"},
            timeout=10,
        ).json()["id"]
        for _ in range(2)
    ]
    refused = api_sandbox.task("iam_application", {"name": "test-twin", "description": "which?"})
    assert refused["failed"] and all(id in refused["msg"] for id in ids)
    for id in ids:
        api_sandbox.task("iam_application", {"id": id, "state": "absent"})


def test_a_wrong_key_is_refused_and_not_shown(api_sandbox):
    wrong = "00000000-0000-4000-8000-000000000000"
    refused = api_sandbox.task("iam_application", {"name": "x", "secret_key": wrong})
    assert refused["failed"] and "denied" in refused["msg"]
    assert wrong not in json.dumps(refused)


def test_a_quota_is_named(api_sandbox):
    url = f"{api_sandbox.profile['api_url']}/_sandbox/quotas"
    requests.put(url, json={"iam.application": 0}, timeout=10)
    refused = api_sandbox.task("iam_application", {"name": "test-too-many"})
    requests.put(url, json={}, timeout=10)
    assert refused["failed"] and "quota" in refused["msg"]


def test_a_project_that_holds_something_is_not_deleted(api_sandbox):
    done = api_sandbox.play(
        [
            {
                "name": "project",
                "stackway.scaleway.account_project": {"name": "test-held"},
                "register": "held",
            },
            {
                "name": "key",
                "stackway.scaleway.iam_ssh_key": {
                    "project_id": "{{ held.project.id }}",
                    "name": "test-held",
                    "public_key": PUBLIC_KEY,
                },
            },
            {"name": "refused", "stackway.scaleway.account_project": {"name": "test-held", "state": "absent"}},
            {
                "name": "empty",
                "stackway.scaleway.iam_ssh_key": {
                    "project_id": "{{ held.project.id }}",
                    "name": "test-held",
                    "state": "absent",
                },
            },
            {"name": "remove", "stackway.scaleway.account_project": {"name": "test-held", "state": "absent"}},
        ]
    )
    assert done["refused"]["failed"] and "still holds 1 resource" in done["refused"]["msg"]
    assert done["remove"]["changed"]


def test_a_project_that_check_mode_predicts_can_be_built_upon(api_sandbox):
    options = {"name": "test-predicted", "public_key": PUBLIC_KEY, "project_id": "{{ predicted.project.id }}"}
    done = api_sandbox.play(
        [
            {
                "name": "project",
                "stackway.scaleway.account_project": {"name": "test-predicted"},
                "register": "predicted",
            },
            {"name": "key", "stackway.scaleway.iam_ssh_key": options},
            {"name": "application", "stackway.scaleway.iam_application": {"name": "test-predicted"}, "register": "bot"},
            {
                "name": "api key",
                "stackway.scaleway.iam_api_key": {
                    "application_id": "{{ bot.application.id }}",
                    "description": "x",
                    "default_project_id": "{{ predicted.project.id }}",
                    "store": {"name": "test-predicted"},
                },
            },
            {
                "name": "policy",
                "stackway.scaleway.iam_policy": {
                    "name": "test-predicted",
                    "application_id": "{{ bot.application.id }}",
                    "rules": [
                        {
                            "permission_set_names": ["VPCReadOnly"],
                            "project_ids": ["{{ predicted.project.id }}"],
                        }
                    ],
                },
            },
        ],
        "--check",
        "--diff",
    )
    assert all(result["changed"] for result in done.values()), done
    assert api_sandbox.task("account_project_info", {"name": "test-predicted"})["projects"] == []
