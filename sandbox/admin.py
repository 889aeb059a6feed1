"""What tests and people do to a sandbox and a real API has no route for: faults, freezes, quotas, the request log.

Served under /_sandbox to whoever is on this host or has the owner's key.
"""

import fnmatch
import os
import random
import re
import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass, field

from starlette.responses import JSONResponse, Response

from . import errors
from .call import Call
from .service import Service, action

REMEMBERED_REQUESTS = 10_000
NO_ANSWER = 499
"""What the request log says of a connection that was dropped."""


@dataclass
class Fault:
    """What happens instead of (or, if slow, before) an answer."""

    kind: str
    """429 (empty body), 500, 503, 409 (transient state), reset (the connection is dropped), lost (the call is carried out,
    then the connection is dropped), or slow. Object Storage says it as S3 does: SlowDown, InternalError, ServiceUnavailable,
    OperationAborted."""
    method: str = "*"
    path: str = "*"
    """Which calls: shell patterns."""
    rate: float = 1.0
    """Share of the calls it happens to."""
    count: int | None = None
    """How many times, at most."""
    ms: int = 0
    """Milliseconds before the answer."""

    KINDS = ("429", "500", "503", "409", "reset", "lost", "slow")

    def check(self):
        """Raises: 400, naming a field that would break the calls that match."""
        wanted = {
            "kind": (self.kind in self.KINDS, f"must be one of {', '.join(self.KINDS)}"),
            "method": (isinstance(self.method, str), "must be a text"),
            "path": (isinstance(self.path, str), "must be a text"),
            "rate": (type(self.rate) in (int, float) and 0 <= self.rate <= 1, "must be a number between 0 and 1"),
            "count": (self.count is None or is_count(self.count), "must be a number that is not negative, or null"),
            "ms": (is_count(self.ms), "must be a number that is not negative"),
        }
        for name, (is_right, help_message) in wanted.items():
            if not is_right:
                raise errors.invalid_argument(name, "constraint", help_message)

    def matches(self, method: str, path: str) -> bool:
        return fnmatch.fnmatch(method, self.method) and fnmatch.fnmatch(path, self.path) and self.count != 0

    def response(self) -> Response | None:
        if self.kind == "429":
            return Response(status_code=429, headers={"X-Envoy-Ratelimited": "true"})
        if self.kind == "409":
            refusal = errors.transient_state("unknown", "", "unknown")
            return JSONResponse(refusal.body, refusal.status)
        if self.kind == "reset":
            return Response(status_code=NO_ANSWER)
        if self.kind in ("500", "503"):
            return JSONResponse({"message": "internal error", "type": "unknown"}, int(self.kind))
        return None


