"""Who may do what: IAM, bucket policies, ACLs.

Rules (Scaleway documentation, "Combining IAM and bucket policies" and "S3 and IAM permissions equivalence"): IAM must permit
the action in the bucket's project; a bucket policy of version 2023-04-17 must allow it too, one of version 2012-10-17 must
only not deny it; the organization's owner can always read, put and delete the policy. Whoever IAM says nothing of
(anonymous clients, other projects) gets what a policy or an ACL grants.
"""

import fnmatch
import json
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from .errors import S3Error

# (method, sub-resource in the query, "" for none) -> (what IAM must permit, bucket policy action)
BUCKET = {
    ("GET", ""): ("object:read", "s3:ListBucket"),
    ("HEAD", ""): ("bucket:read", "s3:ListBucket"),
    ("PUT", ""): ("bucket:write", "s3:CreateBucket"),
    ("DELETE", ""): ("bucket:delete", "s3:DeleteBucket"),
    ("POST", "delete"): ("object:delete", "s3:DeleteObject"),
    ("GET", "uploads"): ("object:read", "s3:ListBucketMultipartUploads"),
    ("GET", "versions"): ("object:read", "s3:ListBucketVersions"),
    ("GET", "location"): ("bucket:read", "s3:GetBucketLocation"),
    ("GET", "acl"): ("bucket:read", "s3:GetBucketAcl"),
    ("PUT", "acl"): ("bucket:write", "s3:PutBucketAcl"),
    ("GET", "cors"): ("bucket:read", "s3:GetBucketCORS"),
    ("PUT", "cors"): ("bucket:write", "s3:PutBucketCORS"),
    ("DELETE", "cors"): ("bucket:write", "s3:PutBucketCORS"),
    ("GET", "lifecycle"): ("bucket:read", "s3:GetLifecycleConfiguration"),
    ("PUT", "lifecycle"): ("bucket:write", "s3:PutLifecycleConfiguration"),
    ("DELETE", "lifecycle"): ("bucket:write", "s3:PutLifecycleConfiguration"),
    ("GET", "tagging"): ("bucket:read", "s3:GetBucketTagging"),
    ("PUT", "tagging"): ("bucket:write", "s3:PutBucketTagging"),
    ("DELETE", "tagging"): ("bucket:write", "s3:PutBucketTagging"),
    ("GET", "versioning"): ("bucket:read", "s3:GetBucketVersioning"),
    ("PUT", "versioning"): ("bucket:write", "s3:PutBucketVersioning"),
    ("GET", "website"): ("bucket:read", "s3:GetBucketWebsite"),
    ("PUT", "website"): ("bucket:write", "s3:PutBucketWebsite"),
    ("DELETE", "website"): ("bucket:write", "s3:DeleteBucketWebsite"),
    ("GET", "encryption"): ("bucket:read", "s3:GetEncryptionConfiguration"),
    ("PUT", "encryption"): ("bucket:write", "s3:PutEncryptionConfiguration"),
    ("DELETE", "encryption"): ("bucket:write", "s3:PutEncryptionConfiguration"),
    ("GET", "object-lock"): ("object:read", "s3:GetBucketObjectLockConfiguration"),
    ("PUT", "object-lock"): ("object:write", "s3:PutBucketObjectLockConfiguration"),
    ("GET", "policy"): ("bucket_policy:read", "s3:GetBucketPolicy"),
    ("GET", "policyStatus"): ("bucket_policy:read", "s3:GetBucketPolicyStatus"),
    ("PUT", "policy"): ("bucket_policy:write", "s3:PutBucketPolicy"),
    ("DELETE", "policy"): ("bucket_policy:write", "s3:DeleteBucketPolicy"),
}
OBJECT = {
    ("GET", ""): ("object:read", "s3:GetObject"),
    ("HEAD", ""): ("object:read", "s3:GetObject"),
    ("PUT", ""): ("object:write", "s3:PutObject"),
    ("DELETE", ""): ("object:delete", "s3:DeleteObject"),
    ("GET", "versionId"): ("object:read", "s3:GetObjectVersion"),
    ("HEAD", "versionId"): ("object:read", "s3:GetObjectVersion"),
    ("DELETE", "versionId"): ("object:delete", "s3:DeleteObjectVersion"),
    ("POST", "uploads"): ("object:write", "s3:PutObject"),
    ("PUT", "uploadId"): ("object:write", "s3:PutObject"),
    ("POST", "uploadId"): ("object:write", "s3:PutObject"),
    ("GET", "uploadId"): ("object:read", "s3:ListMultipartUploadParts"),
    ("DELETE", "uploadId"): ("object:delete", "s3:AbortMultipartUpload"),
    ("GET", "acl"): ("object:read", "s3:GetObjectAcl"),
    ("PUT", "acl"): ("object:write", "s3:PutObjectAcl"),
    ("GET", "tagging"): ("object:read", "s3:GetObjectTagging"),
    ("PUT", "tagging"): ("object:write", "s3:PutObjectTagging"),
    ("DELETE", "tagging"): ("object:write", "s3:DeleteObjectTagging"),
    ("GET", "attributes"): ("object:read", "s3:GetObjectAttributes"),
    ("GET", "retention"): ("object:read", "s3:GetObjectRetention"),
    ("PUT", "retention"): ("object:write", "s3:PutObjectRetention"),
    ("GET", "legal-hold"): ("object:read", "s3:GetObjectLegalHold"),
    ("PUT", "legal-hold"): ("object:write", "s3:PutObjectLegalHold"),
    ("POST", "restore"): ("object:write", "s3:RestoreObject"),
}
LIST_BUCKETS = "bucket:read"

