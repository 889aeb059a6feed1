"""The S3 server alone, used as its clients use it: boto3 and plain HTTP."""

import json
import os
import socket
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta

import boto3
import pytest
import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, ConnectionClosedError

from sandbox.admin import Fault, Faults
from sandbox.machines.object_storage import ObjectStorage
from sandbox.machines.s3.access import Caller
from sandbox.settings import Settings

PROJECT, OTHER = str(uuid.uuid4()), str(uuid.uuid4())
FAULTS = Faults()
PERMITTED = {
    "SCWREADER": ("object:read", "bucket:read", "bucket_policy:read"),
    "SCWWRITER": ("object:read", "object:write", "object:delete"),
    "SCWNOTHING": (),
}


def identify(access_key, project_id):
    if access_key in ("SCWOWNER", "SCWOTHER"):
        project = project_id or (PROJECT if access_key == "SCWOWNER" else OTHER)
        return Caller("secret", project, f"user_id:{access_key}", True, lambda permission, project: True)
    if access_key in PERMITTED:
        permitted = PERMITTED[access_key]
        return Caller("secret", PROJECT, f"application_id:{access_key}", False, lambda name, project: name in permitted)
    return None


@pytest.fixture(scope="module")
def storage(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = Settings(home=tmp_path_factory.mktemp("s3"), port=free.getsockname()[1], api_only=True)
    server = ObjectStorage(settings)
    server.start(identify, FAULTS.pick)
    yield server
    server.stop_all()


@pytest.fixture
def client(storage):
    def connect(access_key="SCWOWNER", secret_key="secret", region="fr-par", **config):
        return boto3.client(
            "s3",
            endpoint_url=storage.url,
            region_name=region,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **config),
        )

    return connect


@pytest.fixture
def s3(client):
    return client()


@pytest.fixture
def bucket(s3):
    name = f"b-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def url(storage, bucket):
    return f"{storage.url}/{bucket}"


def refused(call, *args, **options):
    with pytest.raises(ClientError) as error:
        call(*args, **options)
    return error.value.response["Error"]["Code"]


def grant(bucket, effect="Allow", principal="*", actions=("s3:*",), **extra):
    statement = {
        "Sid": "test", "Effect": effect, "Principal": principal, "Action": list(actions),
        "Resource": [bucket, f"{bucket}/*"],
    }  # fmt: skip
    return json.dumps({"Version": "2023-04-17", "Id": "test", "Statement": [statement | extra]})


def test_an_object_goes_in_and_comes_out(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a/b é.txt", Body=b"hello", ContentType="text/plain", Metadata={"who": "me"})
    got = s3.get_object(Bucket=bucket, Key="a/b é.txt")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"hello", "text/plain", {"who": "me"})
    assert s3.get_object(Bucket=bucket, Key="a/b é.txt", Range="bytes=1-2")["Body"].read() == b"el"
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket, Prefix="a/")["Contents"]] == ["a/b é.txt"]
    assert refused(s3.get_object, Bucket=bucket, Key="absent") == "NoSuchKey"
    assert refused(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"
    s3.delete_object(Bucket=bucket, Key="a/b é.txt")
    s3.delete_bucket(Bucket=bucket)
    assert refused(s3.head_bucket, Bucket=bucket) == "404"


def test_signature_is_proven(client, bucket):
    assert refused(client(secret_key="wrong").list_objects_v2, Bucket=bucket) == "SignatureDoesNotMatch"
    assert refused(client("SCWUNKNOWN").list_objects_v2, Bucket=bucket) == "InvalidAccessKeyId"
    assert refused(client(region="us-east-1").list_objects_v2, Bucket=bucket) == "AuthorizationHeaderMalformed"
    assert refused(client(region="nl-ams").list_objects_v2, Bucket=bucket) == "NoSuchBucket"


def test_tampered_requests_are_refused(s3, url, bucket):
    presigned = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "mine"}, ExpiresIn=60)
    assert requests.put(presigned.replace("/mine?", "/yours?"), b"x").status_code == 403
    assert requests.put(presigned, b"x").status_code == 200
    expired = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "mine"}, ExpiresIn=0)
    assert "expired" in requests.get(expired).text

    def change(request, **_):
        request.body = b"swapped"

    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: change(request))
    assert refused(s3.put_object, Bucket=bucket, Key="mine", Body=b"correct") in (
        "XAmzContentSHA256Mismatch",
        "BadDigest",
    )


