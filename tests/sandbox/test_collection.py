"""What every service gets from Collection, tried on a service of three nouns."""

import json
import threading

import pytest

from sandbox.admin import Freezer, Quotas
from sandbox.call import Call
from sandbox.collection import Collection, action, contains
from sandbox.errors import ApiError, precondition_failed
from sandbox.router import Router
from sandbox.store import Store

ORGANIZATION = "6170692e-7363-616c-6577-61792e636f6d"


class Boats(Collection):
    path = "/harbour/v1/regions/{region}/boats"
    noun = "boat"
    initial = "building"
    deleting, delete_code = "sinking", 200
    busy = ("sinking",)
    required = ("hull",)
    mutable = ("name", "tags")
    defaults = {"tags": []}
    enums = {"hull": ("wood", "steel")}
    formats = {"name": "[a-z]+"}
    filters = Collection.filters | {"name": contains("name")}

    def started(self, boat, body):
        if body["hull"] == "wood" and body.get("name") == "leaky":
            raise OSError("it took in water")
        return {"status": "ready", "berth": f"{boat['region']}-1"}

    def removable(self, boat):
        if "keep" in boat["tags"]:
            raise precondition_failed("protected_resource", "cannot sink a kept boat")

    @action("POST", "/{id}/paint")
    def paint(self, boat, call):
        return self.answer(self.change(boat, colour=call.body["colour"]), "paint")


class Sailors(Collection):
    path = "/harbour/v1/regions/{region}/boats/{boat_id}/sailors"
    parent = Boats
    noun = "sailor"
    key = "name"
    common = ("name",)
    required = ("name",)
    envelope, created_code, total_in_header = True, 201, True


class Harbour:
    """As much of a sandbox as services need."""

    def __init__(self, store):
        self.store, self.machines, self.settings = store, None, None
        self.freezer, self.quotas = Freezer(), Quotas()
        self.organization_id = ORGANIZATION
        self.store.put("account.project", "", ORGANIZATION, {"id": ORGANIZATION, "_scope": ""})
        self.services = {found: found(self) for found in (Boats, Sailors)}
        self.router = Router(self.services.values())

    def call(self, method, path, body=None, query=""):
        call = Call(method, path, query, json.dumps(body).encode() if body is not None else b"", "application/json")
        route, call.params = self.router.find(method, path)
        return route.handler(call)


BOATS = "/harbour/v1/regions/fr-par/boats"


@pytest.fixture
def harbour(tmp_path):
    store = Store(tmp_path / "state.db")
    yield Harbour(store)
    for thread in threading.enumerate():
        if thread.name.startswith("harbour."):
            thread.join(5)
    store.close()


@pytest.fixture
def boat(harbour):
    return harbour.call("POST", BOATS, {"name": "argo", "hull": "wood"})[1]


def settled(harbour, boat):
    for thread in threading.enumerate():
        if thread.name.endswith(boat["id"]):
            thread.join(5)
    return harbour.call("GET", f"{BOATS}/{boat['id']}")


def refused(harbour, *call):
    with pytest.raises(ApiError) as refusal:
        harbour.call(*call)
    return refusal.value.status, refusal.value.body


def test_a_status_is_read_once_before_it_changes(harbour, boat):
    assert boat["status"] == "building" and "berth" not in boat
    assert harbour.call("GET", f"{BOATS}/{boat['id']}")["status"] == "building"
    found = settled(harbour, boat)
    assert (found["status"], found["berth"]) == ("ready", "fr-par-1")


def test_a_start_that_fails_shows(harbour):
    _, boat = harbour.call("POST", BOATS, {"name": "leaky", "hull": "wood"})
    assert settled(harbour, boat)["status"] == "error"


def test_a_frozen_record_stays_until_it_is_thawed(harbour):
    harbour.freezer.freeze("harbour.boat")
    _, boat = harbour.call("POST", BOATS, {"name": "argo", "hull": "wood"})
    for _ in range(3):
        assert harbour.call("GET", f"{BOATS}/{boat['id']}")["status"] == "building"
    harbour.freezer.thaw("harbour.boat")
    assert settled(harbour, boat)["status"] == "ready"


