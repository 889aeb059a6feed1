"""The S3 endpoint: finds the bucket and the caller, refuses or lets through, has the engine do it, and speaks as Scaleway does.

Addresses: `/bucket/key` on any name, `<bucket>.s3.<region>.<domain>`, and for websites `<bucket>.s3-website.<region>.<domain>`.
"""

import asyncio
import re
import uuid
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree

import xmltodict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .. import signature
from . import access, body, cors
from .errors import S3Error

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
HOST = re.compile(r"(?:(?P<bucket>[a-z0-9.-]+)\.)?(?P<kind>s3|s3-website)\.(?P<region>[a-z]{2}-[a-z]{3})\.")
FAULTS = {"429": "SlowDown", "500": "InternalError", "503": "ServiceUnavailable", "409": "OperationAborted"}
"""What S3 says where another API answers with this status: see admin.Fault."""
REGIONS = ("fr-par", "nl-ams", "pl-waw", "it-mil")
# moto's own idea of who owns things
MOTO_OWNERS = re.compile(
    rb"75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a|bcaf1ffd86f41161ca5fb16fd081034f"
)


@dataclass
class Target:
    bucket: str  # "" for the service itself
    key: str  # "" for the bucket itself
    region: str | None  # None where only the signature tells
    website: bool


@dataclass
class Bucket:
    """What `access.check` looks at."""

    name: str
    project_id: str
    policy: str | None
    grants: list


def locate(host, path):
    """Host header and quoted path -> Target."""
    named = HOST.match(host)
    path = unquote(path)
    if named and named["bucket"]:
        return Target(named["bucket"], path[1:], named["region"], named["kind"] == "s3-website")
    bucket, _, key = path[1:].partition("/")
    return Target(bucket, key, named and named["region"], False)


class Gateway:
    """ASGI application. `identify(access_key, project_id)` gives an `access.Caller`, None where there is no such key.

    `project_id` is None unless the client names the project to act in. `fault(method, path)` gives the `admin.Fault` that
    is to happen to a request, None for nearly all.
    """

    def __init__(self, engine, identify, fault):
        self.engine = engine
        self.identify = identify
        self.fault = fault

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        request_id = "tx" + uuid.uuid4().hex
        path = scope["raw_path"].decode("latin-1")
        target = locate(request.headers.get("host", ""), path)
        fault = self.fault(request.method, path)
        if fault and fault.ms:
            await asyncio.sleep(fault.ms / 1000)
        try:
            if fault and fault.kind in FAULTS:
                raise S3Error(FAULTS[fault.kind])
            response = Response() if fault and fault.kind == "reset" else await self.answer(request, target)
        except (S3Error, signature.Refused) as refusal:
            error = refusal if isinstance(refusal, S3Error) else S3Error(refusal.code, refusal.message)
            content = b"" if request.method == "HEAD" else error.xml("/" + target.bucket, request_id)
            response = Response(content, error.status, media_type="application/xml")
        if fault and fault.kind in ("reset", "lost"):
            request.state.transport.abort()  # what is sent from here on reaches nobody
        response.headers["x-amz-request-id"] = response.headers["x-amz-id-2"] = request_id
        if (held := self.engine.bucket(target.bucket)) is not None and request.method != "OPTIONS":
            response.headers.update(cors.actual(held.cors, request.method, request.headers))
        await response(scope, receive, send)

    async def answer(self, request, target):
        query = request.scope["query_string"].decode("latin-1")
        path = request.scope["raw_path"].decode("latin-1")
        headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
        held = self.engine.bucket(target.bucket)
        if request.method == "OPTIONS":
            if held is None:
                raise S3Error("AccessForbidden")
            return Response(headers=cors.preflight(held.cors, headers))
        source = request.client.host
        if target.website:
            return await run_in_threadpool(self.page, request.method, target, held, source)

        claim = signature.read(query, headers)
        caller = None
        if claim:
            caller = self.identify(claim.access_key, claim.project_id)
            if caller is None:
                raise S3Error("InvalidAccessKeyId")
            signature.verify(claim, caller.secret_key, request.method, path, query, headers)
            if claim.region not in REGIONS or (target.region or claim.region) != claim.region:
                raise S3Error("AuthorizationHeaderMalformed", f"The region '{claim.region}' is wrong.")
        content, headers = await body.receive(request.stream(), headers)
        region = claim.region if claim else target.region
        call = Call(self.engine, request.method, target, query, headers, content, caller, region, source)
        return await run_in_threadpool(call.run)

    def page(self, method, target, held, source):
        """A page of a bucket's website: the index of a folder, the error document where there is none."""
        if held is None:
            raise S3Error("NoSuchBucket")
        if not held.website_configuration:
            raise S3Error("NoSuchWebsiteConfiguration")
        if method not in ("GET", "HEAD"):
            raise S3Error("MethodNotAllowed")
        site = xmltodict.parse(held.website_configuration)["WebsiteConfiguration"]
        key = target.key
        if not key or key.endswith("/"):
            key += site["IndexDocument"]["Suffix"]

        def fetch(name):
            page = Target(held.name, name, held.region_name, False)
            response = Call(self.engine, method, page, "", {}, b"", None, held.region_name, source).run()
            if response.status_code == 404:
                raise S3Error("NoSuchKey")
            return response

        try:
            return fetch(key)
        except S3Error as missing:
            if not (error_document := (site.get("ErrorDocument") or {}).get("Key")):
                raise
            response = fetch(error_document)
            response.status_code = missing.status
            return response


