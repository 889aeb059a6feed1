# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SDK, with what it lacks: keep-alive, timeouts, retries, JSON null, and errors that survive an empty body.

The SDK has one place through which every request goes, `API._request`. `Transport` replaces it by inheritance; nothing
of the SDK is patched.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import random
import time
import types
import typing
from collections.abc import Callable

try:
    import requests
    from scaleway_core.client import Client as SdkClient

    IMPORT_ERROR = None
except ImportError as error:  # reported by run(), with the command that installs it
    IMPORT_ERROR = error

from .credentials import Credentials
from .errors import ApiError, ResourceError, api_error
from .values import NULL

USER_AGENT = "stackway.scaleway"
CONNECT_SECONDS, READ_SECONDS = 10, 60
FIRST_DELAY, LONGEST_DELAY = 0.5, 20.0  # seconds between two tries
PAGE_SIZE = 100


class Transport:
    """Mixed into an SDK class in front of its own `_request`, to send through `Client.send`."""

    stackway: Client

    def _request(self, method, path, params=None, headers=None, body=None):
        headers = headers or {}
        if not isinstance(body, bytes):
            body = json.dumps({} if body is None else body, default=_json_default).encode()
            headers = {"Content-Type": "application/json; charset=utf-8"} | headers
        query = [
            (key, item)
            for key, value in (params or {}).items()
            if value is not None
            for item in (value if isinstance(value, list) else [value])
        ]
        response, answer = self.stackway.send(method.upper(), path, query, headers, body)
        total = response.headers.get("X-Total-Count")
        if total is not None and isinstance(answer, dict):
            answer["total_count"] = int(total)
            response._content = json.dumps(answer).encode()  # the SDK's generated code reads the count there
        self.stackway.answer = answer
        return response

    def _throw_on_error(self, response):
        """Nothing to do: `send` has raised already."""


def _json_default(value):
    if value is NULL:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


