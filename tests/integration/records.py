"""What an account holds, to compare one run's end with another's."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter

import boto3
from botocore.exceptions import ClientError

from .conftest import Sandbox

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VARYING = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)|\b(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}\b"  # dates, and network cards
    r'|fd[0-9a-f:]+/\d+|\d+\.\d+\.\d+\.\d+|"port": \d+'  # where the sandbox put something
    r"|SCW[A-Z0-9]{17}|owner@[\w.-]+|p=[\w+/=]{64,}"  # access keys, the owner of a sandbox, keys that sign mail
    r'|ssh-ed25519 [\w+/=]+|MD5:[0-9a-f:]+|"message_id": "[^"]+"'  # the key that logs in to its servers, and mail
)
NOT_OF_THE_ACCOUNT = ("sandbox.", "database.elsewhere")
BUCKET = (
    "get_bucket_acl",
    "get_bucket_policy",
    "get_bucket_cors",
    "get_bucket_lifecycle_configuration",
    "get_bucket_versioning",
    "get_bucket_website",
    "get_bucket_tagging",
)


def buckets(sandbox: Sandbox) -> list[dict]:
    """Every bucket with what S3 says of it, and how many objects it holds."""
    profile = sandbox.profile
    s3 = boto3.client(
        "s3", endpoint_url=profile["s3_endpoint"], region_name=profile["default_region"],
        aws_access_key_id=profile["access_key"], aws_secret_access_key=profile["secret_key"],
    )  # fmt: skip

    def answer(method: str, name: str) -> dict | str:
        try:
            return {key: value for key, value in getattr(s3, method)(Bucket=name).items() if key != "ResponseMetadata"}
        except ClientError as error:
            return error.response["Error"]["Code"]

    return [
        {"name": name, "objects": s3.list_objects_v2(Bucket=name)["KeyCount"]}
        | {method: answer(method, name) for method in BUCKET}
        for name in (bucket["Name"] for bucket in s3.list_buckets()["Buckets"])
    ]


def state(sandbox: Sandbox) -> Counter[str]:
    """Every record and bucket that the sandbox has, ids replaced by names: what a run has made, however it came to be."""
    with sqlite3.connect(f"file:{sandbox.home}/state.db?mode=ro", uri=True) as database:
        rows = database.execute("SELECT kind, body FROM records").fetchall()
    records = [(kind, json.loads(body)) for kind, body in rows if not kind.startswith(NOT_OF_THE_ACCOUNT)] + [
        ("bucket", found) for found in buckets(sandbox)
    ]
    names = {
        record["id"]: f"<{kind} {UUID.sub('<id>', record.get('name', ''))}>"
        for kind, record in records
        if "id" in record
    }

    def told(record: dict) -> str:
        text = json.dumps({key: value for key, value in record.items() if not key.startswith("_")}, sort_keys=True)
        return VARYING.sub("<varying>", UUID.sub(lambda found: names.get(found[0], "<unknown>"), text))

    return Counter(f"{kind} {told(record)}" for kind, record in records)


def assert_same(found: Counter[str], expected: Counter[str]):
    differences = [f"+ {record}" for record in found - expected] + [f"- {record}" for record in expected - found]
    assert not differences, "\n".join(differences)
