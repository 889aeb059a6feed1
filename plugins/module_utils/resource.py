# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reconciler: what every module of this collection shares.

A module declares one noun of the API as a `Resource`; `reconcile` observes it, plans, applies and reports. The core names
no product. `run` (in run.py) is what a module calls.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .client import Client
from .errors import ApiError, Missing, ResourceError, StackwayError
from .values import MASK, UNKNOWN, UUID

SHARED_OPTIONS = {
    *("access_key", "secret_key", "organization_id", "project_id", "region", "zone", "api_url", "s3_url"),
    *("config_path", "profile", "validate_certs", "wait_timeout", "state", "recreate", "id"),
}
"""Options that say who asks, where, how and which, rather than what the resource should be like."""

FIRST_POLL, SLOWEST_POLL = 0.3, 8.0  # seconds between two looks at a resource in transition
APPEARING_SECONDS = 30  # how long a resource just created may answer 404


@dataclass(frozen=True)
class Reference:
    """An option that names another resource by id or by name: where to look the name up.

    `scope` lists options of this module that narrow the look-up: {parameter of the list method: option}; `given` holds
    what the list method wants to be told besides. `get` is the method that gets one by id, for a resource whose creation
    takes several calls: an id that leads nowhere is then refused before the first of them.
    """

    api: str
    method: str
    noun: str
    by: str = "name"
    scope: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    get: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a resource. `before` and `after` are records (None: absent); `diff` shows options, never secrets."""

    action: str  # created, updated, recreated, deleted, unchanged
    before: dict | None
    after: dict | None
    diff: dict[str, dict] = field(default_factory=lambda: {"before": {}, "after": {}})

    @property
    def changed(self) -> bool:
        return self.action != "unchanged"


class Resource:
    """One noun of the API, as a declaration. Override a method only where the API differs.

    An option is compared if the user set it and the API reports it; one left out is left alone; an empty list empties.
    `self.options` holds what the user set, without shared options; `self.params` all parameters of the task.
    """

    api: ClassVar[str]  # SDK class, e.g. "rdb.v1.RdbV1API"
    noun: ClassVar[str]  # the API's singular; also the returned key
    plural: ClassVar[str] = ""  # default: noun + "s"; the returned key of the _info module
    methods: ClassVar[dict[str, str]] = {}  # verb -> SDK method, where it is not <verb>_<noun> or list_<plural>
    key: ClassVar[tuple[str, ...]] = ("name",)  # options that identify the resource within its project and locality
    filters: ClassVar[dict[str, str]] = {}  # option -> parameter of the list method, where the names differ
    references: ClassVar[dict[str, Reference]] = {}  # option -> where a name given instead of an id is looked up
    id_field: ClassVar[str] = "id"
    id_parameter: ClassVar[str] = ""  # default: <noun>_id
    status_field: ClassVar[str] = "status"
    ready: ClassVar[frozenset[str] | set[str]] = frozenset()  # settled states; empty: the API is synchronous
    failed: ClassVar[frozenset[str] | set[str]] = frozenset()  # states that no waiting mends
    deleted_at_once: ClassVar[bool] = False  # DELETE is synchronous although there are states
    immutable: ClassVar[frozenset[str] | set[str]] = frozenset()  # differing is an error, or `recreate: true`
    secrets: ClassVar[frozenset[str] | set[str]] = frozenset()  # no_log, and never compared: the API does not tell them
    write_only: ClassVar[frozenset[str] | set[str]] = frozenset()  # sent at creation, never read back, not compared
    ordered: ClassVar[frozenset[str] | set[str]] = frozenset()  # lists in which the order means something
    create_with: ClassVar[dict[str, Any]] = {}  # what creation needs and the user may leave out
    checks: ClassVar[dict[str, Callable[[Any], str | None]]] = {}  # option -> its fault in words, or None (formats.py)

    def __init__(self, client: Client, params: dict, *, check_mode: bool = False):
        self.client = client
        self.check_mode = check_mode
        self.params = {name: value for name, value in params.items() if value is not None}
        self.options = {name: value for name, value in self.params.items() if name not in SHARED_OPTIONS}

    # Names -------------------------------------------------------------------------

    @classmethod
    def plural_noun(cls) -> str:
        return cls.plural or f"{cls.noun}s"

    def method(self, verb: str) -> str:
        """The SDK method for a verb: create -> create_instance, list -> list_instances, upgrade -> upgrade_instance."""
        return self.methods.get(verb) or f"{verb}_{self.plural_noun() if verb == 'list' else self.noun}"

    def title(self) -> str:
        """How messages call this resource, e.g. "instance riff-db"."""
        named = [str(self.params[option]) for option in self.key if option in self.params] or [
            self.params.get("id", "")
        ]
        return f"{self.noun} {'/'.join(map(str, named))}".replace("_", " ", 1).rstrip()

    # Calls -------------------------------------------------------------------------

    def call(self, verb: str, record: dict | None = None, /, **fields):
        """Call the SDK method of a verb, on `record` if given; locality and ids are filled in. Returns the JSON answer."""
        name = self.method(verb)
        return self.read_answer(
            self.client.call(self.api, name, **(self.scope(name) | self.identity(name, record) | fields))
        )

    def scope(self, name: str) -> dict:
        """Region or zone, for the SDK methods that take one."""
        accepted = self.client.parameters(self.api, name)
        credentials = self.client.credentials
        return {place: getattr(credentials, place) for place in ("region", "zone") if place in accepted}

    def identity(self, name: str, record: dict | None) -> dict:
        """The arguments that tell an SDK method which resource is meant."""
        if record is None:
            return {}
        accepted = self.client.parameters(self.api, name)
        parents = {
            option: value for option, value in self.options.items() if option in accepted and option in self.references
        }
        key = self.id_parameter or f"{self.noun}_id"
        if key not in accepted:
            key = self.noun
        return parents | {key: record[self.id_field]} if self.id_field in record else parents

    def read_answer(self, answer):
        """A raw answer -> a record: the envelope {"<noun>": {...}} is taken off, then `read` applied."""
        if isinstance(answer, dict):
            if isinstance(answer.get(self.noun), dict) and len(answer) <= 2:
                answer = answer[self.noun]
            return self.read(answer)
        return answer

    def read(self, answer: dict) -> dict:
        """API answer -> record, whose keys are the option names. The default takes the answer as it is."""
        return answer

    def get(self, record: dict) -> dict | None:
        """The record as it is now, or None when it is gone."""
        try:
            return self.call("get", record)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, **arguments) -> list[dict]:
        """All records of the project and locality that `arguments` (of the SDK's list method) select."""
        name = self.method("list")
        answers = self.client.list(self.api, name, **self.scope(name), **arguments)
        return [self.read_answer(answer) for answer in answers]

    # Observe -----------------------------------------------------------------------

    def observe(self) -> dict | None:
        """The resource as it is, found by `id`, else by its natural key; None when absent. Two matches are an error."""
        if (
            self.check_mode and self.params.get("id") == UNKNOWN
        ):  # an earlier task would have made it, as it is told here
            return None if self.params.get("state") == "absent" else self.predict()
        if self.parent_unknown():
            return None
        if "id" in self.params:
            found = self.get({self.id_field: self.params["id"]})
            if found is None and self.params.get("state") != "absent":
                raise ResourceError(f"id: {self.noun} {self.params['id']} does not exist", field="id")
            return found
        self.require(self.key)
        self.require_project(self.client.parameters(self.api, self.method("list")))
        matches = [record for record in self.list(**self.list_arguments()) if self.is_meant(record)]
        if len(matches) > 1:
            ids = [str(record.get(self.id_field)) for record in matches]
            raise ResourceError(
                f"{self.title()}: {len(ids)} have this name: {', '.join(ids)} (give one of them as id, or rename the others)",
                ids=ids,
            )
        return matches[0] if matches else None

    def list_arguments(self) -> dict:
        """What narrows the list to candidates: project and key, as far as the list method filters by them."""
        accepted = self.client.parameters(self.api, self.method("list"))
        project = self.client.credentials.project_id
        wanted = {"project_id": project, "project": project}
        wanted |= {self.filters.get(option, option): self.options.get(option) for option in self.key}
        return {name: value for name, value in wanted.items() if name in accepted}

    def is_meant(self, record: dict) -> bool:
        """Whether a listed record is the one that the task names: the API's filters match loosely.

        A key option that the record does not repeat, such as its parent, was a parameter of the list.
        """
        return all(
            self.normalise(option, record[option]) == self.normalise(option, self.options[option])
            for option in self.key
            if option in self.options and option in record
        )

    def parent_unknown(self) -> bool:
        """Whether this resource hangs on one that check mode only predicted, so that it cannot exist yet."""
        parts = [self.options.get(option) for option in self.key]
        if self.client.parameters(self.api, self.method("list")).keys() & {"project_id", "project"}:
            parts.append(self.client.credentials.project_id)
        if UNKNOWN in parts and not self.check_mode:
            raise ResourceError(f"{self.title()}: refers to something that only check mode predicted")
        return UNKNOWN in parts

    def resolve_references(self) -> None:
        """Replace names by ids in the options that refer to other resources. Raises Missing where there is none."""
        for option, reference in self.references.items():
            value = self.options.get(option)
            if value is None:
                continue
            many = isinstance(value, list)
            ids = [self.resolve(option, reference, item) for item in (value if many else [value])]
            self.options[option] = ids if many else ids[0]

    def resolve_key(self) -> None:
        """Resolve the references that tell which resource is meant, and drop the others: to remove it, nothing else has to be there."""
        needed = set(self.key)
        for option in needed & self.references.keys():
            needed = needed.union(self.references[option].scope.values())
        for option in self.references.keys() - needed:
            self.options.pop(option, None)
        Resource.resolve_references(self)

    def resolve(self, option: str, reference: Reference, value: str) -> str:
        if value == UNKNOWN or UUID.fullmatch(value):
            return value
        accepted = self.client.parameters(reference.api, reference.method)
        self.require_project(accepted)
        project = self.client.credentials.project_id
        arguments = {
            name: project for name in ("project_id", "project") if name in accepted
        }  # the latter is Instance's word
        arguments |= self.places(accepted) | reference.given
        arguments |= {name: self.options[other] for name, other in reference.scope.items() if other in self.options}
        if UNKNOWN in arguments.values():
            return UNKNOWN
        if reference.by in accepted:
            arguments[reference.by] = value
        found = [
            item["id"]
            for item in self.client.list(reference.api, reference.method, **arguments)
            if item[reference.by] == value
        ]
        if len(found) != 1:
            problem = "does not exist" if not found else f"is the name of {len(found)}: {', '.join(found)}"
            raise (ResourceError if found else Missing)(
                f"{option}: {reference.noun} {value!r} {problem} (create it first, or give its id)", field=option
            )
        return found[0]

    def places(self, accepted: Iterable[str]) -> dict:
        """Where to look for what this resource refers to: of a zonal one, in the region of its zone."""
        credentials = self.client.credentials
        zonal = "zone" in self.client.parameters(self.api, self.method("list"))
        region = credentials.zone.rpartition("-")[0] if zonal else credentials.region
        return {name: place for name, place in {"region": region, "zone": credentials.zone}.items() if name in accepted}

    def check_references(self, options: Iterable[str]) -> None:
        """Refuse an id in `options` that leads nowhere, where the reference says how to get one. Names were looked up already."""
        for option in self.references.keys() & set(options):
            reference = self.references[option]
            value = self.params.get(option) if reference.get else None
            for item in value if isinstance(value, list) else [value]:
                if item and UUID.fullmatch(item):
                    accepted = self.client.parameters(reference.api, reference.get)
                    places = self.places(accepted)
                    (key,) = accepted.keys() - places.keys()
                    self.client.call(reference.api, reference.get, **places, **{key: item})

    def option_naming(self, resource_id: str | None) -> str | None:
        """The option in which the user named another resource by this id."""
        for option in self.references:
            value = self.options.get(option)
            if resource_id and resource_id in (value if isinstance(value, list) else [value]):
                return option
        return None

    # Plan --------------------------------------------------------------------------

    def check_options(self) -> None:
        """Refuse malformed values before anything is sent."""
        for option, fault in self.checks.items():
            value = self.options.get(option)
            for item in value if isinstance(value, list) else [value]:
                if item not in (None, "", UNKNOWN) and (reason := fault(item)):
                    raise ResourceError(f"{option}: {reason}", field=option)

    def comparable(self) -> list[str]:
        """The options that the user set and that can be compared with what the API reports."""
        skipped = {*self.secrets, *self.write_only, *(self.key if "id" not in self.params else ())}
        return [option for option in self.options if option not in skipped]

    def plan(self, current: dict) -> dict:
        """{option: desired value} for every option that differs from the record."""
        return {option: self.options[option] for option in self.comparable() if self.differs(option, current)}

    def differs(self, option: str, current: dict) -> bool:
        desired = self.normalise(option, self.options[option])
        reported = self.project(desired, self.normalise(option, current.get(option)))
        if isinstance(reported, list) and option not in self.ordered:
            reported = sorted(reported, key=_order)  # again: it was sorted by keys that are gone now
        return desired != reported

    def normalise(self, option: str, value):
        """A value in the form in which two are compared: lists without order unless `ordered`, None as the type's empty."""
        if value is None:
            empty = self.options.get(option)
            return type(empty)() if isinstance(empty, (list, dict, str, bool, int)) else None
        if isinstance(value, (list, tuple, set)) and option not in self.ordered:
            return sorted((_without_none(item) for item in value), key=_order)
        return _without_none(value)

    @classmethod
    def project(cls, desired, current):
        """`current` reduced to the keys that `desired` mentions: what the user left out is not compared."""
        if isinstance(desired, dict) and isinstance(current, dict):
            return {key: cls.project(value, current.get(key)) for key, value in desired.items()}
        if (
            isinstance(desired, list)
            and isinstance(current, list)
            and all(isinstance(item, dict) for item in desired + current)
        ):
            keys = {key for item in desired for key in item}
            return [{key: value for key, value in item.items() if key in keys} for item in current]
        return current

    def predict(self) -> dict:
        """The record that creation would give, as far as it can be told."""
        return {self.id_field: UNKNOWN} | {
            name: value for name, value in (self.create_with | self.options).items() if name not in self.secrets
        }

    # Apply -------------------------------------------------------------------------

    def create(self) -> dict:
        """Create the resource; safe against an answer that is lost. Returns the record, not yet settled."""
        arguments = self.creation()
        return self.client.create(self.observe, lambda: self.call("create", repeatable=False, **arguments))

    def creation(self) -> dict:
        """The arguments of the create method. Raises ResourceError naming what is missing, in check mode too."""
        accepted = self.client.parameters(self.api, self.method("create"))
        given = {name: value for name, value in (self.create_with | self.options).items() if name in accepted}
        if "project" in accepted:
            given.setdefault("project", self.client.credentials.project_id)
        missing = [
            name
            for name, parameter in accepted.items()
            if parameter.default is parameter.empty and given.get(name) is None
        ]
        if missing:
            raise ResourceError(f"{', '.join(missing)}: needed to create {self.title()}", fields=missing)
        return given

    def update(self, current: dict, changes: dict) -> None:
        """Bring `changes` about on a settled resource."""
        self.call("update", current, **changes)

    def check_removal(self, current: dict) -> None:
        """Refuse to remove what the API, as far as `current` tells, would not; in check mode too."""

    def delete(self, current: dict) -> None:
        try:
            self.call("delete", current)
        except ApiError as error:
            if error.status != 404:
                raise

    # Wait --------------------------------------------------------------------------

    def settled(self, record: dict) -> bool:
        return not self.ready or record.get(self.status_field) in self.ready

    def wait(self, record: dict, *, gone: bool = False, fresh: bool = False) -> dict | None:
        """Poll until the resource is settled (or gone) and return it. Raises ResourceError on a failed state or timeout.

        `fresh`: it was just created, so that a 404 may still mean "not yet". What had failed before it was to go may say so
        until it is gone.
        """
        harmless = self.failed if gone and record.get(self.status_field) in self.failed else ()
        started, delay, told = time.monotonic(), FIRST_POLL, ""
        while True:
            now = self.get(record)
            waited = time.monotonic() - started
            status = now.get(self.status_field, "") if now else "gone"
            if now is None and not (fresh and waited < APPEARING_SECONDS):
                return None
            if now is not None and status in self.failed and status not in harmless:
                reason = self.reason(now)
                raise ResourceError(
                    f"{self.title()} is in state {status!r}{': ' if reason else ''}{reason}", state=status
                )
            if now is not None and not gone and self.settled(now):
                return now
            if time.monotonic() + delay > self.client.deadline:
                goal = "gone" if gone else " or ".join(sorted(self.ready))
                raise ResourceError(
                    f"{self.title()} is still {status!r} after {waited:.0f} s, not {goal} (raise wait_timeout, or look at the console)",
                    state=status,
                )
            if status != told or delay >= SLOWEST_POLL:
                self.client.progress(f"{self.title()}: {status}, {waited:.0f} s")
                told = status
            time.sleep(delay)
            delay = min(delay * 1.5, SLOWEST_POLL)

    def reason(self, record: dict) -> str:
        """Why a resource is in a failed state, as far as the API tells."""
        return record.get("error_message") or record.get("message") or record.get("last_error") or ""

    def require(self, names) -> None:
        if missing := [name for name in names if self.options.get(name) in (None, "")]:
            raise ResourceError(
                f"{', '.join(missing)}: needed to tell which {self.noun.replace('_', ' ')} is meant", fields=missing
            )

    def require_project(self, accepted: Iterable[str]) -> None:
        """Refuse to look a name up in all projects that the key may see: another project's resource could bear it."""
        if not self.client.credentials.project_id and {"project_id", "project"} & set(accepted):
            raise ResourceError(
                "project_id is missing: set the option, SCW_DEFAULT_PROJECT_ID, or default_project_id in the profile",
                field="project_id",
            )

    # Report ------------------------------------------------------------------------

    def shown(self, values: dict) -> dict:
        """Options as a diff may show them."""
        return {name: MASK if name in self.secrets else value for name, value in values.items()}

    def report(self, record: dict | None) -> dict | None:
        """The record as the task returns it. Override to leave out what must not be seen."""
        return record


def reconcile(resource: Resource, state: str = "present", check_mode: bool = False) -> Outcome:
    """Bring `resource` to `state`, or in check mode say what would change."""
    try:
        return _reconcile(resource, state, check_mode)
    except ApiError as error:
        if option := resource.option_naming(error.details.get("resource_id")):
            remedy = " (create it first, or give another)" if error.status == 404 else ""
            error.args = (f"{option}: {error}{remedy}",)
        raise


def _reconcile(resource: Resource, state: str, check_mode: bool) -> Outcome:
    resource.check_options()
    if state == "absent":
        return _remove(resource, _observe_to_remove(resource), check_mode)
    resource.resolve_references()
    before = resource.observe()
    if before and before.get(resource.id_field) != UNKNOWN and not resource.settled(before):
        before = resource.wait(before)  # in transition it refuses changes; one being deleted ends up as None
    if before is None:
        return _create(resource, check_mode)
    changes = resource.plan(before)
    if fixed := sorted(changes.keys() & resource.immutable):
        return _recreate(resource, before, changes, fixed, check_mode)
    if not changes:
        return Outcome("unchanged", before, before)
    resource.check_references(changes)
    diff = {
        "before": resource.shown({option: before.get(option) for option in changes}),
        "after": resource.shown(changes),
    }
    if check_mode:
        return Outcome("updated", before, before | changes, diff)
    resource.update(before, changes)
    return Outcome("updated", before, resource.wait(before), diff)


def _observe_to_remove(resource: Resource) -> dict | None:
    """The resource as it is; None, too, where what it hangs on is gone, and it with that."""
    try:
        resource.resolve_key()
        return resource.observe()
    except Missing:
        return None
    except ApiError as error:
        if error.status != 404:
            raise
        return None


def _create(resource: Resource, check_mode: bool, action: str = "created", before: dict | None = None) -> Outcome:
    diff = {"before": {}, "after": resource.shown(resource.options)}
    resource.creation()
    resource.check_references(resource.options)
    if check_mode:
        return Outcome(action, before, resource.predict(), diff)
    created = resource.create()
    if resource.ready:
        settled = resource.wait(created, fresh=True)
        if settled is None:
            raise ResourceError(f"{resource.title()} disappeared right after its creation")
        created = settled
    return Outcome(action, before, created, diff)


def _remove(resource: Resource, before: dict | None, check_mode: bool) -> Outcome:
    if before is None:
        return Outcome("unchanged", None, None)
    resource.check_removal(before)
    shown = {name: before[name] for name in (resource.id_field, *resource.key) if name in before}
    if not check_mode:
        resource.delete(before)
        if resource.ready and not resource.deleted_at_once:
            resource.wait(before, gone=True)
    return Outcome("deleted", before, None, {"before": shown, "after": {}})


def _recreate(resource: Resource, before: dict, changes: dict, fixed: list[str], check_mode: bool) -> Outcome:
    if not resource.params.get("recreate"):
        was = ", ".join(f"{option} is {before.get(option)!r}" for option in fixed)
        offer = (
            "set recreate: true to replace it, which loses what it holds, or " if "recreate" in resource.params else ""
        )
        raise ResourceError(
            f"{', '.join(fixed)}: cannot change on an existing {resource.noun.replace('_', ' ')}: {resource.title()}: {was} "
            f"({offer}leave it as it is)",
            fields=fixed,
        )
    resource.creation()  # what it refuses is refused while there is still something to keep
    resource.check_references(resource.options)
    removed = _remove(resource, before, check_mode)
    try:
        created = _create(resource, check_mode, "recreated", before)
    except StackwayError as error:
        error.args = (f"{resource.title()} was removed to be made anew, which failed: {error}",)
        error.done = removed
        raise
    diff = {
        "before": removed.diff["before"] | {option: before.get(option) for option in changes},
        "after": created.diff["after"],
    }
    return Outcome("recreated", before, created.after, diff)


def _without_none(value):
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(item) for item in value]
    return value


def _order(value) -> str:
    return json.dumps(value, sort_keys=True, default=str)


class Info:
    """What an `_info` module declares: the resource whose list it returns, under its plural.

    Every option that the SDK's list method takes narrows the list; `name` (or the resource's whole key) matches exactly;
    `id` gets one. An empty list means that there is none. A resource class that two modules use lives in resources/: Ansible
    sends module_utils along with a module, and no other module.
    """

    resource: ClassVar[type[Resource]]

    @classmethod
    def look_up(cls, client: Client, params: dict) -> list[dict]:
        if client.credentials.project_id == UNKNOWN:  # check mode would make the project: there is nothing in it
            return []
        resource = cls.resource(client, params)
        resource.resolve_references()
        if "id" in resource.params:
            found = resource.get({resource.id_field: resource.params["id"]})
            records = [found] if found else []
        else:
            accepted = client.parameters(resource.api, resource.method("list"))
            filters = resource.list_arguments() | {
                name: value for name, value in resource.options.items() if name in accepted
            }
            records = [record for record in resource.list(**filters) if resource.is_meant(record)]
        return [resource.report(record) for record in records]