@dataclass
class Call:
    """One request to the API: `run` checks that it is permitted and does it."""

    engine: object
    method: str
    target: Target
    query: str
    headers: dict
    content: bytes
    caller: access.Caller | None
    region: str | None
    source: str

    def run(self):
        self.parameters = parse_qs(self.query, keep_blank_values=True)
        self.refuse_unknown()
        if not self.target.bucket:
            return self.list_buckets()
        with self.engine.lock:
            self.held = self.engine.bucket(self.target.bucket)
            if self.creates_bucket:
                return self.create_bucket()
            if self.held is None or (self.region and self.held.region_name != self.region):
                raise S3Error("NoSuchBucket")
            self.permit()
            if (self.method, self.subresource) == ("PUT", "object-lock"):
                return self.lock_objects()
            answer = self.engine.call(
                self.held.account_id,
                self.held.region_name,
                self.method,
                f"/{self.target.bucket}" + (f"/{self.target.key}" if self.target.key else ""),
                self.query,
                self.forwarded(),
                self.content,
            )
            if answer.status < 300 and self.method in ("PUT", "POST", "DELETE"):
                self.engine.save(self.target.bucket, *self.touched())
        return self.respond(answer)

    @property
    def subresources(self):
        return access.names(access.OBJECT if self.target.key else access.BUCKET)

    @property
    def subresource(self):
        return next((name for name in self.subresources if name in self.parameters), "")

    def refuse_unknown(self):
        """A sub-resource that is not served must not be taken for the bucket or object itself."""
        for name in self.parameters.keys() - access.ARGUMENTS - set(self.subresources):
            if not name.lower().startswith(("x-amz-", "response-")):
                raise S3Error("NotImplemented", f"?{name} is not served by the sandbox.")

    @property
    def creates_bucket(self):
        return self.method == "PUT" and not self.target.key and not self.subresource

    def list_buckets(self):
        if self.caller is None or not self.caller.permits(access.LIST_BUCKETS, self.caller.project_id):
            raise S3Error("AccessDenied")
        query = self.query + f"&bucket-region={self.region}"
        answer = self.engine.call(self.caller.project_id, self.region, "GET", "/", query, self.forwarded(), b"")
        return self.respond(answer, owner=self.caller.project_id)

    def create_bucket(self):
        if self.caller is None or not self.caller.permits("bucket:create", self.caller.project_id):
            raise S3Error("AccessDenied")
        if not BUCKET_NAME.fullmatch(self.target.bucket) or ".." in self.target.bucket:
            raise S3Error("InvalidBucketName")
        if self.content:
            asked = self.xml().findtext("{*}LocationConstraint") or self.region
            if asked != self.region:
                raise S3Error("IllegalLocationConstraintException")
        constraint = f"<CreateBucketConfiguration><LocationConstraint>{self.region}</LocationConstraint></CreateBucketConfiguration>"
        answer = self.engine.call(
            self.caller.project_id,
            self.region,
            "PUT",
            f"/{self.target.bucket}",
            "",
            self.forwarded(),
            constraint.encode(),
        )
        if answer.status < 300:
            self.engine.save(self.target.bucket)
        return self.respond(answer, owner=self.caller.project_id)

    def lock_objects(self):
        """Set the default retention. moto takes one for an empty bucket only, S3 for any that was made with object lock."""
        if not self.held.object_lock_enabled:
            raise S3Error("InvalidBucketState")
        retention = self.xml().find("{*}Rule/{*}DefaultRetention")
        wanted = {child.tag.rpartition("}")[2]: child.text for child in retention} if retention is not None else {}
        if wanted and (
            wanted.get("Mode") not in ("GOVERNANCE", "COMPLIANCE") or ("Days" in wanted) == ("Years" in wanted)
        ):
            raise S3Error("MalformedXML")
        self.held.default_lock_mode = wanted.get("Mode")
        self.held.default_lock_days = int(wanted.get("Days", 0))
        self.held.default_lock_years = int(wanted.get("Years", 0))
        self.engine.save(self.held.name)
        return Response()

    def permit(self):
        """Check the operation, and for a copy that its source may be read, for a mass deletion every key."""
        wanted = access.operation(self.method, self.subresource, bool(self.target.key))
        if (self.method, self.subresource) == ("POST", "delete"):
            for item in self.xml().iterfind("{*}Object"):
                which = "" if item.findtext("{*}VersionId") is None else "versionId"
                self.check(access.OBJECT["DELETE", which], self.held, item.findtext("{*}Key"))
        else:
            self.check(wanted, self.held, self.target.key)
        if source := self.headers.get("x-amz-copy-source"):
            bucket, _, key = unquote(source.partition("?")[0]).lstrip("/").partition("/")
            if (held := self.engine.bucket(bucket)) is None:
                raise S3Error("NoSuchBucket")
            self.check(access.OBJECT["GET", ""], held, key)
        if self.subresource == "policy" and self.method == "PUT":
            access.validate_policy(self.content, self.target.bucket)
        if self.subresource == "lifecycle" and self.method == "PUT" and not self.xml().findall("{*}Rule"):
            raise S3Error("MalformedXML", "Lifecycle configuration cannot be empty")

    def check(self, wanted, held, key):
        version = self.parameters.get("versionId", [None])[0]
        stored = self.engine.key(held, key, version) if key else None
        bucket = Bucket(
            held.name, held.account_id, held.policy and held.policy.decode(), grants(held.acl, held.account_id)
        )
        resource = held.name + (f"/{key}" if key else "")
        object_acl = grants(stored.acl, held.account_id) if stored else ()
        try:
            access.check(self.caller, wanted, bucket, resource, self.source, object_acl)
        except S3Error:
            # Who may list a bucket may know that a key is missing.
            if stored is None and key and wanted[1] == "s3:GetObject":
                access.check(self.caller, access.BUCKET["GET", ""], bucket, held.name, self.source)
                raise S3Error("NoSuchKey") from None
            raise

    def xml(self):
        try:
            return ElementTree.fromstring(self.content)
        except ElementTree.ParseError as error:
            raise S3Error("MalformedXML") from error

    def forwarded(self):
        dropped = ("host", "authorization", "content-length", "transfer-encoding", "expect", "origin", "connection")
        return {name: value for name, value in self.headers.items() if name not in dropped}

    def touched(self):
        """(keys, uploads) that the write has changed."""
        if self.target.key:
            return [self.target.key], self.parameters.get("uploadId", list(self.held.multiparts))
        if self.subresource == "delete":
            return [key.text for key in self.xml().iterfind("{*}Object/{*}Key")], ()
        return (), ()

    def respond(self, answer, owner=None):
        owner = owner or self.held.account_id
        content = answer.body
        is_document = not self.target.key or self.subresource
        if is_document and answer.headers.get("content-type", "").startswith("application/xml"):
            content = echo(content, self.subresource, owner)
        own = ("content-length", "server", "date", "x-amzn-requestid")
        headers = {
            name: v for name, v in answer.headers.items() if name not in own and not name.startswith("access-control-")
        }
        if self.method == "HEAD":
            headers["content-length"] = answer.headers.get("content-length", "0")
            content = b""
        return Response(content, answer.status, headers)


def grants(acl, owner):
    """moto's ACL -> [(grantee, permission)], a grantee being a group's URI or `<project>:<project>`."""
    return [
        (grantee.uri or (f"{owner}:{owner}" if MOTO_OWNERS.fullmatch(grantee.id.encode()) else grantee.id), permission)
        for grant in (acl.grants if acl else ())
        for grantee in grant.grantees
        for permission in grant.permissions
    ]


def echo(document, subresource, owner):
    """moto's document as Scaleway writes it: owners are projects, and some roots have names of their own."""
    document = MOTO_OWNERS.sub(f"{owner}:{owner}".encode(), document).replace(
        b">webfile<", f">{owner}:{owner}<".encode()
    )
    if subresource == "lifecycle":
        return re.sub(rb"<(/?)LifecycleConfiguration[^>]*>", rb"<\1Configuration>", document)
    if subresource == "versioning":
        document = document.replace(b"GetBucketVersioningResponse", b"VersioningConfiguration")
        return re.sub(
            rb"<(VersioningConfiguration [^>]*)/>", rb"<\1><Status></Status></VersioningConfiguration>", document
        )
    if subresource == "object-lock":
        return re.sub(rb"<(Days|Years)>0</\1>", b"", document)
    return document
