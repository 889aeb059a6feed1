"""What every service of the sandbox is made of: routes, and collections of records that are listed, read, created, ...

A service is a file in `services/`; every class in it that has a `path` is served, nothing needs to be registered.

    class Instances(Collection):
        path = "/rdb/v1/regions/{region}/instances"
        noun = "instance"
        initial = "provisioning"
        required = ("engine", "node_type")
        mutable = ("name", "tags", "backup_same_region")
        defaults = {"tags": [], "backup_same_region": False}
        deleting, delete_code = "deleting", 200

        def shape(self, body):
            return super().shape(body) | {"engine": body["engine"], "node_type": body["node_type"].lower(), "endpoints": []}

        def started(self, instance, body):
            endpoint = self.machines.postgres.start(instance["id"], body["user_name"], body["password"])
            return {"status": "ready", "endpoints": [endpoint]}

        def stopped(self, instance):
            self.machines.postgres.stop(instance["id"])

        @action("POST", "/{id}/upgrade")
        def upgrade(self, instance, call):
            if call.body["node_type"] not in catalog("rdb-node-types"):
                raise invalid_argument("node_type", "constraint", "unknown node type")
            instance = self.change(instance, status="configuring")
            self.later(instance, self.upgraded, call.body["node_type"])
            return self.answer(instance, "upgrade")

        def upgraded(self, instance, node_type):
            self.machines.postgres.resize(instance["id"], node_type)
            return {"status": "ready", "node_type": node_type}

    class Databases(Collection):                       # nested: its scope is the instance, it goes when the instance goes
        path = "/rdb/v1/regions/{region}/instances/{instance_id}/databases"
        parent = Instances
        noun = "database"
        key = "name"
        common = ("name",)
        required = ("name",)

Where things run: everything under `HTTP` below runs while the caller waits, under the lock of the record (while
creating, of the kind and of what the new one is `within`), and must be quick. `started`, `updated`, `stopped`,
`resumed` and whatever is given to `later` run after the answer in a thread of their own; the fields they return are
written once they are true. If one raises, the record's status becomes `failed`. A transient status is kept until it
was read once (or POLL_SECONDS went by), and for as long as a test froze it.
"""

import logging
import re
import threading
import uuid
from collections.abc import Callable
from contextlib import ExitStack, contextmanager

from . import errors
from .call import Call, answered
from .catalog import catalog
from .filters import Filter, contains, equals, has_all, means_nothing
from .permissions import ACTIONS
from .service import PAGE_SIZE, REGIONS, ZONES, Route, Service, action

__all__ = ["REGIONS", "ZONES", "Collection", "Route", "Service", "action", "catalog", "contains", "equals", "has_all"]

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


