# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object Storage: boto3 with this collection's credentials and errors. The SDK has no S3."""

from __future__ import annotations

from urllib.parse import urlsplit

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    IMPORT_ERROR = None
except ImportError as error:
    IMPORT_ERROR = error

from .client import CONNECT_SECONDS, READ_SECONDS
from .credentials import Credentials
from .errors import ApiError, ResourceError

TRIES = 5  # some 10 s in all: a wrong s3_url should not take minutes to be told
_HINTS = {
    "AccessDenied": "give the API key's owner a policy with the missing permission in this project, or look at the bucket's policy",
    "BucketAlreadyExists": "bucket names are unique across Scaleway: another project or region has this one",
    "BucketAlreadyOwnedByYou": "it is in another region: give that one as region",
    "InvalidAccessKeyId": "check access_key: it must be a key of the account behind s3_url",
    "SignatureDoesNotMatch": "check secret_key: it is not the one of this access key",
    "RequestTimeTooSkewed": "set this machine's clock",
}


def endpoint(credentials: Credentials) -> str:
    return (credentials.s3_url or f"https://s3.{credentials.region}.scw.cloud").rstrip("/")


def public_url(credentials: Credentials, bucket: str) -> str:
    """Where anybody finds the bucket's public objects."""
    url = urlsplit(endpoint(credentials))
    if url.netloc.startswith("s3."):
        return f"{url.scheme}://{bucket}.{url.netloc}"
    return f"{endpoint(credentials)}/{bucket}"


def website_url(credentials: Credentials, bucket: str) -> str | None:
    """Where the bucket's website is served, None behind an endpoint that has no name for it."""
    url = urlsplit(endpoint(credentials))
    if not url.netloc.startswith("s3."):
        return None
    return f"{url.scheme}://{bucket}.s3-website.{url.netloc.removeprefix('s3.')}"


class S3:
    """The calls of one task: `call("head_bucket", Bucket=...)`. Refusals are ApiError, whose `type` is S3's code."""

    def __init__(self, credentials: Credentials):
        if IMPORT_ERROR:
            raise ResourceError(f"the Python library boto3 is needed: {IMPORT_ERROR}")
        if not credentials.access_key:
            raise ResourceError(
                "access_key is missing: set the option, SCW_ACCESS_KEY, or a profile", field="access_key"
            )
        self.credentials = credentials
        # Without the project, a key acts in its own default project.
        acting = (
            f"{credentials.access_key}@{credentials.project_id}" if credentials.project_id else credentials.access_key
        )
        self._client = boto3.client(
            "s3",
            endpoint_url=endpoint(credentials),
            region_name=credentials.region,
            aws_access_key_id=acting,
            aws_secret_access_key=credentials.secret_key,
            verify=None if credentials.validate_certs else False,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": TRIES},
                s3={"addressing_style": "path"},
            ),
        )

    def call(self, method: str, /, **arguments) -> dict:
        try:
            return getattr(self._client, method)(**arguments)
        except ClientError as error:
            raise _refusal(error, method) from error
        except BotoCoreError as error:
            raise ApiError(
                f"s3_url: no answer from {endpoint(self.credentials)}: {error} (check the option, AWS_ENDPOINT_URL_S3, and the network)"
            ) from error

    def pages(self, method: str, /, **arguments):
        """Every page of a list method."""
        try:
            yield from self._client.get_paginator(method).paginate(**arguments)
        except ClientError as error:
            raise _refusal(error, method) from error


def _refusal(error: ClientError, method: str) -> ApiError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    hint = _HINTS.get(code)
    return ApiError(
        f"{method}: {message or code}" + (f" ({hint})" if hint else ""),
        status=error.response["ResponseMetadata"]["HTTPStatusCode"],
        type=code,
        hint=hint,
    )
