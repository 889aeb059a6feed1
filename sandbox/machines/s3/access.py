"""Who may do what: IAM permission sets, bucket policies, ACLs.

Rules (Scaleway documentation, "Combining IAM and bucket policies" and "S3 and IAM permissions equivalence"): IAM must allow
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

# (method, sub-resource in the query, "" for none) -> (operation's permission group, bucket policy action)
BUCKET = {
    ("GET", ""): ("ObjectsRead", "s3:ListBucket"),
    ("HEAD", ""): ("BucketsRead", "s3:ListBucket"),
    ("PUT", ""): ("BucketsWrite", "s3:CreateBucket"),
    ("DELETE", ""): ("BucketsDelete", "s3:DeleteBucket"),
    ("POST", "delete"): ("ObjectsDelete", "s3:DeleteObject"),
    ("GET", "uploads"): ("ObjectsRead", "s3:ListBucketMultipartUploads"),
    ("GET", "versions"): ("ObjectsRead", "s3:ListBucketVersions"),
    ("GET", "location"): ("BucketsRead", "s3:GetBucketLocation"),
    ("GET", "acl"): ("BucketsRead", "s3:GetBucketAcl"),
    ("PUT", "acl"): ("BucketsWrite", "s3:PutBucketAcl"),
    ("GET", "cors"): ("BucketsRead", "s3:GetBucketCORS"),
    ("PUT", "cors"): ("BucketsWrite", "s3:PutBucketCORS"),
    ("DELETE", "cors"): ("BucketsWrite", "s3:PutBucketCORS"),
    ("GET", "lifecycle"): ("BucketsRead", "s3:GetLifecycleConfiguration"),
    ("PUT", "lifecycle"): ("BucketsWrite", "s3:PutLifecycleConfiguration"),
    ("DELETE", "lifecycle"): ("BucketsWrite", "s3:PutLifecycleConfiguration"),
    ("GET", "tagging"): ("BucketsRead", "s3:GetBucketTagging"),
    ("PUT", "tagging"): ("BucketsWrite", "s3:PutBucketTagging"),
    ("DELETE", "tagging"): ("BucketsWrite", "s3:PutBucketTagging"),
    ("GET", "versioning"): ("BucketsRead", "s3:GetBucketVersioning"),
    ("PUT", "versioning"): ("BucketsWrite", "s3:PutBucketVersioning"),
    ("GET", "website"): ("BucketsRead", "s3:GetBucketWebsite"),
    ("PUT", "website"): ("BucketsWrite", "s3:PutBucketWebsite"),
    ("DELETE", "website"): ("BucketsWrite", "s3:DeleteBucketWebsite"),
    ("GET", "encryption"): ("BucketsRead", "s3:GetEncryptionConfiguration"),
    ("PUT", "encryption"): ("BucketsWrite", "s3:PutEncryptionConfiguration"),
    ("DELETE", "encryption"): ("BucketsWrite", "s3:PutEncryptionConfiguration"),
    ("GET", "object-lock"): ("ObjectsRead", "s3:GetBucketObjectLockConfiguration"),
    ("PUT", "object-lock"): ("ObjectsWrite", "s3:PutBucketObjectLockConfiguration"),
    ("GET", "policy"): ("PolicyRead", "s3:GetBucketPolicy"),
    ("GET", "policyStatus"): ("PolicyRead", "s3:GetBucketPolicyStatus"),
    ("PUT", "policy"): ("PolicyWrite", "s3:PutBucketPolicy"),
    ("DELETE", "policy"): ("PolicyWrite", "s3:DeleteBucketPolicy"),
}
OBJECT = {
    ("GET", ""): ("ObjectsRead", "s3:GetObject"),
    ("HEAD", ""): ("ObjectsRead", "s3:GetObject"),
    ("PUT", ""): ("ObjectsWrite", "s3:PutObject"),
    ("DELETE", ""): ("ObjectsDelete", "s3:DeleteObject"),
    ("GET", "versionId"): ("ObjectsRead", "s3:GetObjectVersion"),
    ("HEAD", "versionId"): ("ObjectsRead", "s3:GetObjectVersion"),
    ("DELETE", "versionId"): ("ObjectsDelete", "s3:DeleteObjectVersion"),
    ("POST", "uploads"): ("ObjectsWrite", "s3:PutObject"),
    ("PUT", "uploadId"): ("ObjectsWrite", "s3:PutObject"),
    ("POST", "uploadId"): ("ObjectsWrite", "s3:PutObject"),
    ("GET", "uploadId"): ("ObjectsRead", "s3:ListMultipartUploadParts"),
    ("DELETE", "uploadId"): ("ObjectsDelete", "s3:AbortMultipartUpload"),
    ("GET", "acl"): ("ObjectsRead", "s3:GetObjectAcl"),
    ("PUT", "acl"): ("ObjectsWrite", "s3:PutObjectAcl"),
    ("GET", "tagging"): ("ObjectsRead", "s3:GetObjectTagging"),
    ("PUT", "tagging"): ("ObjectsWrite", "s3:PutObjectTagging"),
    ("DELETE", "tagging"): ("ObjectsWrite", "s3:DeleteObjectTagging"),
    ("GET", "attributes"): ("ObjectsRead", "s3:GetObjectAttributes"),
    ("GET", "retention"): ("ObjectsRead", "s3:GetObjectRetention"),
    ("PUT", "retention"): ("ObjectsWrite", "s3:PutObjectRetention"),
    ("GET", "legal-hold"): ("ObjectsRead", "s3:GetObjectLegalHold"),
    ("PUT", "legal-hold"): ("ObjectsWrite", "s3:PutObjectLegalHold"),
    ("POST", "restore"): ("ObjectsWrite", "s3:RestoreObject"),
}
LIST_BUCKETS = "BucketsRead"

READ = {"BucketsRead", "ObjectsRead", "PolicyRead"}
EVERYTHING = READ | {"BucketsWrite", "BucketsDelete", "ObjectsWrite", "ObjectsDelete", "PolicyWrite"}
PERMISSION_SETS = {
    "AllProductsFullAccess": EVERYTHING,
    "AllProductsReadOnly": READ,
    "ObjectStorageFullAccess": EVERYTHING,
    "ObjectStorageReadOnly": READ,
    "ObjectStorageBucketsRead": {"BucketsRead"},
    "ObjectStorageBucketsWrite": {"BucketsWrite"},
    "ObjectStorageBucketsDelete": {"BucketsDelete"},
    "ObjectStorageObjectsRead": {"ObjectsRead"},
    "ObjectStorageObjectsWrite": {"ObjectsWrite"},
    "ObjectStorageObjectsDelete": {"ObjectsDelete"},
    "ObjectStorageBucketPolicyRead": {"PolicyRead"},
    "ObjectStorageBucketPolicyFullAccess": {"PolicyRead", "PolicyWrite"},
}

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
    is_owner: bool  # of the organization: IAM allows everything
    permission_sets: Callable[[str], set[str]]  # project id -> names of the sets that hold there

    def allowed(self, group, project_id):
        return self.is_owner or any(group in PERMISSION_SETS.get(name, ()) for name in self.permission_sets(project_id))


def names(table):
    """Sub-resources in the order that decides: `?acl&versionId=…` is about the ACL, so `versionId` comes last."""
    return sorted({name for _, name in table if name}, key=lambda name: (name == "versionId", name))


def operation(method, subresource, has_key):
    """(permission group, policy action) of a request; MethodNotAllowed where the API has none."""
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
    group, action = operation
    own = caller is not None and caller.project_id == bucket.project_id
    if own and caller.is_owner and group in ("PolicyRead", "PolicyWrite"):
        return  # so that nobody is locked out for good
    policy = json.loads(bucket.policy) if bucket.policy else None
    verdict = judge(policy, caller, action, resource, source) if policy else None
    if verdict == "Deny" or (policy and policy["Version"] == "2023-04-17" and verdict != "Allow"):
        raise S3Error("AccessDenied")
    if own:
        permitted = caller.allowed(group, bucket.project_id)
    else:  # a key acts in one project; another project's bucket opens through a policy or an ACL only
        by_policy = verdict == "Allow" and (caller is None or caller.allowed(group, caller.project_id))
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
            known = known and all(action == "*" or action.startswith("s3:") for action in _list(statement["Action"]))
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
