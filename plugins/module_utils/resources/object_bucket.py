# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object Storage buckets: S3."""

from __future__ import annotations

import json
import re
import time

from .. import s3
from ..errors import ApiError, ResourceError
from ..resource import Resource
from ..values import UNKNOWN

ABSENT = {  # what S3 says of a setting that a bucket does not have
    "NoSuchTagSet",
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "NoSuchWebsiteConfiguration",
    "ObjectLockConfigurationNotFoundError",
}
GROUPS = "http://acs.amazonaws.com/groups/global/"
ACLS = {
    frozenset(): "private",
    frozenset({("AllUsers", "READ")}): "public-read",
    frozenset({("AllUsers", "READ"), ("AllUsers", "WRITE")}): "public-read-write",
    frozenset({("AuthenticatedUsers", "READ")}): "authenticated-read",
}
PROPAGATION_SECONDS = 60  # how long a policy may be malformed because its principal is too new


def name_fault(name):
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) and ".." not in name:
        return None
    return f"{name!r} is not 3 to 63 lower-case letters, digits, dots and hyphens"


class ObjectBucket(Resource):
    noun = "bucket"
    id_field = "name"
    immutable = {"object_lock"}
    write_only = {"force"}
    create_with = {"acl": "private"}
    checks = {"name": name_fault}
    settings = (
        "acl",
        "policy",
        "cors",
        "lifecycle",
        "versioning",
        "website",
        "tags",
        "object_lock",
        "default_retention",
    )

    def __init__(self, client, params, *, check_mode=False):
        super().__init__(client, params, check_mode=check_mode)
        self.s3 = s3.S3(client.credentials)

    # Observe

    def observe(self):
        if self.client.credentials.project_id == UNKNOWN:
            return None
        found = self.get({"name": self.options["name"]})
        if found and self.params.get("state") == "absent" and not self.options.get("force") and self.holds_something():
            raise ResourceError(f"{self.title()} holds objects: force: true deletes them with it", field="force")
        return found

    def get(self, record):
        try:
            self.s3.call("head_bucket", Bucket=record["name"])
        except ApiError as error:
            if error.status == 404:
                return None
            if error.status == 403:
                raise ResourceError(
                    f"bucket {record['name']} belongs to another project, or this key may not see it (choose another name, "
                    "give the project it belongs to, or look at the key's policy)",
                    field="name",
                ) from error
            raise
        wanted = [name for name in self.settings if name in self.options]
        project_id = self.client.credentials.project_id or self.owner(record["name"])
        return self.record(record["name"], project_id) | {name: self.setting(record["name"], name) for name in wanted}

    def owner(self, bucket):
        """The project of a bucket: its ACL's owner is `<project>:<project>`."""
        return self.s3.call("get_bucket_acl", Bucket=bucket)["Owner"]["ID"].partition(":")[0]

    def record(self, name, project_id=None):
        credentials = self.client.credentials
        return {
            "name": name,
            "region": credentials.region,
            "project_id": project_id or credentials.project_id,
            "endpoint": s3.endpoint(credentials),
            "public_url": s3.public_url(credentials, name),
            "website_url": s3.website_url(credentials, name),
        }

    def setting(self, bucket, name):
        """A setting in the form of its option."""
        try:
            return getattr(self, f"read_{name}")(bucket)
        except ApiError as error:
            if error.type in ABSENT:
                return {"cors": [], "lifecycle": [], "object_lock": False}.get(name, {})
            raise

    def read_acl(self, bucket):
        grants = frozenset(
            (grant["Grantee"]["URI"].removeprefix(GROUPS), grant["Permission"])
            for grant in self.s3.call("get_bucket_acl", Bucket=bucket)["Grants"]
            if grant["Grantee"].get("URI")
        )
        return ACLS.get(grants, "custom")

    def read_policy(self, bucket):
        return json.loads(self.s3.call("get_bucket_policy", Bucket=bucket)["Policy"])

    def read_cors(self, bucket):
        rules = self.s3.call("get_bucket_cors", Bucket=bucket)["CORSRules"]
        return [_snake({key: value for key, value in rule.items() if key != "ID"}) for rule in rules]

    def read_lifecycle(self, bucket):
        rules = self.s3.call("get_bucket_lifecycle_configuration", Bucket=bucket)["Rules"]
        return [_rule_from_s3(rule) for rule in rules]

    def read_versioning(self, bucket):
        return self.s3.call("get_bucket_versioning", Bucket=bucket).get("Status") == "Enabled"

    def read_website(self, bucket):
        found = self.s3.call("get_bucket_website", Bucket=bucket)
        site = {"index_document": found.get("IndexDocument", {}).get("Suffix")}
        return site | {"error_document": found.get("ErrorDocument", {}).get("Key")}

    def read_tags(self, bucket):
        return {tag["Key"]: tag["Value"] for tag in self.s3.call("get_bucket_tagging", Bucket=bucket)["TagSet"]}

    def read_object_lock(self, bucket):
        self.s3.call("get_object_lock_configuration", Bucket=bucket)
        return True

    def read_default_retention(self, bucket):
        found = self.s3.call("get_object_lock_configuration", Bucket=bucket)["ObjectLockConfiguration"]
        return _snake(found.get("Rule", {}).get("DefaultRetention", {}))

    # Compare: each setting is replaced as a whole, so it is compared as a whole.

    def check_options(self):
        super().check_options()
        website = self.options.get("website")
        if website and any(website.values()) and not website.get("index_document"):
            raise ResourceError("website.index_document: a website needs one", field="website.index_document")
        for rule in self.options.get("lifecycle") or ():
            if not set(_without_empty(rule)) - {"id", "enabled", "prefix", "tags"}:
                raise ResourceError(f"lifecycle: rule {rule['id']!r} has no action", field="lifecycle")
        retention = _without_empty(self.options.get("default_retention") or {})
        if retention and ("mode" not in retention or ("days" in retention) == ("years" in retention)):
            raise ResourceError("default_retention: needs mode, and either days or years", field="default_retention")

    def differs(self, option, current):
        return self.normalise(option, self.options[option]) != self.normalise(option, current.get(option))

    def normalise(self, option, value):
        if option == "policy":
            return _meaning(value or {})
        if option == "tags":
            return {key: str(item) for key, item in (value or {}).items()}
        if option == "cors":
            return [_without_empty(rule) for rule in value or ()]
        if option == "lifecycle":
            return sorted((_without_empty(_rule(rule)) for rule in value or ()), key=lambda rule: rule["id"])
        if option in ("website", "default_retention"):
            return _without_empty(value or {})
        return value

    # Apply

    def creation(self):
        return {}  # a bucket needs nothing but its name

    def predict(self):
        return self.record(self.options["name"], self.client.credentials.project_id or UNKNOWN) | {
            name: value for name, value in (self.create_with | self.options).items() if name in self.settings
        }

    def create(self):
        name = self.options["name"]
        lock = {"ObjectLockEnabledForBucket": True} if self.options.get("object_lock") else {}
        try:
            self.s3.call("create_bucket", Bucket=name, CreateBucketConfiguration=self.location(), **lock)
        except ApiError as error:
            if error.status != 409 or self.get({"name": name}) is None:  # ours: an answer was lost on the way
                raise
        created = self.get({"name": name})
        if changes := self.plan(created):
            self.update(created, changes)
        return self.get({"name": name})

    def location(self):
        return {"LocationConstraint": self.client.credentials.region}

    def update(self, current, changes):
        # The policy comes last: it may take away the right to change the rest.
        for option in sorted(changes, key=lambda option: option == "policy"):
            getattr(self, f"write_{option}")(current["name"], changes[option])

    def write_acl(self, bucket, value):
        self.s3.call("put_bucket_acl", Bucket=bucket, ACL=value)

    def write_policy(self, bucket, value):
        if not value:
            self.s3.call("delete_bucket_policy", Bucket=bucket)
            return
        deadline = min(time.monotonic() + PROPAGATION_SECONDS, self.client.deadline)
        while True:
            try:
                self.s3.call("put_bucket_policy", Bucket=bucket, Policy=json.dumps(value))
                return
            except ApiError as error:
                too_new = error.type == "MalformedPolicy" and "_id:" in json.dumps(value)
                if not too_new or time.monotonic() > deadline:
                    raise
                self.client.progress(f"{self.title()}: the policy's principals are not known yet")
                time.sleep(2)

    def write_cors(self, bucket, value):
        if not value:
            self.s3.call("delete_bucket_cors", Bucket=bucket)
            return
        rules = [_pascal(_without_empty(rule)) for rule in value]
        self.s3.call("put_bucket_cors", Bucket=bucket, CORSConfiguration={"CORSRules": rules})

    def write_lifecycle(self, bucket, value):
        if not value:
            self.s3.call("delete_bucket_lifecycle", Bucket=bucket)
            return
        rules = [_rule_to_s3(_without_empty(_rule(rule))) for rule in value]
        self.s3.call("put_bucket_lifecycle_configuration", Bucket=bucket, LifecycleConfiguration={"Rules": rules})

    def write_versioning(self, bucket, value):
        status = {"Status": "Enabled" if value else "Suspended"}
        self.s3.call("put_bucket_versioning", Bucket=bucket, VersioningConfiguration=status)

    def write_website(self, bucket, value):
        if not _without_empty(value):
            self.s3.call("delete_bucket_website", Bucket=bucket)
            return
        site = {"IndexDocument": {"Suffix": value["index_document"]}}
        if value.get("error_document"):
            site["ErrorDocument"] = {"Key": value["error_document"]}
        self.s3.call("put_bucket_website", Bucket=bucket, WebsiteConfiguration=site)

    def write_tags(self, bucket, value):
        if not value:
            self.s3.call("delete_bucket_tagging", Bucket=bucket)
            return
        tags = [{"Key": key, "Value": str(item)} for key, item in value.items()]
        self.s3.call("put_bucket_tagging", Bucket=bucket, Tagging={"TagSet": tags})

    def write_default_retention(self, bucket, value):
        value = _without_empty(value)
        rule = {"Rule": {"DefaultRetention": _pascal(value)}} if value else {}
        lock = {"ObjectLockEnabled": "Enabled"} | rule
        self.s3.call("put_object_lock_configuration", Bucket=bucket, ObjectLockConfiguration=lock)

    # Remove

    def holds_something(self):
        name = self.options["name"]
        page = self.s3.call("list_object_versions", Bucket=name, MaxKeys=1)
        uploads = self.s3.call("list_multipart_uploads", Bucket=name, MaxUploads=1)
        return bool(page.get("Versions") or page.get("DeleteMarkers") or uploads.get("Uploads"))

    def delete(self, current):
        name = current["name"]
        if self.options.get("force"):
            self.empty(name)
        try:
            self.s3.call("delete_bucket", Bucket=name)
        except ApiError as error:
            if error.status != 404:
                raise

    def empty(self, bucket):
        for page in self.s3.pages("list_object_versions", Bucket=bucket):
            held = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in held]
            if not objects:
                continue
            done = self.s3.call("delete_objects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            if refused := done.get("Errors"):
                raise ApiError(f"{len(refused)} objects of {self.title()} cannot be deleted: {refused[0]['Message']}")
        for page in self.s3.pages("list_multipart_uploads", Bucket=bucket):
            for upload in page.get("Uploads", ()):
                self.s3.call("abort_multipart_upload", Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def _without_empty(value):
    """Without what says nothing: None, and dictionaries and lists that are empty, at any depth."""
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and item != {} and item != []}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value


def _pascal(value):
    """{"max_age_seconds": 1} -> {"MaxAgeSeconds": 1}, at any depth."""
    if isinstance(value, dict):
        return {"".join(part.capitalize() for part in key.split("_")): _pascal(item) for key, item in value.items()}
    return [_pascal(item) for item in value] if isinstance(value, list) else value


def _snake(value):
    if isinstance(value, dict):
        return {re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower(): _snake(item) for key, item in value.items()}
    return [_snake(item) for item in value] if isinstance(value, list) else value


def _rule(rule):
    """A lifecycle rule as an option, with what the user may leave out or write in several ways."""
    days = [
        {"date": str(action["date"])[:10]} if action.get("date") else {}
        for action in [rule.get("expiration") or {}, *(rule.get("transitions") or ())]
    ]
    transitions = [action | day for action, day in zip(rule.get("transitions") or (), days[1:], strict=True)]
    transitions.sort(key=lambda action: (action.get("days") or 0, action.get("date") or ""))
    return (
        {"enabled": True}
        | rule
        | {"prefix": rule.get("prefix") or None}  # an empty one is all objects, as none is
        | {"expiration": (rule.get("expiration") or {}) | days[0], "transitions": transitions}
    )


def _rule_to_s3(rule):
    conditions = {"Prefix": rule.pop("prefix")} if rule.get("prefix") else {}
    tags = [{"Key": key, "Value": str(value)} for key, value in rule.pop("tags", {}).items()]
    if len(tags) == 1 and not conditions:
        conditions = {"Tag": tags[0]}
    elif tags:
        conditions = {"And": conditions | {"Tags": tags}}
    rule.pop("prefix", None)
    status = "Enabled" if rule.pop("enabled") else "Disabled"
    return {"ID": rule.pop("id"), "Status": status, "Filter": conditions} | _pascal(rule)


def _rule_from_s3(rule):
    conditions = rule.get("Filter", {})
    conditions = conditions.get("And", conditions)
    tags = conditions.get("Tags", [conditions["Tag"]] if "Tag" in conditions else [])
    actions = {key: value for key, value in rule.items() if key not in ("ID", "Status", "Filter", "Prefix")}
    return _rule(
        {"id": rule["ID"], "enabled": rule["Status"] == "Enabled"}
        | {"prefix": conditions.get("Prefix") or rule.get("Prefix"), "tags": {tag["Key"]: tag["Value"] for tag in tags}}
        | _snake(actions)
    )


def _meaning(policy):
    """A policy in the one form that all ways to write it have in common."""
    statements = [
        _several(statement) | {"Principal": _principals(statement.get("Principal"))}
        for statement in _listed(policy.get("Statement"))
    ]
    return (
        policy | {"Statement": sorted(statements, key=lambda statement: json.dumps(statement, sort_keys=True))}
        if policy
        else {}
    )


def _principals(principal):
    return sorted(_listed(principal.get("SCW") if isinstance(principal, dict) else principal))


def _several(statement):
    several = {key: sorted(_listed(value)) for key, value in statement.items() if key in ("Action", "Resource")}
    conditions = {
        operator: {key: sorted(_listed(value)) for key, value in keys.items()}
        for operator, keys in statement.get("Condition", {}).items()
    }
    return statement | several | ({"Condition": conditions} if conditions else {})


def _listed(value):
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
