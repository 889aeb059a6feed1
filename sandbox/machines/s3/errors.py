"""What the server refuses, as S3 says it."""

from xml.sax.saxutils import escape

MESSAGES = {
    "AccessDenied": (403, "Access Denied"),
    "AccessForbidden": (403, "CORSResponse: This CORS request is not allowed."),
    "AuthorizationHeaderMalformed": (400, "The authorization header is malformed."),
    "BadDigest": (400, "The checksum you specified did not match what we received."),
    "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed size"),
    "IllegalLocationConstraintException": (400, "The location constraint is not that of the region you called."),
    "IncompleteBody": (400, "You did not provide the number of bytes specified by the Content-Length HTTP header."),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidAccessKeyId": (403, "The AWS Access Key Id you provided does not exist in our records."),
    "InvalidArgument": (400, "Invalid Argument"),
    "InvalidBucketState": (409, "Object Lock configuration cannot be enabled on existing buckets"),
    "InvalidBucketName": (400, "The specified bucket is not valid."),
    "MalformedPolicy": (400, "Policy has invalid resource, action or principal"),
    "MalformedXML": (400, "The XML you provided was not well-formed or did not validate against our published schema"),
    "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
    "NoSuchBucket": (404, "The specified bucket does not exist"),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NoSuchWebsiteConfiguration": (404, "The specified bucket does not have a website configuration"),
    "NotImplemented": (501, "A query parameter you provided implies functionality that is not implemented."),
    "OperationAborted": (409, "A conflicting operation is currently in progress against this resource. Try again."),
    "RequestTimeTooSkewed": (403, "The difference between the request time and the current time is too large."),
    "ServiceUnavailable": (503, "Service is unable to handle request."),
    "SignatureDoesNotMatch": (
        403,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ),
    "SlowDown": (503, "Please reduce your request rate."),
    "XAmzContentSHA256Mismatch": (400, "The provided 'x-amz-content-sha256' header does not match what was computed."),
}


class S3Error(Exception):
    """A refusal: `code` is one of MESSAGES, `message` replaces its usual words."""

    def __init__(self, code, message=None):
        self.code = code
        self.status, usual = MESSAGES[code]
        self.message = message or usual
        super().__init__(f"{code}: {self.message}")

    def xml(self, resource, request_id):
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message><RequestId>{request_id}</RequestId>"
            f"<HostId>{request_id}</HostId><Resource>{escape(resource)}</Resource></Error>"
        ).encode()
