"""Object Storage as part of a sandbox: its keys are those of IAM."""

import boto3
import pytest
from botocore.exceptions import ClientError
from scaleway.iam.v1alpha1 import IamV1Alpha1API, RuleSpecs


def refused(call, **options):
    with pytest.raises(ClientError) as error:
        call(**options)
    return error.value.response["Error"]["Code"]


def test_keys_and_policies_come_from_iam(sandbox, client, api):
    """An application's key reaches what its policy gives, in the project where it acts, from the moment it has it."""
    iam, storage = IamV1Alpha1API(client), api.get("/_sandbox/object-storage").json()
    application = iam.create_application(name="uploader", description="")
    key = iam.create_api_key(description="", application_id=application.id)

    def connect(access_key, secret_key):
        names = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key}
        return boto3.client("s3", endpoint_url=storage["url"], region_name="fr-par", **names)

    owner, application_s3 = connect(client.access_key, client.secret_key), connect(key.access_key, key.secret_key)
    owner.create_bucket(Bucket="iam-test")
    assert refused(application_s3.put_object, Bucket="iam-test", Key="k", Body=b"x") == "AccessDenied"
    rule = RuleSpecs(
        permission_set_names=["ObjectStorageObjectsWrite"], condition="", project_ids=[client.default_project_id]
    )
    policy = iam.create_policy(name="uploads", description="", application_id=application.id, rules=[rule])
    application_s3.put_object(Bucket="iam-test", Key="k", Body=b"x")
    assert refused(application_s3.get_object, Bucket="iam-test", Key="k") == "AccessDenied"
    assert (
        refused(connect(f"{client.access_key}@{application.id}", client.secret_key).list_buckets)
        == "InvalidAccessKeyId"
    )
    iam.delete_policy(policy_id=policy.id)
    iam.delete_application(application_id=application.id)
    assert refused(application_s3.put_object, Bucket="iam-test", Key="k", Body=b"x") == "InvalidAccessKeyId"
    [bucket] = api.get("/_sandbox/object-storage").json()["buckets"]
    assert (bucket["name"], bucket["objects"], bucket["bytes"]) == ("iam-test", 1, 1)


def test_a_key_that_expired_is_unknown(client, api):
    iam, url = IamV1Alpha1API(client), api.get("/_sandbox/object-storage").json()["url"]
    key = iam.create_api_key(description="", user_id=iam.list_users().users[0].id)
    names = {"aws_access_key_id": key.access_key, "aws_secret_access_key": key.secret_key}
    s3 = boto3.client("s3", endpoint_url=url, region_name="fr-par", **names)
    assert "Buckets" in s3.list_buckets()
    path = f"/iam/v1alpha1/api-keys/{key.access_key}"
    assert api.patch(path, json={"expires_at": "2020-01-01T00:00:00Z"}).ok
    assert refused(s3.list_buckets) == "InvalidAccessKeyId"
    iam.delete_api_key(access_key=key.access_key)


def test_buckets_have_names(sandbox):
    for name in ("media.s3.fr-par.scw.cloud", "media.s3-website.nl-ams.scw.cloud", "s3.pl-waw.scw.cloud"):
        assert sandbox.machines.dns.resolve(name, "A") == ["127.0.0.1"]
