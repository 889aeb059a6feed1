"""Roles secrets and storage: what an application finds when they have run, and that a second run finds nothing to do."""

from __future__ import annotations

import json

import boto3
import pytest
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
