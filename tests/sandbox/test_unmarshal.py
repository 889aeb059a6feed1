"""Every operation that is served answers what the SDK can read, with every field that its types promise."""

import dataclasses
import importlib
import pkgutil
import time
import types
import typing

import pytest

from sandbox.services import discover

from . import walks

SETTLE_SECONDS = 10


class Sdk:
    """Makes the SDK's API classes, and checks what their methods return."""

    def __init__(self, client, not_sent: set[str]):
        self._client = client
        self._not_sent = not_sent

    def __call__(self, name: str):
        module, _, kind = name.rpartition(".")
        return Checked(getattr(importlib.import_module(f"scaleway.{module}"), kind)(self._client), self._not_sent)

    @staticmethod
    def until(read, *statuses: str):
        """Read again until the status (or state) is one of these; the last answer."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            found = read()
            status = getattr(found, "status", None) or getattr(found, "state", None)
            if status in statuses:
                return found
            assert time.monotonic() < deadline, f"still {status}, not {' or '.join(statuses)}"
            time.sleep(0.05)


class Checked:
    def __init__(self, api, not_sent: set[str]):
        self._api = api
        self._not_sent = not_sent

    def __getattr__(self, name: str):
        method = getattr(self._api, name)

        def call(**arguments):
            answer = method(**arguments)
            missing = sorted(set(absent(answer)) - self._not_sent)
            assert not missing, f"absent from the answer: {', '.join(missing)}"
            return answer

        return call


def absent(value):
    """`<type>.<field>` of what the SDK's types say is always there, and is not."""
    if isinstance(value, list):
        for item in value[:3]:
            yield from absent(item)
    if dataclasses.is_dataclass(value):
        hints = typing.get_type_hints(type(value))
        for field in dataclasses.fields(value):
            found = getattr(value, field.name)
            if found is None and not is_optional(hints[field.name]):
                yield f"{type(value).__name__}.{field.name}"
            yield from absent(found)


def is_optional(hint) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType) and type(None) in typing.get_args(hint)


PRODUCTS = sorted({service.path.split("/")[1] for service in discover()} - {"_sandbox"})


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_operation_can_be_read(sandbox, client, product):
    names = {module.name for module in pkgutil.iter_modules(walks.__path__)}
    name = product.replace("-", "_")
    assert name in names, f"tests/sandbox/walks/{name}.py has to say how to call {product}"
    walk = importlib.import_module(f"{walks.__name__}.{name}")

    sandbox.requests.clear()
    walk.walk(Sdk(client, getattr(walk, "NOT_SENT", set())))

    served = {route for route in sandbox.router.served() if route.service.product == product}
    answered = [request for request in sandbox.requests.last if request["status"] < 400]
    called = {sandbox.router.find(request["method"], request["path"])[0] for request in answered}
    not_called = {f"{route.method} {route.path}" for route in served - called} - getattr(walk, "NOT_IN_SDK", set())
    assert not not_called, "served, but not read back:\n" + "\n".join(sorted(not_called))
