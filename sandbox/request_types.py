"""What the fields of a request have to be. The SDK's types say it, for every operation that has a body.

Its API classes tell which type an operation sends: `_request("POST", f"/rdb/v1/…/instances", body=marshal_CreateInstanceRequest(…))`.
"""

import dataclasses
import importlib
import re
import typing
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from types import NoneType

import scaleway

from . import errors
from .call import Call

SENDS = re.compile(
    r'_request\(\s*"(?P<method>\w+)",\s*f?"(?P<path>[^"]+)",(?:(?!_request\().)*?body=marshal_(?P<type>\w+)\(',
    re.DOTALL,
)
PLACEHOLDER = re.compile(r"{[^}]+}")
MILLISECONDS = (
    *("timeout_server", "timeout_connect", "timeout_tunnel", "timeout_client"),
    *("check_delay", "check_timeout"),
)
"""Of load balancers, whose durations are texts in the SDK's types only: it passes on what it is given."""
JSON = {str: "a string", bool: "a boolean", int: "an integer", float: "a number", list: "a list", dict: "an object"}


def check(method: str, path: str, call: Call):
    """Refuse a call whose body has fields that are not what they have to be, with their names. `path` is the route's."""
    if kind := _sent_by(method, path):
        wrong = _faults(call.sent if method == "DELETE" else call.body, kind, "")
        details = [{"argument_name": name, "reason": "format", "help_message": fault} for name, fault in wrong]
        if details:
            raise errors.invalid_arguments(details)


@cache
def _sent_by(method: str, path: str) -> type | None:
    """The SDK's type of what an operation sends; None if it sends nothing, or the SDK does not know it."""
    module, name = _operations().get((method, PLACEHOLDER.sub("{}", path)), (None, None))
    return getattr(importlib.import_module(module), name) if module else None


@cache
def _operations() -> dict[tuple[str, str], tuple[str, str]]:
    """(method, path) -> the module and the name of the type."""
    found, root = {}, Path(scaleway.__file__).parent
    for file in sorted(root.glob("*/v*/api.py")):
        module = ".".join((scaleway.__name__, *file.relative_to(root).with_suffix("").parts))
        for sent in SENDS.finditer(file.read_text()):
            found[sent["method"], PLACEHOLDER.sub("{}", sent["path"])] = module, sent["type"]
    return found


@cache
def _fields(kind: type) -> dict[str, type]:
    """Fields of one of the SDK's types as JSON calls them -> what they are."""
    hints = typing.get_type_hints(kind)
    if kind.__module__ == "scaleway.lb.v1.types":
        hints |= dict.fromkeys(MILLISECONDS, int)
    return {field.name.rstrip("_"): hints[field.name] for field in dataclasses.fields(kind)}


def _faults(value, kind, name: str) -> Iterator[tuple[str, str]]:
    """(argument, what it must be) for whatever is wrong in a value."""
    container, inner = typing.get_origin(kind), typing.get_args(kind)
    if NoneType in inner:  # optional
        (kind,) = set(inner) - {NoneType}
        yield from _faults(value, kind, name)
    elif container is list:
        if not isinstance(value, list):
            yield name, f"must be {JSON[list]}"
            return
        for index, item in enumerate(value):
            yield from _faults(item, inner[0], f"{name}[{index}]")
    elif container is dict or dataclasses.is_dataclass(kind):
        if not isinstance(value, dict):
            yield name, f"must be {JSON[dict]}"
            return
        known = dict.fromkeys(value, inner[1]) if container is dict else _fields(kind)
        for field in known.keys() & value.keys():
            if value[field] is not None or container is dict:
                yield from _faults(value[field], known[field], f"{name}.{field}".lstrip("."))
    elif fault := _fault(value, kind):
        yield name, fault


def _fault(value, kind) -> str | None:
    """What a value that consists of no others must be, if it is not."""
    if kind is datetime:
        try:
            datetime.fromisoformat(value)
        except (TypeError, ValueError):
            return "must be a date, as RFC 3339 writes it"
        return None
    wanted = next((json for json in (bool, int, float, str) if isinstance(kind, type) and issubclass(kind, json)), None)
    is_right = type(value) is wanted or (wanted is float and type(value) is int)
    return None if wanted is None or is_right else f"must be {JSON[wanted]}"