def test_presigned_get(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"private")
    presigned = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    assert requests.get(presigned).content == b"private"


def test_anonymous_sees_only_what_is_public(s3, bucket, url):
    s3.put_object(Bucket=bucket, Key="private", Body=b"x")
    s3.put_object(Bucket=bucket, Key="public", Body=b"x", ACL="public-read")
    assert [requests.get(f"{url}/{key}").status_code for key in ("private", "public", "absent")] == [403, 200, 403]
    assert requests.get(url).status_code == 403
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    assert requests.get(url).status_code == 200
    assert requests.get(f"{url}/absent").status_code == 404
    assert requests.put(f"{url}/new", b"x").status_code == 403
    assert requests.get(f"{url}/private").status_code == 403
    found = s3.get_bucket_acl(Bucket=bucket)
    assert found["Owner"]["ID"] == f"{PROJECT}:{PROJECT}"
    assert {grant["Permission"] for grant in found["Grants"]} == {"FULL_CONTROL", "READ"}


def test_iam_permits(client, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    reader, writer, nobody = client("SCWREADER"), client("SCWWRITER"), client("SCWNOTHING")
    reader.get_object(Bucket=bucket, Key="k")
    assert refused(reader.put_object, Bucket=bucket, Key="k", Body=b"y") == "AccessDenied"
    writer.put_object(Bucket=bucket, Key="k", Body=b"y")
    assert refused(writer.put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": []}) == "AccessDenied"
    assert refused(writer.create_bucket, Bucket=f"{bucket}-2") == "AccessDenied"
    assert refused(nobody.list_buckets) == "AccessDenied"
    assert refused(nobody.get_object, Bucket=bucket, Key="k") == "AccessDenied"


def test_a_policy_narrows_iam(client, s3, bucket, url):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    s3.put_bucket_policy(Bucket=bucket, Policy=grant(bucket, actions=["s3:GetObject"]))
    assert requests.get(f"{url}/k").status_code == 200
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"y") == "AccessDenied"
    assert refused(client("SCWNOTHING").get_object, Bucket=bucket, Key="k") == "AccessDenied"
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    s3.put_bucket_policy(Bucket=bucket, Policy=grant(bucket, actions=["s3:GetObject"], Condition=condition))
    assert requests.get(f"{url}/k").status_code == 403
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"y")
    assert refused(s3.get_bucket_policy, Bucket=bucket) == "NoSuchBucketPolicy"
    assert (
        refused(s3.put_bucket_policy, Bucket=bucket, Policy=grant(bucket, actions=["s3:HeadObject"]))
        == "MalformedPolicy"
    )
    aws = grant(bucket).replace(f'"{bucket}/*"', f'"arn:aws:s3:::{bucket}/*"')
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy=aws) == "MalformedPolicy"


def test_mass_deletion_is_checked_key_by_key(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    versions = {key: s3.put_object(Bucket=bucket, Key=key, Body=b"x")["VersionId"] for key in ("kept/k", "k")}
    everything, kept = json.loads(grant(bucket))["Statement"][0], {"Effect": "Deny", "Resource": f"{bucket}/kept/*"}
    final = {"Effect": "Deny", "Action": "s3:DeleteObjectVersion"}
    policy = {"Version": "2023-04-17", "Id": "test", "Statement": [everything, everything | kept, everything | final]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    def delete(**item):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [item]})

    assert refused(delete, Key="kept/k") == "AccessDenied"
    assert refused(delete, Key="k", VersionId=versions["k"]) == "AccessDenied"
    delete(Key="k")


