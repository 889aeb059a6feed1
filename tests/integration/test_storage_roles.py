"""Roles secrets and storage: what an application finds when they have run, and that a second run finds nothing to do."""

from __future__ import annotations

import json

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

SECRETS = {
    "secrets_path": "/shop/test",
    "secrets_tags": ["shop"],
    "secrets_items": [
        {"name": "db-password"},
        {"name": "session-key", "generate": {"kind": "hex", "length": 16}, "rotation": "1"},
        {"name": "payment-token", "value": "token-from-elsewhere", "description": "of the payment service"},
    ],
}
STORAGE = {
    "storage_tags": {"env": "test"},
    "storage_buckets": [
        {"name": "shop-media", "cors": [{"allowed_origins": ["https://shop.example"], "allowed_methods": ["GET"]}]},
        {"name": "shop-backup", "versioning": True, "lifecycle": [{"id": "cold", "transitions": [
            {"days": 30, "storage_class": "ONEZONE_IA"}]}]},
    ],
    "storage_access": {"application": "shop-media", "secret": "/shop/test/s3"},
}  # fmt: skip


@pytest.fixture
def site(sandbox, tmp_path):
    """Run both roles as a playbook does; {task: result} and the statistics of the host."""

    def run(*arguments, **variables):
        roles = [{"role": f"stackway.scaleway.{name}"} for name in ("secrets", "storage")]
        file = tmp_path / "site.yml"
        play = {"hosts": "localhost", "gather_facts": False, "vars": SECRETS | STORAGE, "roles": roles}
        found = "{{ [storage_urls, storage_endpoint, storage_region] }}"
        play["post_tasks"] = [
            {"name": "facts", "ansible.builtin.debug": {"msg": found}, "when": "storage_urls is defined"}
        ]
        file.write_text(json.dumps([play]))
        results = sandbox.playbook(str(file), "-i", "localhost,", "-c", "local", *arguments, extra=variables)
        return {name.rpartition(" : ")[2]: result for name, result in results.items()}

    return run


def changed(results):
    return sorted(name for name, result in results.items() if result.get("changed"))


def test_roles_give_an_application_what_it_needs(sandbox, site):
    planned = site("--check")
    done = site()
    assert not [name for name, result in (planned | done).items() if result.get("failed")]
    assert changed(planned) == changed(done) == [
        "Have an application", "Have each bucket", "Have each secret", "Have its key, kept in Secret Manager",
        "Let it use Object Storage, and nothing else",
    ]  # fmt: skip
    assert changed(site()) == []
    assert "token-from-elsewhere" not in str(done)

    urls, endpoint, region = done["facts"]["msg"]
    assert (urls["shop-media"], endpoint, region) == (
        f"{endpoint}/shop-media",
        sandbox.profile["s3_endpoint"],
        "fr-par",
    )
    lookup = "{{ lookup('stackway.scaleway.secret', '/shop/test/s3') }}"
    key = sandbox.play([{"name": "key", "ansible.builtin.debug": {"msg": lookup}}])["key"]["msg"]
    key = json.loads(key) if isinstance(key, str) else key
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key["access_key"],
        aws_secret_access_key=key["secret_key"],
    )
    s3.put_object(Bucket="shop-media", Key="k", Body=b"x", StorageClass="ONEZONE_IA")
    assert s3.get_object(Bucket="shop-media", Key="k")["Body"].read() == b"x"
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_bucket(Bucket="shop-media")

    refused = site(storage_state="absent", secrets_state="absent")
    assert "force: true" in str(refused["Delete the buckets"])
    gone = site(storage_state="absent", storage_delete_objects=True, secrets_state="absent")
    assert not [name for name, result in gone.items() if result.get("failed")]
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        s3.get_object(Bucket="shop-media", Key="k")
    info = sandbox.task("secret_info", {"path": "/shop/test"}, extra={"stackway_ordinary_modules": True})
    assert info["secrets"] == []


def test_bad_variables_are_refused_before_anything_is_made(site):
    for variables, words in (
        ({"secrets_items": [{"nam": "x"}]}, "secrets_items"),
        ({"secrets_items": [{"name": "x", "generate": {"kind": "magic"}}]}, "magic"),
        ({"secrets_state": "gone"}, "secrets_state"),
    ):
        results = site(**variables)
        assert list(results) == [next(iter(results))] and next(iter(results.values()))["failed"]
        assert words in str(results)


PUBLIC = {"storage_buckets": [{"name": "shop-public"}], "storage_public_buckets": ["shop-public"]}


def test_a_bucket_that_was_asked_for_by_name_is_read_by_everybody_and_listed_by_nobody(sandbox, site):
    planned, done = site("--check", **PUBLIC), site(**PUBLIC)
    assert changed(planned) == changed(done) and changed(site(**PUBLIC)) == []
    url = done["facts"]["msg"][0]["shop-public"]
    owner = boto3.client(
        "s3",
        endpoint_url=sandbox.profile["s3_endpoint"],
        region_name="fr-par",
        aws_access_key_id=sandbox.profile["access_key"],
        aws_secret_access_key=sandbox.profile["secret_key"],
    )
    owner.put_object(Bucket="shop-public", Key="unguessable", Body=b"x")
    assert requests.get(f"{url}/unguessable", timeout=5).text == "x"
    assert requests.get(url, timeout=5).status_code == 403

    refused = site(
        storage_buckets=PUBLIC["storage_buckets"]
    )  # and the policy that is there has not been asked for by name
    assert "shop-public is public in the account" in str(refused["Refuse one that somebody else has opened"])
    owner.put_bucket_acl(Bucket="shop-public", ACL="public-read")
    private = [{"name": "shop-public", "policy": {}, "acl": "private"}]
    assert changed(site("--check", storage_buckets=private)) == changed(site(storage_buckets=private)) != []
    assert requests.get(f"{url}/unguessable", timeout=5).status_code == 403
    site(storage_state="absent", storage_delete_objects=True, secrets_state="absent", **PUBLIC)


OPEN = {"Effect": "Allow", "Principal": {"SCW": "*"}, "Action": "s3:GetObject", "Resource": "shop-shared/*"}


def test_a_public_bucket_that_was_not_asked_for_is_refused_before_anything_is_made(sandbox, site):
    buckets = [
        {"name": "shop-open", "acl": "public-read"},
        {"name": "shop-shared", "policy": {"Version": "2012-10-17", "Statement": [OPEN]}},
    ]
    results = site(storage_buckets=buckets, secrets_items=[])
    told = str(results["Refuse a public bucket that was not asked for by name"])
    assert "acl or policy of shop-open open it" in told and "acl or policy of shop-shared open it" in told
    assert not changed(results)
    results = site(storage_public_buckets=["shop-opn"], secrets_items=[])
    assert "there is no bucket shop-opn" in str(results["Refuse to publish a bucket that is not listed"])