ACTIONS = {action for table in (BUCKET, OBJECT) for _, action in table.values()}
POLICY_VERSIONS = {"2023-04-17", "2012-10-17"}
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
# What an ACL's permission opens, on a bucket and on an object.
ACL_BUCKET = {
    "READ": {"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"},
    "WRITE": {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"},
    "READ_ACP": {"s3:GetBucketAcl"},
    "WRITE_ACP": {"s3:PutBucketAcl"},
}
ACL_OBJECT = {
    "READ": {"s3:GetObject", "s3:GetObjectVersion"},
    "READ_ACP": {"s3:GetObjectAcl"},
    "WRITE_ACP": {"s3:PutObjectAcl"},
}


@dataclass
class Caller:
    """Whom an access key stands for. `principal` is `user_id:<uuid>` or `application_id:<uuid>`."""

    secret_key: str
    project_id: str
    principal: str
    is_owner: bool  # of the organization
    permits: Callable[[str, str], bool]  # whether IAM does, for e.g. `object:read` in a project


# Query parameters that shape an operation without being one.
ARGUMENTS = {
    *("list-type", "prefix", "delimiter", "marker", "max-keys", "encoding-type", "continuation-token", "start-after"),
    *(
        "fetch-owner",
        "key-marker",
        "version-id-marker",
        "upload-id-marker",
        "max-uploads",
        "max-buckets",
        "bucket-region",
    ),
    *("partNumber", "part-number-marker", "max-parts", "x-id"),
}


def names(table):
    """Sub-resources in the order that decides: `?acl&versionId=…` is about the ACL, so `versionId` comes last."""
    return sorted({name for _, name in table if name}, key=lambda name: (name == "versionId", name))


def operation(method, subresource, has_key):
    """(permission, policy action) of a request; MethodNotAllowed where the API has none."""
    table = OBJECT if has_key else BUCKET
    try:
        return table[method, subresource]
    except KeyError as error:
        raise S3Error("MethodNotAllowed") from error


def check(caller, operation, bucket, resource, source, object_acl=()):
    """Raise AccessDenied unless `caller` (None: anonymous) may do `operation` on `resource`, which is `bucket` or `bucket/key`.

    `bucket` has `project_id`, `policy` (JSON text or None) and `grants`, pairs of grantee and permission as in `object_acl`.
    `source` is the client's IP address.
    """
    permission, action = operation
    own = caller is not None and caller.project_id == bucket.project_id
    if own and caller.is_owner and permission.startswith("bucket_policy:"):
        return  # so that nobody is locked out for good
    policy = json.loads(bucket.policy) if bucket.policy else None
    verdict = judge(policy, caller, action, resource, source) if policy else None
    if verdict == "Deny" or (policy and policy["Version"] == "2023-04-17" and verdict != "Allow"):
        raise S3Error("AccessDenied")
    if own:
        permitted = caller.permits(permission, bucket.project_id)
    else:  # a key acts in one project; another project's bucket opens through a policy or an ACL only
        by_policy = verdict == "Allow" and (caller is None or caller.permits(permission, caller.project_id))
        permitted = by_policy or _granted(caller, action, bucket.grants, object_acl)
    if not permitted:
        raise S3Error("AccessDenied")


def _granted(caller, action, bucket_acl, object_acl):
    grantees = {ALL_USERS} | ({AUTHENTICATED_USERS, f"{caller.project_id}:{caller.project_id}"} if caller else set())
    return any(
        action in _opened(table, permission)
        for table, grants in ((ACL_BUCKET, bucket_acl), (ACL_OBJECT, object_acl))
        for grantee, permission in grants
        if grantee in grantees
    )


def _opened(table, right):
    return set().union(*table.values()) if right == "FULL_CONTROL" else table.get(right, set())


def judge(policy, caller, action, resource, source):
    """ "Deny", "Allow" or None when no statement speaks of it; a deny wins."""
    verdict = None
    for statement in policy["Statement"]:
        if (
            _speaks_of(statement, caller)
            and _holds(statement.get("Condition", {}), source)
            and any(_matches(pattern, action) for pattern in _list(statement["Action"]))
            and any(_matches(pattern, resource) for pattern in _list(statement["Resource"]))
        ):
            if statement["Effect"] == "Deny":
                return "Deny"
            verdict = "Allow"
    return verdict


def _speaks_of(statement, caller):
    principal = statement["Principal"]
    named = _list(principal["SCW"] if isinstance(principal, dict) else principal)
    return "*" in named or bool(caller and {caller.principal, f"project_id:{caller.project_id}"} & set(named))


def _holds(conditions, source):
    return all(
        any(ip_address(source) in ip_network(network, strict=False) for network in _list(keys["aws:SourceIp"]))
        == (operator == "IpAddress")
        for operator, keys in conditions.items()
    )


def _matches(pattern, value):
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


def _list(value):
    return [value] if isinstance(value, str) else value


def validate_policy(text, bucket):
    """The policy as a dict; MalformedPolicy unless it is one that Scaleway accepts for this bucket (resources carry no ARN)."""
    try:
        policy = json.loads(text)
        statements = policy["Statement"]
        known = policy["Version"] in POLICY_VERSIONS and isinstance(statements, list) and statements
        for statement in statements:
            principal = statement["Principal"]
            named = _list(principal["SCW"] if isinstance(principal, dict) else principal)
            known = known and statement["Effect"] in ("Allow", "Deny") and named
            known = known and all(fnmatch.filter(ACTIONS, action) for action in _list(statement["Action"]))
            known = known and all(
                name == "*" or name.partition(":")[0] in ("user_id", "application_id", "project_id") for name in named
            )
            known = known and all(resource.partition("/")[0] == bucket for resource in _list(statement["Resource"]))
            for operator, keys in statement.get("Condition", {}).items():
                known = known and operator in ("IpAddress", "NotIpAddress") and set(keys) == {"aws:SourceIp"}
                for network in _list(keys["aws:SourceIp"]):
                    ip_network(network, strict=False)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise S3Error("MalformedPolicy") from error
    if not known:
        raise S3Error("MalformedPolicy")
    return policy