class Client:
    """All calls of one task to the Scaleway API; gives up waiting and retrying `timeout` seconds after its creation.

    `call("rdb.v1.RdbV1API", "get_instance", instance_id=...)` makes the SDK call and returns the JSON as the API sent it
    (the SDK's own objects lose unknown fields, and cannot tell absent from null), None for an empty body, str for text.
    """

    def __init__(self, credentials: Credentials, timeout: float = 600, progress: Callable[[str], None] | None = None):
        self.credentials = credentials
        self.deadline = time.monotonic() + timeout
        self.progress = progress or (lambda message: None)
        self.answer: object = None
        self._apis: dict[str, object] = {}
        self._repeatable = True
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "X-Auth-Token": credentials.secret_key})
        self._session.verify = credentials.validate_certs
        self._sdk = SdkClient(
            access_key=credentials.access_key,
            secret_key=credentials.secret_key,
            default_organization_id=credentials.organization_id,
            default_project_id=credentials.project_id,
            default_region=credentials.region,
            default_zone=credentials.zone,
            api_url=credentials.api_url,
        )

    # SDK ---------------------------------------------------------------------------

    def method(self, api: str, name: str) -> Callable:
        """The SDK's bound method, e.g. method("rdb.v1.RdbV1API", "get_instance")."""
        if api not in self._apis:
            module, _dot, class_name = f"scaleway.{api}".rpartition(".")
            sdk_class = getattr(importlib.import_module(module), class_name)
            self._apis[api] = type(class_name, (Transport, sdk_class), {"stackway": self})(
                self._sdk, bypass_validation=True
            )
        return getattr(self._apis[api], name)

    def parameters(self, api: str, name: str) -> dict[str, inspect.Parameter]:
        """The parameters of an SDK method by the API's own names (the SDK writes `type_` for `type`)."""
        signature = inspect.signature(self.method(api, name))
        return {parameter.rstrip("_"): value for parameter, value in signature.parameters.items()}

    def call(self, api: str, name: str, /, *, repeatable: bool = True, **arguments):
        """Make one SDK call; plain dicts become the dataclasses that the method wants, None is not sent, NULL is null.

        `repeatable` false: never sent again once it may have been carried out (see `create`).
        """
        method = self.method(api, name)
        hints = typing.get_type_hints(method)
        spelled = {parameter.rstrip("_"): parameter for parameter in inspect.signature(method).parameters}
        if unknown := sorted(set(arguments) - set(spelled)):
            raise TypeError(f"{api}.{name} takes no {', '.join(unknown)}")
        converted = {
            spelled[key]: to_sdk(value, hints.get(spelled[key]))
            for key, value in arguments.items()
            if value is not None
        }
        self._repeatable = repeatable
        try:
            method(**converted)
        except ValueError as error:  # the SDK's own refusal of a parameter
            raise ResourceError(str(error)) from error
        finally:
            self._repeatable = True
        return self.answer

    def list(self, api: str, name: str, /, **arguments) -> list[dict]:
        """All pages of an SDK list method, as the API sent the items."""
        accepted = self.parameters(api, name)
        size = next((key for key in ("page_size", "per_page") if key in accepted), None)
        items: list[dict] = []
        page = 1
        while True:
            paging = {"page": page, size: PAGE_SIZE} if size else {}
            answer = self.call(api, name, **arguments, **paging) or {}
            found = next((value for value in answer.values() if isinstance(value, list)), [])
            items += found
            total = answer.get("total_count")
            if not found or not size or (len(found) < PAGE_SIZE and total is None):
                return items
            if total is not None and len(items) >= int(total):
                return items
            page += 1

    def create(self, find: Callable[[], dict | None], make: Callable[[], dict]) -> dict:
        """Create, once: when the answer to `make()` is lost, `find()` looks for the resource before the next try.

        `make` calls with `repeatable=False`. Returns what either of them does.
        """
        pauses = delays()
        while True:
            try:
                return make()
            except ApiError as error:
                if not error.uncertain:
                    raise
                if found := find():
                    return found
                self._sleep(next(pauses), error)

    # HTTP --------------------------------------------------------------------------

    def send(self, method: str, path: str, query: list, headers: dict, data: bytes, base: str = ""):
        """Send one request, again where that is right: (response, decoded body). Raises ApiError.

        `base` is the URL before the path: of the API, or of a service that takes the API's keys.

        429, 409 (transient state, concurrent update) and, where the request may be repeated, 5xx and lost connections
        are tried again with exponential backoff and jitter until the deadline. What a repeated DELETE no longer finds is
        what the first one has removed.
        """
        pauses, uncertain = delays(), False
        base = base or self.credentials.api_url
        while True:
            try:
                response = self._session.request(
                    method,
                    base + path,
                    params=query,
                    headers=headers,
                    data=data,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                )
            except requests.exceptions.RequestException as cause:
                error = self._unanswered(cause, f"{method} {path}", base)
            else:
                answer = _decode(response)
                if response.status_code < 400:
                    return response, answer
                error = api_error(response.status_code, answer, response.text, f"{method} {path}")
                if method == "DELETE" and response.status_code == 404 and uncertain:
                    return response, None
            if not self._worth_repeating(error):
                raise error
            uncertain = uncertain or error.uncertain
            self._sleep(next(pauses), error)

    def _unanswered(self, cause: Exception, request: str, url: str) -> ApiError:
        """The error for a request without an answer. Raises it where trying again would not help."""
        reason = cause
        while reason.__context__ is not None:
            reason = reason.__context__
        option = "api_url" if url == self.credentials.api_url else "url"
        if isinstance(cause, requests.exceptions.SSLError):
            raise ApiError(f"{option}: the certificate of {url} is not valid: {reason}", request=request) from cause
        connecting = isinstance(cause, requests.exceptions.ConnectTimeout) or "NewConnectionError" in repr(cause)
        if connecting or "NameResolutionError" in repr(cause):
            raise ApiError(
                f"{option}: {url} cannot be reached: {reason} (check the option, {'SCW_API_URL, ' if option == 'api_url' else ''}and the network)",
                request=request,
            ) from cause
        return ApiError(f"no answer from {url}: {reason}", uncertain=True, request=request)

    def _worth_repeating(self, error: ApiError) -> bool:
        if error.uncertain:
            return self._repeatable
        return error.status == 429 or (
            error.status == 409 and (error.type == "transient_state" or "concurrently updated" in str(error))
        )

    def _sleep(self, seconds: float, error: ApiError) -> None:
        if time.monotonic() + seconds > self.deadline:
            raise error
        if seconds > 5:
            self.progress(f"{error}; trying again in {seconds:.0f} s")
        time.sleep(seconds)


def delays():
    """Seconds to wait before what failed is tried again: longer each time, and not the same for all that were refused together."""
    delay = FIRST_DELAY
    while True:
        yield random.uniform(delay / 2, delay)
        delay = min(delay * 2, LONGEST_DELAY)


def _decode(response):
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        return response.text


def to_sdk(value, hint):
    """Plain data -> what the SDK's generated marshalling expects for the type `hint`: dataclasses where it names one.

    Keys that the dataclass lacks are an error that names them; those left out become None, which is not sent.
    """
    if value is None or value is NULL:
        return value
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return to_sdk(value, next(option for option in typing.get_args(hint) if option is not type(None)))
    if typing.get_origin(hint) is list:
        return [to_sdk(item, typing.get_args(hint)[0]) for item in value]
    if typing.get_origin(hint) is dict:
        return {key: to_sdk(item, typing.get_args(hint)[1]) for key, item in value.items()}
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        hints = typing.get_type_hints(hint)
        names = {name.rstrip("_"): name for name in hints}
        if unknown := sorted(set(value) - set(names)):
            raise ResourceError(f"{', '.join(unknown)}: not known to the API's {hint.__name__}")
        return hint(**{name: to_sdk(value.get(key), hints[name]) for key, name in names.items()})
    return value
