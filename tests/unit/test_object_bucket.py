"""What makes two ways to write a bucket's setting the same, and what does not."""

from __future__ import annotations

import pytest
from ansible_collections.stackway.scaleway.plugins.module_utils.client import Client
from ansible_collections.stackway.scaleway.plugins.module_utils.credentials import Credentials
from ansible_collections.stackway.scaleway.plugins.module_utils.resources.object_bucket import ObjectBucket

READ = {
    "Sid": "r",
    "Effect": "Allow",
    "Principal": "*",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": ["b", "b/*"],
}
WRITE = READ | {"Sid": "w", "Principal": {"SCW": ["user_id:1", "user_id:2"]}}
OFFICE = {"Condition": {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}}}


def policy(*statements, **fields):
    return {"Version": "2023-04-17", "Id": "p", "Statement": list(statements)} | fields


def differs(option, desired, current):
    credentials = Credentials(access_key="SCW" + "X" * 17, secret_key="1" * 36, region="fr-par")
    return ObjectBucket(Client(credentials), {"name": "b", option: desired}).differs(option, {option: current})


@pytest.mark.parametrize(
    "same",
    [
        policy(WRITE, READ),
        policy(READ | {"Principal": {"SCW": "*"}}, WRITE | {"Principal": {"SCW": ["user_id:2", "user_id:1"]}}),
        policy(READ | {"Action": ["s3:ListBucket", "s3:GetObject"], "Resource": ["b/*", "b"]}, WRITE),
    ],
)
def test_a_policy_means_the_same(same):
    assert not differs("policy", policy(READ, WRITE), same)


@pytest.mark.parametrize(
    "other",
    [
        policy(READ),
        policy(READ, WRITE, Version="2012-10-17"),
        policy(READ | OFFICE, WRITE),
        policy(READ | {"Effect": "Deny"}, WRITE),
        policy(READ | {"Resource": "b"}, WRITE),
        policy(READ, WRITE | {"Principal": {"SCW": "user_id:1"}}),
        {},
    ],
)
def test_a_policy_means_something_else(other):
    assert differs("policy", policy(READ, WRITE), other)


def test_lists_of_one_may_be_written_plainly():
    plain = policy(READ | {"Action": "s3:GetObject", "Resource": "b/*"})
    assert not differs("policy", policy(READ | {"Action": ["s3:GetObject"], "Resource": ["b/*"]}), plain)


def test_lifecycle_rules_have_no_order_but_cors_rules_do():
    one, two = {"id": "1", "expiration": {"days": 1}}, {"id": "2", "expiration": {"days": 2}}
    assert not differs("lifecycle", [two, one], [one | {"enabled": True, "prefix": None, "tags": {}}, two])
    assert differs("lifecycle", [one | {"enabled": False}], [one])
    assert differs("lifecycle", [one], [one, two])
    get, put = ({"allowed_origins": ["*"], "allowed_methods": [method]} for method in ("GET", "PUT"))
    assert not differs("cors", [get, put], [get | {"expose_headers": None}, put])
    assert differs("cors", [put, get], [get, put])


def test_empty_and_absent_are_the_same():
    assert not differs("tags", {}, {})
    assert not differs("website", {"index_document": None}, {})
    assert not differs("tags", {"number": 1}, {"number": "1"})
    rule = {"id": "all", "enabled": True, "expiration": {"days": 1}}
    assert not differs("lifecycle", [rule | {"prefix": ""}], [rule])