class Collection(Service):
    """Records of one kind, in the API's shape. Keys that begin with `_` are ours and never sent.

    Declare what differs from these defaults; override the methods under `Hooks`.
    """

    # What it is called
    noun = ""
    """The API's singular; with `plural` (default: noun + s) the key of a list answer."""
    plural = ""
    kind = ""
    """Name in the store (default: `<product>.<noun>`): `self.store.get("rdb.instance", id)` from anywhere."""
    resource = ""
    """Name in errors: `not_found` says `resource: <this>` (default: noun)."""
    missing = ""
    """For products that answer 404 with a bare message: that message (`lbs not Found`)."""
    key = "id"
    """The field that is the last part of the path. A uuid is made for `id`; `shape` must give any other."""
    parent: "type[Collection] | None" = None
    """For a nested path: the collection that the last placeholder of `path` is an id of."""
    inside: dict[str, "type[Collection]"] = {}
    """Fields with the id of what a record is in: that says its project where the record does not, and does not go while one is made in it."""

    # What it serves
    operations = ("list", "get", "create", "update", "delete")
    update_method = "PATCH"
    envelope = False
    """Answer `{noun: {...}}` instead of the bare record (Instance v1)."""
    created_code = 200
    delete_code = 204
    """200 answers the record."""

    # What a record consists of
    common = ("id", "name", "project_id", "organization_id", "created_at", "updated_at", "region", "zone")
    """Fields filled here: id, names from the body, dates, owner, and the locality that is in the path.
    Instance v1 says `project`, `organization`, `creation_date`, `modification_date`: known too."""
    required: tuple[str, ...] = ()
    """Fields that creation refuses to miss (400 invalid_arguments)."""
    mutable: tuple[str, ...] = ()
    """Fields that an update may give."""
    nullable: tuple[str, ...] = ()
    """Fields where null in a body has a meaning; elsewhere it is the same as not given, as Go clients send it."""
    defaults: dict = {}
    """Fields and their values where the body says nothing."""
    enums: dict[str, tuple[str, ...]] = {}
    formats: dict[str, str] = {}
    """Regular expressions that a field has to match as a whole."""

    # Status
    status = "status"
    """The field (`state` in Instance v1)."""
    initial = ""
    """Status at creation, left by what `started` returns. Empty: the record has no status, or for good that in `defaults`."""
    ready = "ready"
    """What the default `started` returns; override it where something real stands behind the record."""
    failed = "error"
    updating = ""
    """Status while `updated` runs."""
    deleting = ""
    """Status while `stopped` runs, after which the record is gone. Empty: it is gone at once, `stopped` runs then."""
    busy: tuple[str, ...] = ()
    """Statuses in which update, delete and actions on a record are refused (409 transient_state)."""

    # Lists
    filters: dict[str, Filter] = {
        "name": equals("name"),
        "project_id": equals("project_id"),
        "organization_id": equals("organization_id"),
        "status": equals("status"),
        "tags": has_all("tags"),
    }
    """Query parameter -> what it selects; extend with `Collection.filters | {"name": contains("name")}`."""
    page_size = PAGE_SIZE
    total_in_header = False
    """Instance v1: X-Total-Count, and no total_count in the body."""

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self.plural = self.plural or self.noun + "s"
        self.kind = self.kind or f"{self.path.split('/')[1]}.{self.noun}"
        self.resource = self.resource or self.noun
        self._placeholders = re.findall(r"{(\w+)}", self.path)
        self._unseen: dict[tuple, threading.Event] = {}

    # Hooks ----------------------------------------------------------------------------------------------------------

    def shape(self, body: dict) -> dict:
        """Request body -> the fields of a new record, on top of `common`. Raise from `errors` to refuse.

        `body` has the path's placeholders in it too (`body["region"]`, `body["instance_id"]`), and no nulls.
        """
        return {field: body[field] for field in (*self.required, *self.mutable) if field in body}

    def revise(self, record: dict, body: dict) -> dict:
        """Request body of an update -> the fields to write."""
        return {field: body[field] for field in self.mutable if field in body}

    def present(self, record: dict, verb: str) -> dict:
        """Record -> what is sent. `verb` is list, get, create, update, delete or what an action calls itself."""
        return {field: value for field, value in record.items() if not field.startswith("_")}

    def within(self, body: dict) -> "list[tuple[type[Collection], dict]]":
        """(collection, record) of what a new record goes with: it is there, and not about to go, while the new one is made."""
        place = body.get("region") or body.get("zone")
        inside = [
            (kind, self.service(kind).fetch(body[field], place))
            for field, kind in self.inside.items()
            if body.get(field)
        ]
        return [*inside, (self.parent, self.parent_of(body))] if self.parent else inside

    def removable(self, record: dict):
        """Raise from `errors` where the record may not be deleted (in use, protected)."""

    def started(self, record: dict, body: dict) -> dict | None:
        """Make it real. `body` as in `shape`: what is secret may be used here and need not be stored."""
        return {self.status: self.ready} if self.initial else None

    def updated(self, record: dict, changes: dict) -> dict | None:
        """Make the changes real; `record` has them already."""
        return {self.status: self.ready} if self.updating else None

    def stopped(self, record: dict):
        """Undo what `started` did. Children are not stopped for you: their records go when this record goes."""

    def resumed(self, record: dict) -> dict | None:
        """Called for every record when the sandbox starts again: bring back what stopped with it.

        By default a record whose creation or update was cut short is failed, as what that was given is lost; it is ready
        where nothing real was to be made of it.
        """
        hook = {self.initial: "started", self.updating: "updated"}.get(record.get(self.status))
        if hook is None:
            return None
        is_real = getattr(type(self), hook) is not getattr(Collection, hook)
        return {self.status: self.failed if is_real else self.ready}

    # For services ---------------------------------------------------------------------------------------------------

    def fetch(self, id: str, scope: str | None = None) -> dict:
        """The record, or the product's own 404; 403 where a call is answered that may do nothing in its project."""
        record = self.store.get(self.kind, id, scope)
        if record is None:
            raise self.not_found(id)
        return self.permitted(record)

    def permitted(self, record: dict) -> dict:
        """The record, if the call that is being answered may do this in its project. `fetch` asks this by itself."""
        call = answered()
        if call and call.is_limited:
            self.permit(self.project_of(record))
        return record

    def project_of(self, record: dict) -> str | None:
        """The project that a record is in: it says so itself, or what it is in does. None: it is the organization's."""
        for field, kind in self.inside.items():
            if holder := self.store.get(self.service(kind).kind, record.get(field) or ""):
                return self.service(kind).project_of(holder)
        if self.parent:
            scope, _, id = record["_scope"].rpartition("/")
            holder = self.store.get(self.service(self.parent).kind, id, scope)
            return self.service(self.parent).project_of(holder) if holder else None
        return project_of(record) or record.get("_project_id")

    def parent_of(self, body: dict) -> dict:
        """The record that a nested `body` (or the body of `shape`) is in."""
        *outer, last = self._placeholders
        return self.service(self.parent).fetch(body[last], "/".join(body[name] for name in outer))

    def add(self, body: dict) -> dict:
        """Create a record as a call with this body would (placeholders in it), and return it."""
        with ExitStack() as held:
            for collection, record in self.within(body):
                held.enter_context(self.service(collection).held(record))
            held.enter_context(self.store.lock(self.kind))
            self.sandbox.quotas.check(self.kind, self.resource, self.store.count(self.kind))
            record = dict(self.defaults) | self._common(body) | self.shape(body)
            record["_scope"] = "/".join(body[name] for name in self._placeholders)
            with self.keeping(self.project_of(record)):
                self.store.put(self.kind, record["_scope"], str(record[self.key]), record)
        if self.initial or type(self).started is not Collection.started:
            self.later(record, self.started, body)
        return record

    @contextmanager
    def held(self, record: dict):
        """Nobody deletes the record until this ends. Raises: 404 if it is gone; 409 if it is about to go."""
        id, scope = str(record[self.key]), record["_scope"]
        with self.store.lock(self.kind, scope, id):
            now = self.fetch(id, scope)
            if self.deleting and now.get(self.status) == self.deleting:
                raise errors.transient_state(self.resource, id, self.deleting)
            yield now

    def change(self, record: dict, **fields) -> dict:
        """Write these fields, and the date of the change; the record as it is now."""
        stamp = {field: self.now() for field in ("updated_at", "modification_date") if field in record}
        changed = self.store.change(self.kind, str(record[self.key]), record["_scope"], **stamp | fields)
        return record | fields if changed is None else changed

    def remove(self, record: dict) -> dict:
        """Delete a record as a call would; the record as it is then."""
        if self.deleting:
            record = self.change(record, **{self.status: self.deleting})
            self._in_background(self._finish_delete, record)
        else:
            self.store.delete(self.kind, str(record[self.key]), record["_scope"])
            if type(self).stopped is not Collection.stopped:
                self._in_background(self._stop, record)
        return record

    def later(self, record: dict, work: Callable, *arguments):
        """Run `work(record, *arguments)` after the answer, and write the fields that it returns."""
        self._in_background(self._settle, record, work, arguments)

    def answer(self, record: dict, verb: str) -> dict:
        shown = self.present(record, verb)
        return {self.noun: shown} if self.envelope else shown

    def not_found(self, id: str) -> errors.ApiError:
        return errors.ApiError(404, self.missing) if self.missing else errors.not_found(self.resource, id)

    # HTTP -----------------------------------------------------------------------------------------------------------

    def routes(self):
        paths = {"list": "", "create": "", "get": "/{id}", "update": "/{id}", "delete": "/{id}"}
        methods = {"list": "GET", "create": "POST", "get": "GET", "update": self.update_method, "delete": "DELETE"}
        for name in self.operations:
            yield self._route(methods[name], paths[name], getattr(self, f"_{name}"), ACTIONS[methods[name]])
        yield from super().routes()

    def _bind(self, method, path):
        """Method -> handler of a call: the scope exists, and so does the record of an item path, which is locked."""

        def on_collection(call: Call):
            self._scope(call)
            return method(call)

        def on_item(call: Call):
            scope, id = self._scope(call), call.params["id"]
            if call.method == "GET":
                return method(self.fetch(id, scope), call)
            with self.store.lock(self.kind, scope, id):
                record = self.fetch(id, scope)
                if record.get(self.status) in self.busy:
                    raise errors.transient_state(self.resource, id, record[self.status])
                return method(record, call)

        return on_item if path.startswith("/{id}") else on_collection

    def _list(self, call: Call):
        records = self._select(self.store.all(self.kind, self._scope(call)), call)
        if call.is_limited:
            records = [record for record in records if call.allows(self.project_of(record))]
        page = self.page(call, records, self.page_size)
        answer = {self.plural: [self.present(record, "list") for record in page]}
        for record in page:
            self._seen(record)
        if self.total_in_header:
            return 200, answer, {"X-Total-Count": str(len(records))}
        return {**answer, "total_count": len(records)}

    def _get(self, record: dict, call: Call):
        self._seen(record)
        return self.answer(record, "get")

    def _create(self, call: Call):
        body = self._given(call)
        self._validate(body, self.required)
        if {"project_id", "project"} & set(self.common):
            self.permit(project_of(body) or self.organization_id)
        return self.created_code, self.answer(self.add(body), "create")

    def _update(self, record: dict, call: Call):
        body = self._given(call)
        self._validate(body)
        changes = self.revise(record, body)
        record = self.change(record, **changes, **({self.status: self.updating} if self.updating else {}))
        if self.updating or type(self).updated is not Collection.updated:
            self.later(record, self.updated, changes)
        return self.answer(record, "update")

    def _delete(self, record: dict, call: Call):
        self.removable(record)
        record = self.remove(record)
        return self.answer(record, "delete") if self.delete_code == 200 else None

    def _select(self, records: list[dict], call: Call) -> list[dict]:
        for name, values in call.query.items():
            if name in self.filters and not means_nothing(values):
                records = [record for record in records if self.filters[name](record, values)]
        field, _, direction = (call.argument("order_by") or "created_at_asc").rpartition("_")
        if field not in ("created_at", "creation_date"):  # the order that the store keeps
            records = sorted(records, key=lambda record: str(record.get(field) or ""))
        return records[::-1] if direction == "desc" else records

    def _given(self, call: Call) -> dict:
        kept = {field: value for field, value in call.body.items() if value is not None or field in self.nullable}
        return kept | {name: value for name, value in call.params.items() if name in self._placeholders}

    def _validate(self, body: dict, required: tuple[str, ...] = ()):
        wrong = [(field, "required", "is required") for field in required if body.get(field) in (None, "")]
        for field, values in self.enums.items():
            if field in body and body[field] not in values:
                wrong.append((field, "constraint", f"must be one of {', '.join(values)}"))
        for field, pattern in self.formats.items():
            if field in body and not (isinstance(body[field], str) and re.fullmatch(pattern, body[field])):
                wrong.append((field, "format", f"does not match {pattern}"))
        if wrong:
            names = ("argument_name", "reason", "help_message")
            raise errors.invalid_arguments([dict(zip(names, found, strict=True)) for found in wrong])

    def _scope(self, call: Call) -> str:
        if self.parent:
            self.parent_of(call.params)
        return "/".join(call.params[name] for name in self._placeholders)

    def _common(self, body: dict) -> dict:
        project = project_of(body) or self.organization_id
        if not self.store.get("account.project", project):
            raise errors.permissions_denied()  # no policy covers what does not exist
        now = self.now()
        known = {
            "id": str(uuid.uuid4()),
            "name": body.get("name", ""),
            "created_at": now,
            "updated_at": now,
            "creation_date": now,
            "modification_date": now,
            "project_id": project,
            "project": project,
            "organization_id": self.organization_id,
            "organization": self.organization_id,
        } | {name: body[name] for name in ("region", "zone") if name in body}
        record = {field: known[field] for field in self.common if field in known}
        return record | {self.status: self.initial} if self.initial else record

    # After the answer -----------------------------------------------------------------------------------------------

    def resume(self):
        """Take up every record where the last run of the sandbox left it."""
        for record in self.store.all(self.kind):
            if self.deleting and record.get(self.status) == self.deleting:
                self._in_background(self._finish_delete, record)
            elif type(self).resumed is not Collection.resumed:
                self.later(record, self.resumed)
            elif outcome := self.resumed(record):
                self.change(record, **outcome)

    def _in_background(self, work: Callable, record: dict, *arguments):
        def run():
            try:
                work(record, *arguments)
            finally:
                self._unseen.pop(self._id(record), None)

        self._unseen[self._id(record)] = threading.Event()
        threading.Thread(target=run, daemon=True, name=f"{self.kind} {record[self.key]}").start()

    def _settle(self, record: dict, work: Callable, arguments: tuple):
        try:
            outcome = work(record, *arguments)
        except Exception:  # whatever a machine raises, the resource failed, and its status says so
            log.exception("%s %s failed", self.kind, record[self.key])
            outcome = {self.status: self.failed}
        if outcome:
            if outcome.get(self.status, record.get(self.status)) != record.get(self.status):
                self._await_poll(record)
            if not self._is_leaving(record):
                self.change(record, **outcome)

    def _is_leaving(self, record: dict) -> bool:
        """Whether it was deleted meanwhile: what was begun before has no say any more."""
        now = self.store.get(self.kind, str(record[self.key]), record["_scope"])
        return now is None or (bool(self.deleting) and now.get(self.status) == self.deleting)

    def _finish_delete(self, record: dict):
        if self._stop(record):
            self._await_poll(record)
            self.store.delete(self.kind, str(record[self.key]), record["_scope"])

    def _stop(self, record: dict) -> bool:
        try:
            self.stopped(record)
        except Exception:  # see _settle
            log.exception("%s %s was not stopped", self.kind, record[self.key])
            if self.deleting:
                self.change(record, **{self.status: self.failed})
            return False
        return True

    def _await_poll(self, record: dict):
        if seen := self._unseen.get(self._id(record)):
            seen.wait(POLL_SECONDS)
        self.sandbox.freezer.wait(self.kind, str(record[self.key]))

    def _seen(self, record: dict):
        if seen := self._unseen.get(self._id(record)):
            seen.set()

    def _id(self, record: dict) -> tuple:
        return record["_scope"], str(record[self.key])


def project_of(record: dict) -> str | None:
    """Instance v1 says `project`."""
    return record.get("project_id") or record.get("project")