def test_input_is_refused_with_every_field_at_fault(harbour):
    status, body = refused(harbour, "POST", BOATS, {"name": "Argo 2"})
    assert (status, body["type"]) == (400, "invalid_arguments")
    assert [(detail["argument_name"], detail["reason"]) for detail in body["details"]] == [
        ("hull", "required"),
        ("name", "format"),
    ]
    status, body = refused(harbour, "POST", BOATS, {"hull": "paper"})
    assert body["details"][0]["help_message"] == "must be one of wood, steel"
    assert harbour.call("GET", BOATS)["total_count"] == 0


@pytest.mark.parametrize("region", ["fr-nowhere", "fr-par-1"])
def test_a_region_that_does_not_exist_is_refused(harbour, region):
    assert refused(harbour, "GET", f"/harbour/v1/regions/{region}/boats")[0] == 400


def test_a_project_that_does_not_exist_is_refused(harbour):
    assert refused(harbour, "POST", BOATS, {"hull": "wood", "project_id": "nobody"})[1]["type"] == "permissions_denied"


def test_an_update_changes_what_is_mutable_and_null_changes_nothing(harbour, boat):
    settled(harbour, boat)
    changed = harbour.call("PATCH", f"{BOATS}/{boat['id']}", {"name": "pinta", "tags": None, "hull": "steel"})
    assert (changed["name"], changed["tags"], changed["hull"]) == ("pinta", [], "wood")
    assert changed["updated_at"] > boat["updated_at"]


def test_lists_filter_order_and_page(harbour):
    for number, name in enumerate(("ada", "bea", "abe")):
        harbour.call("POST", BOATS, {"name": name, "hull": "steel", "tags": ["fleet", f"n{number}"]})
    names = lambda query: [boat["name"] for boat in harbour.call("GET", BOATS, None, query)["boats"]]  # noqa: E731
    assert names("") == ["ada", "bea", "abe"]
    assert names("order_by=created_at_desc") == ["abe", "bea", "ada"]
    assert names("order_by=name_asc") == ["abe", "ada", "bea"]
    assert names("name=be") == ["bea", "abe"]
    assert names("tags=fleet&tags=n0") == ["ada"]
    assert names("status=unknown&project_id=" + ORGANIZATION) == ["ada", "bea", "abe"]
    assert names("project_id=other") == []
    assert names("page=2&page_size=2") == ["abe"]
    assert harbour.call("GET", BOATS, None, "page_size=1")["total_count"] == 3
    assert harbour.call("GET", "/harbour/v1/regions/nl-ams/boats")["boats"] == []


def test_a_delete_goes_through_its_status(harbour, boat):
    settled(harbour, boat)
    harbour.freezer.freeze(boat["id"])
    assert harbour.call("DELETE", f"{BOATS}/{boat['id']}")["status"] == "sinking"
    assert refused(harbour, "PATCH", f"{BOATS}/{boat['id']}", {"name": "x"})[1]["current_state"] == "sinking"
    harbour.freezer.thaw()
    with pytest.raises(ApiError) as refusal:
        settled(harbour, boat)
    assert refusal.value.body == {
        "message": "resource is not found", "type": "not_found", "resource": "boat", "resource_id": boat["id"],
    }  # fmt: skip


def test_what_was_begun_before_a_delete_has_no_say_after_it(harbour, boat):
    settled(harbour, boat)
    boats, go_on = harbour.services[Boats], threading.Event()
    record = boats.fetch(boat["id"])
    boats.later(record, lambda _: go_on.wait(5) and {"status": "ready"})
    (begun,) = [thread for thread in threading.enumerate() if thread.name.endswith(boat["id"])]
    harbour.freezer.freeze(boat["id"])
    boats.remove(record)
    go_on.set()
    begun.join(5)
    assert harbour.call("GET", f"{BOATS}/{boat['id']}")["status"] == "sinking"
    harbour.freezer.thaw()


def test_what_is_protected_is_not_deleted(harbour, boat):
    settled(harbour, boat)
    harbour.call("PATCH", f"{BOATS}/{boat['id']}", {"tags": ["keep"]})
    assert refused(harbour, "DELETE", f"{BOATS}/{boat['id']}")[0] == 412


