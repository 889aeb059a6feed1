# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object Storage: where it is, and the calls to it."""

from __future__ import annotations

from urllib.parse import urlsplit

from .aws import Aws
from .credentials import Credentials
from .errors import ResourceError


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


class S3(Aws):
    service = "s3"
    hints = {
        "AccessDenied": "give the API key's owner a policy with the missing permission in this project, or look at the bucket's policy",
        "BucketAlreadyExists": "bucket names are unique across Scaleway: another project or region has this one",
        "BucketAlreadyOwnedByYou": "it is in another region: give that one as region",
        "InvalidAccessKeyId": "check access_key: it must be a key of the account behind s3_url",
        "SignatureDoesNotMatch": "check secret_key: it is not the one of this access key",
        "RequestTimeTooSkewed": "set this machine's clock",
    }
    unreachable = "s3_url: no answer from {url}: {error} (check the option, AWS_ENDPOINT_URL_S3, and the network)"

    def __init__(self, credentials: Credentials):
        if not credentials.access_key:
            raise ResourceError(
                "access_key is missing: set the option, SCW_ACCESS_KEY, or a profile", field="access_key"
            )
        # Without the project, a key acts in its own default project.
        acting = (
            f"{credentials.access_key}@{credentials.project_id}" if credentials.project_id else credentials.access_key
        )
        addressing = {"addressing_style": "path"}
        super().__init__(credentials, endpoint(credentials), acting, credentials.secret_key, s3=addressing)
