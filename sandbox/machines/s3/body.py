"""Request bodies: bounded, undone of `aws-chunked`, checked against what the client says they are."""

import base64
import hashlib
import zlib

from .errors import S3Error

LIMIT = 512 * 1024 * 1024  # one request; larger objects come in parts, as every SDK sends them


async def receive(stream, headers):
    """The body as (bytes, headers): what was sent, and the headers with those of a chunked body's trailer."""
    received = bytearray()
    async for chunk in stream:
        received += chunk
        if len(received) > LIMIT:
            raise S3Error("EntityTooLarge", f"One request carries {LIMIT} bytes at most: upload in parts.")
    body = bytes(received)
    declared = headers.get("x-amz-content-sha256", "")
    if declared.startswith("STREAMING-"):
        body, trailer = unchunk(body)
        headers = {name: value for name, value in headers.items() if name != "x-amz-trailer"} | trailer
        headers["content-encoding"] = ",".join(
            coding
            for coding in headers.get("content-encoding", "").split(",")
            if coding.strip() not in ("", "aws-chunked")
        )
        if len(body) != int(headers.get("x-amz-decoded-content-length", len(body))):
            raise S3Error("IncompleteBody")
    elif len(declared) == 64 and hashlib.sha256(body).hexdigest() != declared:
        raise S3Error("XAmzContentSHA256Mismatch")
    check(body, headers)
    return body, {name: value for name, value in headers.items() if value and name != "x-amz-content-sha256"}


def unchunk(raw):
    """(content, trailing headers) of an `aws-chunked` body: `<hex size>[;chunk-signature=…]\\r\\n<data>\\r\\n … 0\\r\\n<trailer>`."""
    content, position = bytearray(), 0
    try:
        while True:
            end = raw.index(b"\r\n", position)
            size = int(raw[position:end].partition(b";")[0], 16)
            position = end + 2
            if size == 0:
                break
            content += raw[position : position + size]
            position += size + 2
    except ValueError as error:
        raise S3Error("IncompleteBody") from error
    lines = (line.partition(b":") for line in raw[position:].split(b"\r\n") if line)
    return bytes(content), {name.decode().lower(): value.decode().strip() for name, _, value in lines}


def check(body, headers):
    """Raise BadDigest where a checksum that the client sent is not that of the body."""
    digests = {
        "content-md5": lambda: hashlib.md5(body).digest(),
        "x-amz-checksum-sha256": lambda: hashlib.sha256(body).digest(),
        "x-amz-checksum-sha1": lambda: hashlib.sha1(body).digest(),
        "x-amz-checksum-crc32": lambda: zlib.crc32(body).to_bytes(4, "big"),
    }
    for name, digest in digests.items():
        if name in headers and base64.b64encode(digest()).decode() != headers[name]:
            raise S3Error("BadDigest")
