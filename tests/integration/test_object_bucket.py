"""Buckets as applications use them: uploads, public and signed downloads, browsers, refusals, a restart."""

from __future__ import annotations

import uuid

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

MODULE = "stackway.scaleway.object_bucket"


@pytest.fixture(scope="module")
def s3(sandbox):
    profile = sandbox.profile

    def connect(access_key=profile["access_key"], secret_key=profile["secret_key"]):
        return boto3.client(
            "s3",
            endpoint_url=profile["s3_endpoint"],
            region_name=profile["default_region"],
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
        )

    return connect


@pytest.fixture
def bucket(sandbox):
    name = f"bucket-{uuid.uuid4().hex[:8]}"
    yield name
    assert not sandbox.task("object_bucket", {"name": name, "state": "absent", "force": True}).get("failed")


def api(sandbox, method, path, **body):
    profile = sandbox.profile
    headers = {"X-Auth-Token": profile["secret_key"]}
    return requests.request(method, profile["api_url"] + path, headers=headers, json=body, timeout=10).json()


def task(name, options, **keywords):
    return {"name": name, MODULE: options, **keywords}


def reading(bucket):
    statement = {
        "Sid": "read",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"{bucket}/*",
    }
    everything = {"Sid": "rest", "Effect": "Allow", "Principal": {"SCW": "user_id:{{ me }}"}, "Action": "*"}
    return {
        "Version": "2023-04-17",
        "Id": "test",
        "Statement": [statement, everything | {"Resource": [bucket, f"{bucket}/*"]}],
    }


def test_uploads_are_found_at_their_public_url(sandbox, s3, bucket):
    key = api(sandbox, "GET", f"/iam/v1alpha1/api-keys/{sandbox.profile['access_key']}")
    cors = [{"allowed_origins": ["https://app.example"], "allowed_methods": ["PUT"], "allowed_headers": ["*"]}]
    made = sandbox.task(
        "object_bucket", {"name": bucket, "policy": reading(bucket), "cors": cors}, extra={"me": key["user_id"]}
    )
    url = made["bucket"]["public_url"]
    client = s3()
    client.put_object(Bucket=bucket, Key="hello.txt", Body=b"hello", ContentType="text/plain")
    assert requests.get(f"{url}/hello.txt", timeout=10).text == "hello"
    assert requests.get(url, timeout=10).status_code == 403
    assert requests.put(f"{url}/mine", b"x", timeout=10).status_code == 403
    presigned = client.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "from-a-browser"}, ExpiresIn=60)
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
    assert (
        requests.options(presigned, headers=asked, timeout=10).headers["access-control-allow-origin"] == asked["Origin"]
    )
    assert requests.put(presigned, b"from a browser", headers={"Origin": asked["Origin"]}, timeout=10).ok
    assert requests.get(f"{url}/from-a-browser", timeout=10).text == "from a browser"


