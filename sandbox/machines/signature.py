"""AWS Signature Version 4, checked with the signer that AWS's own SDK signs with."""

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, unquote

from botocore.auth import SIGV4_TIMESTAMP, S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

SKEW = timedelta(minutes=15)
HEADER = re.compile(r"AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})")


class Refused(Exception):
    """A claim that is malformed, or not proven: `code` is AWS's, `message` None where the code says it all."""

    def __init__(self, code, message=None):
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass
class Claim:
    """What a request says of itself: it is proven once `verify` returns."""

    access_key: str
    project_id: str | None  # `SCW…@<project id>` acts in that project instead of the key's own
    region: str
    service: str
    timestamp: str
    signed_headers: list[str]
    signature: str
    payload_hash: str
    expires: int | None  # seconds; a presigned URL only


def read(query, headers, services=("s3",)):
    """The claim in a request's `Authorization` header or presigned query, None if it is anonymous.

    Raises Refused unless it is for one of these services.
    """
    if authorization := headers.get("authorization"):
        matched = HEADER.fullmatch(authorization.strip())
        if not matched:
            raise Refused("AuthorizationHeaderMalformed")
        credential, signed, signature = matched.groups()
        timestamp, expires = headers.get("x-amz-date", ""), None
        payload_hash = headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    else:
        fields = dict(parse_qsl(query, keep_blank_values=True))
        if "X-Amz-Signature" not in fields:
            return None
        credential, signed, signature, timestamp = (
            fields.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature", "Date")
        )
        expires, payload_hash = fields.get("X-Amz-Expires", ""), "UNSIGNED-PAYLOAD"
        if not expires.isdigit():
            raise Refused("AuthorizationHeaderMalformed", "X-Amz-Expires must be a number of seconds.")
        expires = int(expires)
    parts = unquote(credential).split("/")
    if len(parts) != 5 or parts[3] not in services or parts[4] != "aws4_request":
        scope = f"<key>/<date>/<region>/{' or '.join(services)}/aws4_request"
        raise Refused("AuthorizationHeaderMalformed", f"The credential scope must be {scope}.")
    access_key, _, project_id = parts[0].partition("@")
    return Claim(
        access_key,
        project_id or None,
        parts[2],
        parts[3],
        timestamp,
        unquote(signed).split(";"),
        signature,
        payload_hash,
        expires,
    )


def verify(claim, secret_key, method, path, query, headers, now=None):
    """Raise SignatureDoesNotMatch, AccessDenied (expired) or RequestTimeTooSkewed unless `secret_key` signed this request.

    `path` and `query` as they came over the wire, `headers` with lower-case names.
    """
    now = now or datetime.now(UTC)
    try:
        signed_at = datetime.strptime(claim.timestamp, SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused("AuthorizationHeaderMalformed", "X-Amz-Date is missing or malformed.") from error
    if signed_at > now + SKEW or (claim.expires is None and signed_at < now - SKEW):
        raise Refused("RequestTimeTooSkewed")
    if claim.expires is not None and now > signed_at + timedelta(seconds=claim.expires):
        raise Refused("AccessDenied", "Request has expired")

    credential = claim.access_key + (f"@{claim.project_id}" if claim.project_id else "")
    kind = _S3Signer if claim.service == "s3" else _Signer
    signer = kind(Credentials(credential, secret_key), claim.service, claim.region)
    signer.signed = claim.signed_headers
    query = "&".join(pair for pair in query.split("&") if not pair.startswith("X-Amz-Signature="))
    request = AWSRequest(method=method, url=f"http://{headers['host']}{path}?{query}", headers=dict(headers))
    request.context["timestamp"] = claim.timestamp
    del request.headers["X-Amz-Content-SHA256"]
    request.headers["X-Amz-Content-SHA256"] = claim.payload_hash
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    if not hmac.compare_digest(expected, claim.signature):
        raise Refused("SignatureDoesNotMatch")


class _AsSigned:
    """Signs the headers that the client signed, rather than those that botocore would choose."""

    def headers_to_sign(self, request):
        chosen = HTTPHeaders()
        for name in self.signed:
            chosen[name] = request.headers.get(name, "")
        return chosen


class _Signer(_AsSigned, SigV4Auth):
    """Of every service but one."""


class _S3Signer(_AsSigned, S3SigV4Auth):
    """S3 takes paths as they are."""
