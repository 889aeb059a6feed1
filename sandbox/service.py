"""A service of the sandbox: routes of the API, and what serves them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from . import errors, request_types
from .call import Call, answered
from .permissions import ACTIONS

REGIONS = ("fr-par", "nl-ams", "pl-waw", "it-mil")
ZONES = (
    "fr-par-1", "fr-par-2", "fr-par-3", "nl-ams-1", "nl-ams-2", "nl-ams-3", "pl-waw-1", "pl-waw-2", "pl-waw-3", "it-mil-1",
)  # fmt: skip
PAGE_SIZE, MAX_PAGE_SIZE = 20, 100


@dataclass(frozen=True)
class Route:
    """`permission` is what a caller needs, see permissions.py."""

    method: str
    path: str
    handler: Callable
    service: "Service"
    permission: str


def action(method: str, path: str, *, permits: str = ""):
    """Serve a method at a path below the service's own.

    Below `/{id}` it is called with the record and the call, under the record's lock, and a missing record was refused;
    elsewhere with the call alone. What it returns is sent: a dict (200), `(status, dict)`, None (204) or a Starlette
    Response. Send a record of the collection as `self.answer(record, "<verb>")`. `permits`: the action that the caller's
    policies have to allow, if neither what the method says (GET read, POST create, PUT and PATCH write, DELETE delete)
    nor, below `/{id}`, write.
    """

    def mark(function):
        wanted = permits or ("write" if method == "POST" and path.startswith("/{id}") else ACTIONS[method])
        function.route = (method, path, wanted)
        return function

    return mark


class Service:
    """Routes of the API. Derive from this what is no collection, and serve its methods with `@action`."""

    path = ""
    """Where it is served. Placeholders (`{region}`) end up in `call.params`."""
    noun = ""
    """The API's singular of what it is about."""
    regions = REGIONS
    zones = ZONES
    """Where the product exists."""
    needs_token = True
    """False for what the real API tells anybody."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.store = sandbox.store
        self.machines = sandbox.machines
        self.settings = sandbox.settings

    def service(self, which: "type[Service]"):
        """Another service of the same sandbox: `self.service(Volumes).add({...})`."""
        return self.sandbox.services[which]

    def prepare(self):
        """Called once at every start, before the first call: make what exists by default, if it is not there yet."""

    def resume(self):
        """Called at every start, after everything was prepared."""

    def routes(self) -> Iterator[Route]:
        """Everything served."""
        for name in dir(type(self)):
            function = getattr(type(self), name)
            if marked := getattr(function, "route", None):
                method, path, permitted = marked
                yield self._route(method, path, getattr(self, name), permitted)

    def _route(self, method: str, path: str, handler: Callable, permitted: str) -> Route:
        return self._served(method, self.path + path, self._bind(handler, path), permitted)

    def _served(self, method: str, path: str, handler: Callable, permitted: str) -> Route:
        """A route whose calls are checked before they are handled."""

        def checked(call: Call):
            self._check_place(call)
            request_types.check(method, path, call)
            return handler(call)

        return Route(method, path, checked, self, f"{self.product}:{self.noun}:{permitted}")

    def _check_place(self, call: Call):
        for name, known in (("region", self.regions), ("zone", self.zones)):
            if call.params.get(name, known[0]) not in known:
                raise errors.invalid_argument(name, "constraint", f"must be one of {', '.join(known)}")

    @staticmethod
    def page(call: Call, items: list, size: int = PAGE_SIZE) -> list:
        """Those of the page that a call asks for; `size` is that of a page if it does not say."""
        size = min(positive(call, "per_page" if "per_page" in call.query else "page_size", size), MAX_PAGE_SIZE)
        first = (positive(call, "page", 1) - 1) * size
        return items[first : first + size]

    @property
    def product(self) -> str:
        return self.path.split("/")[1]

    def _bind(self, method, path):
        return method

    def permit(self, project_id: str | None):
        """Refuse the call that is being answered where its caller may not do this in a project (None: in any)."""
        call = answered()
        if call and not call.allows(project_id):
            raise errors.permissions_denied(call.permission.rpartition(":")[2], getattr(self, "resource", self.noun))

    def project(self, given: str | None) -> str:
        """The project that a call names (by default the default one), if it exists and the caller may do this in it."""
        project_id = given or self.organization_id
        if not self.store.get("account.project", project_id):
            raise errors.permissions_denied()  # no policy covers what does not exist
        self.permit(project_id)
        return project_id

    @contextmanager
    def keeping(self, project_id: str | None):
        """Write something new of a project: meanwhile it is not deleted. Raises: 403 if it is already."""
        with self.store.lock("account.project", "", project_id):
            if project_id and not self.store.get("account.project", project_id):
                raise errors.permissions_denied()
            yield

    @property
    def organization_id(self) -> str:
        """The sandbox's one organization; also the id of its default project."""
        return self.sandbox.organization_id

    def now(self) -> str:
        """RFC 3339 in UTC with six digits, as most products write it."""
        return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def positive(call: Call, name: str, default: int) -> int:
    """A number among the query parameters."""
    given = call.argument(name) or str(default)
    if not re.fullmatch(r"0*[1-9]\d{0,9}", given, re.ASCII):
        raise errors.invalid_argument(name, "constraint", "must be a positive number")
    return int(given)