def test_projects_do_not_share(client, s3, bucket):
    other = client("SCWOTHER")
    assert refused(other.head_bucket, Bucket=bucket) == "403"
    assert refused(other.create_bucket, Bucket=bucket) == "BucketAlreadyExists"
    assert bucket in [found["Name"] for found in s3.list_buckets()["Buckets"]]
    assert bucket not in [found["Name"] for found in other.list_buckets()["Buckets"]]
    client(f"SCWOTHER@{PROJECT}").head_bucket(Bucket=bucket)
    s3.put_bucket_policy(
        Bucket=bucket, Policy=grant(bucket, principal={"SCW": ["user_id:SCWOTHER", "user_id:SCWOWNER"]})
    )
    other.put_object(Bucket=bucket, Key="k", Body=b"x")


def test_a_copy_needs_its_source(client, s3, bucket):
    mine = f"{bucket}-other"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    other = client("SCWOTHER")
    other.create_bucket(Bucket=mine)
    assert refused(other.copy_object, Bucket=mine, Key="stolen", CopySource=f"{bucket}/k") == "AccessDenied"
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")


def test_cors(s3, bucket, url):
    ask = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-a",
    }
    assert requests.options(f"{url}/k", headers=ask).status_code == 403
    rule = {
        "AllowedMethods": ["PUT", "GET"],
        "AllowedOrigins": ["https://*.example"],
        "AllowedHeaders": ["*"],
        "MaxAgeSeconds": 60,
    }
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [rule]
    answer = requests.options(f"{url}/k", headers=ask)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert answer.headers["access-control-allow-headers"] == "x-a"
    assert requests.options(f"{url}/k", headers=ask | {"Origin": "https://evil.test"}).status_code == 403
    assert requests.options(f"{url}/k", headers=ask | {"Access-Control-Request-Method": "DELETE"}).status_code == 403
    assert requests.get(f"{url}/k", headers=ask).headers["access-control-allow-origin"] == "https://app.example"


def test_echoes(s3, bucket, url):
    def raw(query):
        signed = s3.generate_presigned_url(f"get_bucket_{query}", {"Bucket": bucket})
        return requests.get(signed).text

    assert "<Status></Status>" in raw("versioning")
    rule = {
        "ID": "x", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 365},
        "Transitions": [{"Days": 90, "StorageClass": "ONEZONE_IA"}],
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 30},
    }  # fmt: skip
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]
    assert "<Configuration>" in raw("lifecycle_configuration")
    empty = {"Bucket": bucket, "LifecycleConfiguration": {"Rules": []}}
    assert refused(s3.put_bucket_lifecycle_configuration, **empty) == "MalformedXML"
    codes = {
        s3.get_bucket_tagging: "NoSuchTagSet",
        s3.get_bucket_cors: "NoSuchCORSConfiguration",
        s3.get_bucket_website: "NoSuchWebsiteConfiguration",
        s3.get_bucket_encryption: "ServerSideEncryptionConfigurationNotFoundError",
        s3.get_object_lock_configuration: "ObjectLockConfigurationNotFoundError",
    }
    assert {code: refused(call, Bucket=bucket) for call, code in codes.items()} == {
        code: code for code in codes.values()
    }
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == "NoSuchLifecycleConfiguration"
    versions = requests.get(s3.generate_presigned_url("list_object_versions", {"Bucket": bucket})).text
    assert "<ListVersionsResult" in versions


def test_storage_classes(s3, bucket):
    for storage_class in ("STANDARD", "ONEZONE_IA", "GLACIER"):
        s3.put_object(Bucket=bucket, Key=storage_class, Body=b"x", StorageClass=storage_class)
        assert s3.head_object(Bucket=bucket, Key=storage_class).get("StorageClass", "STANDARD") == storage_class
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"x", StorageClass="NONE") == "InvalidStorageClass"


