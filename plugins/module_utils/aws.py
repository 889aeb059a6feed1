# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks an AWS protocol: boto3 with this collection's errors. The SDK has none of it."""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    IMPORT_ERROR = None
except ImportError as error:
    IMPORT_ERROR = error

from .client import CONNECT_SECONDS, READ_SECONDS, delays
from .credentials import Credentials
from .errors import ApiError, ResourceError

TRIES = 5  # some 10 s in all: a wrong URL should not take minutes to be told
CONFLICTS = ("OperationAborted", "409")  # another operation is under way; a HEAD has no body to name it in


class Aws:
    """The calls of one task: `call("head_bucket", Bucket=...)`. Refusals are ApiError, whose `type` is the service's code.

    `hints` are remedies by code; `unreachable` says which option gives `url`, and what else to check.
    """

    service = ""
    hints: dict[str, str] = {}
    unreachable = ""

    def __init__(self, credentials: Credentials, url: str, access_key: str, secret_key: str, **config):
        if IMPORT_ERROR:
            raise ResourceError(f"the Python library boto3 is needed: {IMPORT_ERROR}")
        self.url = url
        self._client = boto3.client(
            self.service,
            endpoint_url=url,
            region_name=credentials.region,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            verify=None if credentials.validate_certs else False,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": TRIES},
                **config,
            ),
        )

    def call(self, method: str, /, **arguments) -> dict:
        """Raises: ApiError. boto3 tries again what failed on the way or at the service, this what is refused for the moment."""
        pauses = itertools.islice(delays(), TRIES - 1)
        while True:
            try:
                with self._refusals(method):
                    return getattr(self._client, method)(**arguments)
            except ApiError as refusal:
                pause = next(pauses, None)
                if pause is None or not (refusal.status == 429 or refusal.type in CONFLICTS):
                    raise
            time.sleep(pause)

    def pages(self, method: str, /, **arguments):
        """Every page of a list method."""
        with self._refusals(method):
            yield from self._client.get_paginator(method).paginate(**arguments)

    @contextmanager
    def _refusals(self, method: str):
        try:
            yield
        except ClientError as error:
            raise self._refusal(error, method) from error
        except BotoCoreError as error:
            raise ApiError(self.unreachable.format(url=self.url, error=error)) from error

    def _refusal(self, error: ClientError, method: str) -> ApiError:
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        hint = self.hints.get(code)
        return ApiError(
            f"{method}: {message or code}" + (f" ({hint})" if hint else ""),
            status=error.response["ResponseMetadata"]["HTTPStatusCode"],
            type=code,
            hint=hint,
        )