def test_objects_survive_a_restart(sandbox, s3, bucket, tmp_path):
    sandbox.task("object_bucket", {"name": bucket, "tags": {"a": "b"}})
    big = tmp_path / "big"
    big.write_bytes(bytes(range(256)) * 4096 * 12)  # 12 MiB go up in parts
    s3().upload_file(str(big), bucket, "big")
    sandbox.cli("down")
    sandbox.cli("up")
    s3().download_file(bucket, "big", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == big.read_bytes()
    assert not sandbox.task("object_bucket", {"name": bucket, "tags": {"a": "b"}})["changed"]


def test_a_policy_written_otherwise_is_the_same(sandbox, bucket):
    def policy(principal, action, resource):
        statement = {"Sid": "s", "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
        return {"name": bucket, "policy": {"Version": "2012-10-17", "Id": "test", "Statement": [statement]}}

    both = [bucket, f"{bucket}/*"]
    done = sandbox.play(
        [
            task("make", policy("*", ["s3:GetObject", "s3:ListBucket"], both)),
            task("same", policy({"SCW": ["*"]}, ["s3:ListBucket", "s3:GetObject"], both[::-1])),
            task("less", policy({"SCW": "*"}, "s3:GetObject", both), check_mode=True),
            task("none", {"name": bucket, "policy": {}}),
            task("still none", {"name": bucket, "policy": {}}),
            {"name": "info", "stackway.scaleway.object_bucket_info": {"name": bucket}},
            {"name": "nothing", "stackway.scaleway.object_bucket_info": {"name": f"{bucket}-absent"}},
        ]
    )
    assert [done[name]["changed"] for name in ("make", "same", "less", "none", "still none")] == [
        True,
        False,
        True,
        True,
        False,
    ]
    [info] = done["info"]["buckets"]
    assert (info["acl"], info["policy"], info["versioning"], info["lifecycle"]) == ("private", {}, False, [])
    assert done["nothing"]["buckets"] == []


def test_what_is_refused(sandbox, s3, bucket):
    other = api(sandbox, "POST", "/account/v3/projects", name=f"project-{bucket}")["id"]
    taken = f"{bucket}-taken"
    done = sandbox.play(
        [
            task("taken", {"name": taken, "project_id": other}),
            task("foreign", {"name": taken}),
            task("elsewhere", {"name": taken, "project_id": other, "region": "nl-ams"}),
            task("make", {"name": bucket}),
            task("lock", {"name": bucket, "object_lock": True}),
            task("malformed", {"name": bucket, "policy": {"Version": "2023-04-17", "Statement": []}}),
            task("wrong key", {"name": bucket, "access_key": "SCWWWWWWWWWWWWWWWWWW"}),
            task("wrong secret", {"name": bucket, "secret_key": "11111111-1111-4111-8111-111111111111"}),
            task("unreachable", {"name": bucket, "s3_url": "http://127.0.0.1:9"}),
            task("remove taken", {"name": taken, "project_id": other, "state": "absent"}),
        ]
    )
    told = {
        "foreign": "belongs to another project",
        "elsewhere": "it is in another region",
        "lock": "object_lock: cannot change on an existing bucket",
        "malformed": "Policy has invalid",
        "unreachable": "s3_url: no answer from http://127.0.0.1:9",
    }
    for name, words in told.items():
        assert done[name].get("failed") and words in done[name]["msg"], f"{name}: {done[name].get('msg')}"
    for name in ("wrong key", "wrong secret"):
        assert done[name].get("failed"), name
    assert done["remove taken"]["changed"]


def test_a_full_bucket_goes_only_when_forced(sandbox, s3):
    name = f"full-{uuid.uuid4().hex[:8]}"
    sandbox.task("object_bucket", {"name": name, "versioning": True})
    client = s3()
    for body in (b"1", b"2"):
        client.put_object(Bucket=name, Key="k", Body=body)
    client.delete_object(Bucket=name, Key="k")
    client.create_multipart_upload(Bucket=name, Key="unfinished")
    gone = {"name": name, "state": "absent"}
    done = sandbox.play(
        [
            task("predict", gone, check_mode=True),
            task("refuse", gone),
            task("predict forced", gone | {"force": True}, check_mode=True),
            task("force", gone | {"force": True}),
            task("again", gone | {"force": True}),
        ]
    )
    for step in ("predict", "refuse"):
        assert "force: true deletes them" in done[step]["msg"]
    assert [done[step]["changed"] for step in ("predict forced", "force", "again")] == [True, True, False]
    with pytest.raises(ClientError):
        client.head_bucket(Bucket=name)


def test_what_a_file_was_is_kept_and_can_be_put_back(sandbox, bucket, tmp_path):
    assert not sandbox.task("object_bucket", {"name": bucket}).get("failed")
    new, kept = tmp_path / "new", tmp_path / "kept"
    put = {"bucket": bucket, "name": "pages/index.html", "path": str(new), "backup": str(kept)}
    for content, before in ("one", None), ("one", None), ("two", "one"):
        new.write_text(content)
        predicted = sandbox.task("object_file", put, "--check")
        assert not kept.exists()
        assert sandbox.task("object_file", put)["changed"] == predicted["changed"]
        assert (before is None) == (not kept.exists())
    assert (kept / "pages/index.html").read_text() == "one"
    assert sandbox.task("object_file", put | {"path": str(kept / "pages/index.html"), "backup": ""})["changed"]
    for out in "../out", f"{tmp_path}/out":
        refused = sandbox.task("object_file", put | {"name": out})
        assert f"name: {out} leads out of the folder of backup" in refused["msg"]