def test_virtual_hosts_and_websites(storage, s3, bucket):
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"home", ACL="public-read", ContentType="text/html")
    s3.put_object(Bucket=bucket, Key="lost.html", Body=b"lost", ACL="public-read")

    def get(host, path):
        return requests.get(f"{storage.url}{path}", headers={"Host": f"{bucket}.{host}.fr-par.scw.cloud"})

    assert get("s3", "/index.html").content == b"home"
    assert get("s3-website", "/").status_code == 404
    site = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "lost.html"}}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=site)
    assert (get("s3-website", "/").content, get("s3-website", "/").headers["content-type"]) == (b"home", "text/html")
    missing = get("s3-website", "/nothing")
    assert (missing.content, missing.status_code) == (
        b"lost",
        403,
    )  # who may not list a bucket is not told what it lacks
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    missing = get("s3-website", "/nothing")
    assert (missing.content, missing.status_code) == (b"lost", 404)
    s3.put_bucket_policy(Bucket=bucket, Policy=grant(bucket, actions=["s3:GetObject", "s3:ListBucket"]))
    missing = get("s3-website", "/nothing")
    assert (missing.content, missing.status_code) == (b"lost", 404)


def test_multipart_and_restart(storage, s3, bucket, tmp_path):
    big = tmp_path / "big"
    content = bytes(range(256)) * 4096 * 20  # 20 MiB: three parts
    big.write_bytes(content)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "env", "Value": "test"}]})
    s3.upload_file(str(big), bucket, "big", ExtraArgs={"ACL": "public-read"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", Tagging="a=b")
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    s3.put_object(Bucket=bucket, Key="gone", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="gone")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="late")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="late", UploadId=upload, PartNumber=1, Body=b"part")

    storage.server.stop()  # as if it were killed: nothing is written any more
    storage.start(identify, FAULTS.pick)

    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == content
    assert requests.head(f"{storage.url}/{bucket}/big").headers["content-length"] == str(len(content))
    versions = s3.list_object_versions(Bucket=bucket)
    assert len(versions["Versions"]) == 4 and len(versions["DeleteMarkers"]) == 1
    first = next(v for v in versions["Versions"] if v["Key"] == "k" and not v["IsLatest"])
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first["VersionId"])["Body"].read() == b"1"
    tags = s3.get_object_tagging(Bucket=bucket, Key="k", VersionId=first["VersionId"])["TagSet"]
    assert tags == [{"Key": "a", "Value": "b"}]
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "env", "Value": "test"}]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=bucket, Key="late", UploadId=upload, MultipartUpload=parts)
    assert s3.get_object(Bucket=bucket, Key="late")["Body"].read() == b"part"

    everything = [
        v for kind in ("Versions", "DeleteMarkers") for v in s3.list_object_versions(Bucket=bucket).get(kind, [])
    ]
    objects = [{"Key": v["Key"], "VersionId": v["VersionId"]} for v in everything]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    s3.delete_bucket(Bucket=bucket)
    assert not [path for path in (storage.home / "contents").iterdir() if path.stat().st_size == len(content)]


def test_object_lock(s3):
    name = f"lock-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    until = datetime.now(UTC) + timedelta(hours=1)
    locked = s3.put_object(
        Bucket=name, Key="k", Body=b"x", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until
    )
    assert refused(s3.delete_object, Bucket=name, Key="k", VersionId=locked["VersionId"]) == "AccessDenied"
    s3.delete_object(Bucket=name, Key="k", VersionId=locked["VersionId"], BypassGovernanceRetention=True)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("AWS4-HMAC-SHA256-PAYLOAD", b"5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\r\n", 200),
        ("UNSIGNED-PAYLOAD-TRAILER", b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", 200),
        ("UNSIGNED-PAYLOAD-TRAILER", b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", 400),
        ("UNSIGNED-PAYLOAD-TRAILER", b"5\r\nhell", 400),
    ],
)
def test_bodies_in_chunks(s3, bucket, url, kind, body, status):
    """As Go clients send them, with signed chunks or a checksum behind the last."""

    class Signer(S3SigV4Auth):
        def payload(self, request):
            return f"STREAMING-{kind}"

    headers = {"x-amz-decoded-content-length": "5", "content-encoding": "aws-chunked"}
    request = AWSRequest("PUT", f"{url}/k", headers=headers, data=body)
    Signer(Credentials("SCWOWNER", "secret"), "s3", "fr-par").add_auth(request)
    assert requests.put(request.url, body, headers=dict(request.headers)).status_code == status
    if status == 200:
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"hello"


