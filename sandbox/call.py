"""One call to the API, as a service sees it."""

import json
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from urllib.parse import parse_qs

from .errors import invalid_argument
from .permissions import Permissions

DEEPEST = 100


@dataclass
class Call:
    method: str
    path: str
    query_string: str = ""
    content: bytes = b""
    content_type: str = ""
    authorization: str = ""
    """The header of that name: API calls have a token instead, clients of the image registry do not."""
    params: dict[str, str] = field(default_factory=dict)
    """What the path's placeholders stand for: region, zone, ids."""
    identity: dict | None = None
    """The API key that made the call (a record of kind `iam.api_key`), None on routes that need none."""
    permissions: Permissions | None = None
    """What that key may do."""
    permission: str = ""
    """What the call needs, as in `rdb:instance:create`."""

    @property
    def is_limited(self) -> bool:
        """Whether there is anything that the caller may not do."""
        return self.permissions is not None and not self.permissions.is_owner

    def allows(self, project_id: str | None = None) -> bool:
        """Whether the caller may do this in a project (None: in any)."""
        return self.permissions is None or self.permissions.allow(self.permission, project_id)

    @cached_property
    def body(self) -> dict:
        """The JSON body. Clients send one with GET and DELETE too, where it means nothing."""
        return {} if self.method in ("GET", "DELETE") else self.sent

    @cached_property
    def sent(self) -> dict:
        """The JSON body whatever the method: a few DELETE calls mean theirs."""
        if not self.content or self.content_type.startswith("text/"):
            return {}
        try:
            body = json.loads(self.content, parse_constant=_refuse, parse_float=_finite)
            if not isinstance(body, dict):
                raise invalid_argument("body", "format", "must be an object")
            _check_depth(body)
            json.dumps(body, ensure_ascii=False).encode()  # half of a pair of UTF-16 is no character
        except (ValueError, RecursionError) as error:
            raise invalid_argument("body", "format", f"not JSON: {error}") from None
        return body

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """Every value of every query parameter: lists repeat their key."""
        return parse_qs(self.query_string, keep_blank_values=True)

    def argument(self, name: str, default: str | None = None) -> str | None:
        return self.query.get(name, [default])[-1]

    def flag(self, name: str) -> bool | None:
        """A boolean query parameter, as `true` or `True`; None if absent."""
        value = self.argument(name)
        return None if value is None else value.lower() in ("true", "1")


def _check_depth(body):
    """What is nested without end can be read, and not written any more."""
    level = [body]
    for _ in range(DEEPEST):
        values = [inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer)]
        level = [value for value in values if isinstance(value, (dict, list))]
        if not level:
            return
    raise ValueError(f"nested more than {DEEPEST} times")


def _refuse(number: str):
    raise ValueError(f"{number} is no number of JSON")


def _finite(number: str) -> float:
    found = float(number)
    return found if isfinite(found) else _refuse(number)


_answered: ContextVar[Call | None] = ContextVar("answered", default=None)


@contextmanager
def answering(call: Call):
    """While it is answered, a call holds for whatever is looked up; not in the threads that work after the answer."""
    token = _answered.set(call)
    try:
        yield
    finally:
        _answered.reset(token)


def answered() -> Call | None:
    """The call that is being answered, if this is done for one."""
    return _answered.get()