def test_children_live_in_their_parent_and_go_with_it(harbour, boat):
    settled(harbour, boat)
    sailors = f"{BOATS}/{boat['id']}/sailors"
    assert harbour.call("POST", sailors, {"name": "jason"}) == (201, {"sailor": {"name": "jason"}})
    assert harbour.call("GET", sailors) == (200, {"sailors": [{"name": "jason"}]}, {"X-Total-Count": "1"})
    assert harbour.call("GET", f"{sailors}/jason") == {"sailor": {"name": "jason"}}
    assert refused(harbour, "GET", f"{BOATS}/elsewhere/sailors")[1]["resource"] == "boat"
    harbour.services[Boats].store.delete("harbour.boat", boat["id"], "fr-par")
    assert harbour.store.count("harbour.sailor") == 0


def test_nothing_is_created_in_what_is_about_to_go(harbour, boat):
    settled(harbour, boat)
    harbour.freezer.freeze(boat["id"])
    harbour.call("DELETE", f"{BOATS}/{boat['id']}")
    status, body = refused(harbour, "POST", f"{BOATS}/{boat['id']}/sailors", {"name": "jason"})
    assert (status, body["type"]) == (409, "transient_state")
    assert (body["resource"], body["resource_id"], body["current_state"]) == ("boat", boat["id"], "sinking")
    harbour.freezer.thaw()


def test_nothing_goes_while_something_is_created_in_it(harbour, boat):
    settled(harbour, boat)
    boats, gone = harbour.services[Boats], threading.Event()
    record = boats.fetch(boat["id"])
    went = threading.Thread(target=lambda: (harbour.call("DELETE", f"{BOATS}/{boat['id']}"), gone.set()))
    with boats.held(record):
        went.start()
        assert not gone.wait(0.2)
        harbour.call("POST", f"{BOATS}/{boat['id']}/sailors", {"name": "jason"})
    assert gone.wait(5)
    with pytest.raises(ApiError):
        settled(harbour, boat)
    assert harbour.store.count("harbour.sailor") == 0


def test_a_page_has_a_hundred_records_at_most(harbour, boat):
    sailors = f"{BOATS}/{boat['id']}/sailors"
    for number in range(101):
        harbour.call("POST", sailors, {"name": f"sailor{number}"})
    for query, size in (("page_size=1000", 100), ("per_page=1000", 100), ("page_size=1000&page=2", 1), ("", 20)):
        assert len(harbour.call("GET", sailors, None, query)[1]["sailors"]) == size, query


def test_actions_get_the_record(harbour, boat):
    settled(harbour, boat)
    assert harbour.call("POST", f"{BOATS}/{boat['id']}/paint", {"colour": "red"})["colour"] == "red"
    assert refused(harbour, "POST", f"{BOATS}/nothing/paint", {"colour": "red"})[0] == 404


def test_quotas_are_enforced(harbour, boat):
    harbour.quotas.limits = {"harbour.boat": 1}
    status, body = refused(harbour, "POST", BOATS, {"hull": "wood"})
    assert (status, body["details"]) == (403, [{"resource": "boat", "quota": 1, "current": 1}])


def test_a_restart_takes_up_what_was_going_on(harbour, boat):
    settled(harbour, boat)
    boats = harbour.services[Boats]
    record = boats.fetch(boat["id"])
    boats.change(record, status="sinking")
    unborn = boats.add({"region": "fr-par", "hull": "steel"})
    for thread in threading.enumerate():
        if thread.name.endswith(unborn["id"]):
            thread.join(5)
    boats.change(unborn, status="building")
    boats.resume()
    assert settled(harbour, unborn)["status"] == "error"
    with pytest.raises(ApiError):
        settled(harbour, boat)


def test_two_writers_of_one_record_lose_nothing(harbour, boat):
    settled(harbour, boat)
    boats = harbour.services[Boats]
    record = boats.fetch(boat["id"])
    writers = [threading.Thread(target=boats.change, args=(record,), kwargs={f"field{n}": n}) for n in range(20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert all(boats.fetch(boat["id"])[f"field{n}"] == n for n in range(20))