class Faults:
    """The faults in force. The first that matches and is due happens."""

    def __init__(self):
        self.rules: list[Fault] = []
        self._random = random.Random(0)  # the same calls fail in every run
        self._lock = threading.Lock()

    def clear(self, seed: int = 0):
        """No more faults; those given next hit calls by the dice of `seed`."""
        with self._lock:
            self.rules.clear()
            self._random.seed(seed)

    def pick(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for rule in self.rules:
                if rule.matches(method, path) and self._random.random() < rule.rate:
                    if rule.count is not None:
                        rule.count -= 1
                    return rule
        return None


class Freezer:
    """Keeps records in the transient status they are in: all of a kind, or one by its id."""

    def __init__(self):
        self.frozen: set[str] = set()
        self._thawed = threading.Condition()

    def freeze(self, what: str):
        with self._thawed:
            self.frozen.add(what)

    def thaw(self, what: str | None = None):
        with self._thawed:
            self.frozen -= {what} if what else set(self.frozen)
            self._thawed.notify_all()

    def wait(self, kind: str, id: str):
        with self._thawed:
            self._thawed.wait_for(lambda: not self.frozen & {kind, id})


class Quotas:
    """How many records of a kind may exist; unlimited unless said."""

    def __init__(self):
        self.limits: dict[str, int] = {}

    def check(self, kind: str, resource: str, current: int):
        if kind in self.limits and current >= self.limits[kind]:
            raise errors.quotas_exceeded(resource, self.limits[kind], current)


@dataclass
class RequestLog:
    """The calls that the API got, and how many there were."""

    last: deque = field(default_factory=lambda: deque(maxlen=REMEMBERED_REQUESTS))
    total: int = 0

    def add(self, method: str, path: str, status: int, seconds: float):
        self.total += 1
        self.last.append({"method": method, "path": path, "status": status, "ms": round(seconds * 1000, 1)})

    def clear(self):
        self.last.clear()
        self.total = 0


class Admin(Service):
    path = "/_sandbox"

    @action("GET", "/status")
    def status(self, call: Call):
        """What is served, and how many records of each kind exist."""
        kinds = [getattr(service, "kind", None) for service in self.sandbox.services.values()]
        return {
            "name": self.settings.name,
            "pid": os.getpid(),
            "api_only": self.settings.api_only,
            "organization_id": self.organization_id,
            "records": {kind: count for kind in kinds if kind and (count := self.store.count(kind))},
            "routes": len(self.sandbox.router.served()),
        }

    @action("GET", "/routes")
    def served(self, call: Call):
        return {"routes": sorted(f"{route.method} {route.path}" for route in self.sandbox.router.served())}

    @action("GET", "/faults")
    def list_faults(self, call: Call):
        return {"faults": [asdict(rule) for rule in self.sandbox.faults.rules]}

    @action("POST", "/faults")
    def add_fault(self, call: Call):
        """`{kind, method, path, rate, count, ms}`: see Fault."""
        given = call.body | {"kind": str(call.body.get("kind", ""))}
        try:
            fault = Fault(**given)
        except TypeError as error:
            raise errors.invalid_argument("fault", "unknown", str(error)) from None
        fault.check()
        self.sandbox.faults.rules.append(fault)
        return self.list_faults(call)

    @action("DELETE", "/faults")
    def clear_faults(self, call: Call):
        """`?seed=1`: which calls faults with a rate hit from now on."""
        self.sandbox.faults.clear(number(call, "seed", "0", r"-?\d+"))

    @action("POST", "/freeze/{what}")
    def freeze(self, call: Call):
        """Keep a record (by id), or all of a kind (`rdb.instance`), in the transient status they get into."""
        self.sandbox.freezer.freeze(call.params["what"])

    @action("DELETE", "/freeze/{what}")
    def thaw(self, call: Call):
        self.sandbox.freezer.thaw(call.params["what"])

    @action("DELETE", "/freeze")
    def thaw_all(self, call: Call):
        self.sandbox.freezer.thaw()

    @action("GET", "/quotas")
    def list_quotas(self, call: Call):
        return {"quotas": self.sandbox.quotas.limits}

    @action("PUT", "/quotas")
    def set_quotas(self, call: Call):
        """`{"instance.server": 2}`: the limits in force from now on, and no others."""
        for kind, limit in call.body.items():
            if not is_count(limit):
                raise errors.invalid_argument(kind, "constraint", "must be a number that is not negative")
        self.sandbox.quotas.limits = call.body
        return self.list_quotas(call)

    @action("GET", "/requests")
    def list_requests(self, call: Call):
        """The last `n` calls (default 100), how many there were since the log was cleared, and counts by status."""
        last = list(self.sandbox.requests.last)
        return {
            "requests": last[max(0, len(last) - number(call, "n", "100", r"\d+")) :],
            "total_count": self.sandbox.requests.total,
            "by_status": Counter(str(request["status"]) for request in last),
            "by_call": Counter(f"{request['method']} {request['path']}" for request in last),
        }

    @action("DELETE", "/requests")
    def clear_requests(self, call: Call):
        self.sandbox.requests.clear()


def is_count(value) -> bool:
    """Whether it is a whole number that is not negative; a boolean is none."""
    return type(value) is int and value >= 0


def number(call: Call, name: str, default: str, pattern: str) -> int:
    """A query parameter that has to look like this."""
    given = call.argument(name, default)
    if not re.fullmatch(pattern, given, re.ASCII):
        raise errors.invalid_argument(name, "format", "must be a number")
    return int(given)