def test_glacier_wants_a_restoration(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", StorageClass="GLACIER")
    assert refused(s3.get_object, Bucket=bucket, Key="k") == "InvalidObjectState"
    s3.restore_object(Bucket=bucket, Key="k", RestoreRequest={"Days": 1})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_conditional_requests(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"y", IfNoneMatch="*") == "PreconditionFailed"
    etag = s3.head_object(Bucket=bucket, Key="k")["ETag"]
    assert refused(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag) == "304"


def test_what_is_not_served_says_so(s3, bucket):
    assert refused(s3.delete_bucket_replication, Bucket=bucket) == "NotImplemented"
    assert refused(s3.get_bucket_notification_configuration, Bucket=bucket) == "NotImplemented"
    s3.head_bucket(Bucket=bucket)


def test_one_request_is_bounded(s3, bucket, monkeypatch):
    monkeypatch.setattr("sandbox.machines.s3.body.LIMIT", 10)
    assert refused(s3.put_object, Bucket=bucket, Key="k", Body=b"x" * 11) == "EntityTooLarge"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x" * 10)


ENGINE = """
import os, sys
from sandbox.machines.s3.engine import Engine

engine = Engine(sys.argv[1])
do = lambda method, path, body=b"": engine.call("1" * 12, "us-east-1", method, path, "", {}, body)
"""
"""The engine in a process of its own: there is one per process, and these are killed."""


def in_a_process(home, script):
    """Run a script on an engine: (exit status, what it printed)."""
    command = [sys.executable, "-c", ENGINE + script, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ, check=False)
    return done.returncode, done.stdout + done.stderr


def held(home):
    """What an object and the folder of all contents have after the next start."""
    status, said = in_a_process(
        home,
        """
print(do("GET", "/bucket/object").body.decode())
for kept in engine.contents.iterdir():
    print(kept.read_text())
""",
    )
    assert status == 0, said
    return said.split()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_kill_while_contents_are_dropped_loses_nothing(tmp_path, moment):
    status, said = in_a_process(
        tmp_path,
        f"""
do("PUT", "/bucket")
do("PUT", "/bucket/object", b"one")
engine.save("bucket", keys=["object"])
unlink = engine._unlink
def killed(files):
    if "{moment}" == "after":
        unlink(files)
    if files:
        os._exit(9)
engine._unlink = killed
do("PUT", "/bucket/object", b"two")
engine.save("bucket", keys=["object"])
""",
    )
    assert status == 9, said
    assert held(tmp_path) == ["two", "two"]


def test_an_object_whose_content_is_gone_keeps_no_other_from_being_served(tmp_path):
    status, said = in_a_process(
        tmp_path,
        """
do("PUT", "/bucket")
for name in ("object", "gone"):
    do("PUT", f"/bucket/{name}", name.encode())
engine.save("bucket", keys=["object", "gone"])
(engine.contents / engine.key(engine.bucket("bucket"), "gone").stored).unlink()
""",
    )
    assert status == 0, said
    status, said = in_a_process(tmp_path, 'print(do("GET", "/bucket/gone").status, do("GET", "/bucket/object").status)')
    assert status == 0, said
    assert "404 200" in said and "gone" in said
    assert held(tmp_path) == ["object", "object"]


@pytest.fixture
def fail():
    """Have the next request of a method fail in some way."""
    yield lambda kind, method="*": FAULTS.rules.append(Fault(kind, method, count=1))
    FAULTS.clear()


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("429", 503, "SlowDown"),
        ("500", 500, "InternalError"),
        ("503", 503, "ServiceUnavailable"),
        ("409", 409, "OperationAborted"),
    ],
)
def test_a_fault_is_said_as_s3_says_it(s3, fail, kind, status, code):
    fail(kind)
    with pytest.raises(ClientError) as refusal:
        s3.list_buckets()
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert refusal.value.response["Error"]["Code"] == code
    s3.list_buckets()


@pytest.mark.parametrize(("kind", "is_made"), [("reset", False), ("lost", True)])
def test_a_connection_that_is_dropped(s3, fail, kind, is_made):
    name = f"dropped-{uuid.uuid4().hex[:8]}"
    fail(kind, "PUT")
    with pytest.raises(ConnectionClosedError):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "fr-par"})
    assert (name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]) == is_made
