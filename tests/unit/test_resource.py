"""The reconciler's promises, against an API at the HTTP level."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stackway.scaleway.plugins.module_utils.errors import ApiError, ResourceError
from ansible_collections.stackway.scaleway.plugins.module_utils.resource import Info, Reference, Resource, reconcile
from ansible_collections.stackway.scaleway.plugins.module_utils.values import MASK, UNKNOWN

RATE_LIMIT = (429, None)  # as the API answers it: no body
SERVER_ERROR = (500, b"upstream error")
TRANSIENT = (
    409,
    {"type": "transient_state", "message": "resource is in a transient state", "current_state": "configuring"},
)


class Vpc(Resource):
    api = "vpc.v2.VpcV2API"
    noun = "vpc"
    methods = {"list": "list_vp_cs"}
    immutable = {"enable_routing"}
    create_with = {"enable_routing": True, "enable_transitivity": False}


class SlowVpc(Vpc):
    ready = {"ready"}
    failed = {"error"}


class SecretVpc(Vpc):
    secrets = {"password"}

    def creation(self):
        return {name: value for name, value in super().creation().items() if name != "password"}


def apply(client, params, kind=Vpc, check_mode=False, state="present"):
    return reconcile(kind(client, params, check_mode=check_mode), state, check_mode)


def both(client, params, **how):
    """Predict, then do: the prediction must hold. Returns the real outcome."""
    predicted = apply(client, params, check_mode=True, **how)
    done = apply(client, params, **how)
    assert (predicted.action, predicted.diff) == (done.action, done.diff)
    return done


def test_create_then_nothing_then_each_change_then_absent_twice(api, client):
    assert both(client, {"name": "a", "tags": ["x", "y"]}).action == "created"
    assert both(client, {"name": "a", "tags": ["y", "x"]}).action == "unchanged"
    assert both(client, {"name": "a"}).action == "unchanged"
    changed = both(client, {"name": "a", "tags": []})
    assert changed.action == "updated"
    assert changed.diff == {"before": {"tags": ["x", "y"]}, "after": {"tags": []}}
    assert changed.after["tags"] == []
    assert both(client, {"name": "a"}, state="absent").action == "deleted"
    assert both(client, {"name": "a"}, state="absent").action == "unchanged"
    assert api.writes() == ["POST", "PATCH", "DELETE"]


def test_check_mode_sends_no_write_and_names_what_it_cannot_know(api, client):
    outcome = apply(client, {"name": "a"}, check_mode=True)
    assert outcome.after["id"] == UNKNOWN
    assert not apply(client, {"id": outcome.after["id"], "name": "b"}, check_mode=True).changed
    assert api.writes() == []


def test_in_a_project_that_is_only_predicted_there_is_what_was_predicted_and_nothing_else(api, client):
    class VpcInfo(Info):
        resource = Vpc

    client.credentials = replace(client.credentials, project_id=UNKNOWN)
    made = apply(client, {"name": "a"}, check_mode=True)
    assert made.changed and not apply(client, {"id": made.after["id"], "name": "a"}, check_mode=True).changed
    assert VpcInfo.look_up(client, {"name": "a"}) == []
    assert api.requests == []


def test_a_loose_name_filter_does_not_match_another_resource(api, client):
    api.add(name="riff-old")
    assert apply(client, {"name": "riff"}).action == "created"


def test_two_of_one_name_are_an_error_with_both_ids_and_id_chooses(api, client):
    first, second = api.add(name="a"), api.add(name="a")
    with pytest.raises(ResourceError) as error:
        apply(client, {"name": "a", "tags": ["x"]})
    assert first["id"] in str(error.value) and second["id"] in str(error.value)
    assert apply(client, {"id": second["id"], "name": "b"}).action == "updated"
    assert api.records[second["id"]]["name"] == "b"


def test_an_immutable_change_is_refused_until_recreate_is_asked_for(api, client):
    api.add(name="a")
    wanted = {"name": "a", "enable_routing": False, "recreate": False}
    with pytest.raises(ResourceError, match=r"enable_routing.*recreate: true"):
        apply(client, wanted)
    assert api.writes() == []
    assert both(client, wanted | {"recreate": True}).action == "recreated"
    assert [record["enable_routing"] for record in api.records.values()] == [False]


def test_a_recreation_that_cannot_be_is_refused_while_there_is_something_to_keep(api, client):
    class Demanding(Vpc):
        create_with = {"enable_transitivity": False}

        def creation(self):
            raise ResourceError("image: needed")

    api.add(name="a")
    for check_mode in (True, False):
        with pytest.raises(ResourceError, match="image: needed"):
            apply(client, {"name": "a", "enable_routing": False, "recreate": True}, Demanding, check_mode=check_mode)
    assert api.writes() == []


def test_a_recreation_that_the_api_refuses_tells_what_is_gone(api, client):
    api.add(name="a")
    api.script = [None, None, (400, {"type": "invalid_arguments", "message": "no routing today"})]
    with pytest.raises(ApiError, match="vpc a was removed to be made anew, which failed: no routing today") as error:
        apply(client, {"name": "a", "enable_routing": False, "recreate": True})
    assert (error.value.done.action, error.value.done.changed) == ("deleted", True)


def test_what_check_removal_refuses_is_refused_in_check_mode_too(api, client):
    class Protected(Vpc):
        def check_removal(self, current):
            raise ResourceError("protected: it is")

    api.add(name="a")
    recreation = {"name": "a", "enable_routing": False, "recreate": True}
    for check_mode in (True, False):
        for params, state in (({"name": "a"}, "absent"), (recreation, "present")):
            with pytest.raises(ResourceError, match="protected: it is"):
                apply(client, params, Protected, check_mode=check_mode, state=state)
    assert api.writes() == []


def test_without_a_project_no_name_is_looked_up_in_all_of_them(api, client):
    record = api.add(name="a")
    client.credentials = replace(client.credentials, project_id=None)
    for state in ("present", "absent"):
        with pytest.raises(ResourceError, match="project_id is missing: set the option, SCW_DEFAULT_PROJECT_ID"):
            apply(client, {"name": "a"}, state=state)
    assert api.requests == []
    assert apply(client, {"id": record["id"]}, state="absent").action == "deleted"


def test_a_missing_option_is_named_in_check_mode_too(api, client):
    class Demanding(Vpc):
        create_with = {"enable_routing": True}

    for check_mode in (True, False):
        with pytest.raises(ResourceError, match="enable_transitivity: needed to create vpc a"):
            apply(client, {"name": "a"}, kind=Demanding, check_mode=check_mode)
    assert api.writes() == []


@pytest.mark.parametrize("fault", [RATE_LIMIT, TRANSIENT, SERVER_ERROR, "drop"], ids=["429", "409", "500", "reset"])
def test_faults_cost_time_only_and_never_a_duplicate(api, client, fault):
    for position in range(3):
        api.script = [None] * position + [fault]
        apply(client, {"name": f"a{position}"})
        api.script = [None] * position + [fault]
        apply(client, {"name": f"a{position}", "tags": ["x"]})
    assert sorted(record["name"] for record in api.records.values()) == ["a0", "a1", "a2"]
    assert all(record["tags"] == ["x"] for record in api.records.values())


@pytest.mark.parametrize("how", [SERVER_ERROR, "drop"], ids=["500", "reset"])
def test_a_create_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(api, client, how):
    def carried_out():
        api.add(name="a")
        return how

    class ReadOnce(Vpc):
        def read(self, answer):
            return answer | {"tags": {"read": answer["tags"]["sent"]}}

    api.script = [None, carried_out]  # the list, then the create
    assert apply(client, {"name": "a"}).action == "created"
    assert len(api.records) == 1
    api.records.clear()
    api.script = [None, lambda: api.add(name="a", tags={"sent": []}) and how]
    assert apply(client, {"name": "a"}, kind=ReadOnce).after["tags"] == {"read": []}


def test_a_refusal_names_the_field_and_keeps_the_type(api, client):
    refusal = {"type": "invalid_arguments", "message": "invalid argument(s)"}
    refusal["details"] = [{"argument_name": "name", "reason": "constraint", "help_message": "must be short"}]
    api.script = [None, (400, refusal)]
    with pytest.raises(ApiError, match="name: must be short") as error:
        apply(client, {"name": "a"})
    assert error.value.details["status"] == 400 and error.value.details["request"].startswith("POST ")


def test_waits_for_ready_and_tells_what_it_waits_for(api, client):
    told = []
    client.progress = told.append
    api.add(name="a", status="configuring")
    api.script = [None, None, (200, {"id": "1", "name": "a", "status": "ready"})]
    assert apply(client, {"name": "a"}, kind=SlowVpc).action == "unchanged"
    assert told and "vpc a: configuring" in told[0]


def test_a_failed_state_is_an_error_with_the_reason(api, client):
    record = api.add(name="a", status="provisioning", error_message="no capacity")
    record["status"] = "error"
    with pytest.raises(ResourceError, match="vpc a is in state 'error': no capacity"):
        apply(client, {"name": "a"}, kind=SlowVpc)


def test_a_removal_that_fails_is_an_error_with_the_reason(api, client):
    record = api.add(name="a", status="ready")
    steps = [(200, record | {"status": "deleting"}), (200, record | {"status": "error", "error_message": "in use"})]
    api.script = [None, (204, None), *steps]
    with pytest.raises(ResourceError, match="vpc a is in state 'error': in use"):
        apply(client, {"name": "a"}, kind=SlowVpc, state="absent")


def test_what_is_in_a_failed_state_can_be_removed(api, client):
    record = api.add(name="a", status="error")
    api.script = [None, None, (200, record)]
    assert apply(client, {"name": "a"}, kind=SlowVpc, state="absent").action == "deleted"


def test_gives_up_at_the_deadline(api, client):
    client.deadline = 0
    api.add(name="a", status="provisioning")
    with pytest.raises(ResourceError, match=r"still 'provisioning'.*wait_timeout"):
        apply(client, {"name": "a"}, kind=SlowVpc)


def test_secrets_are_masked_and_never_compared(api, client):
    created = apply(client, {"name": "a", "password": "hunter2"}, kind=SecretVpc)
    assert created.diff["after"]["password"] == MASK
    assert apply(client, {"name": "a", "password": "other"}, kind=SecretVpc).action == "unchanged"


def test_references_by_name(api, client):
    class Child(Vpc):
        key = ("vpc_id", "name")
        references = {"vpc_id": Reference("vpc.v2.VpcV2API", "list_vp_cs", "vpc")}

    parent = api.add(name="parent")
    child = Child(client, {"vpc_id": "parent", "name": "a"})
    child.resolve_references()
    assert child.options["vpc_id"] == parent["id"]
    with pytest.raises(ResourceError, match="vpc_id: vpc 'nowhere' does not exist"):
        Child(client, {"vpc_id": "nowhere", "name": "a"}).resolve_references()
    unknown = Child(client, {"vpc_id": UNKNOWN, "name": "a"}, check_mode=True)
    requests = len(api.requests)
    assert unknown.observe() is None and len(api.requests) == requests


def test_what_hangs_on_something_that_is_gone_is_absent(api, client):
    class Child(Vpc):
        key = ("vpc_id", "name")
        references = {
            "vpc_id": Reference("vpc.v2.VpcV2API", "list_vp_cs", "vpc"),
            "friend_id": Reference("vpc.v2.VpcV2API", "list_vp_cs", "vpc"),
        }

    assert both(client, {"vpc_id": "gone", "name": "a"}, kind=Child, state="absent").action == "unchanged"
    by_id = {"vpc_id": "11111111-1111-4111-8111-111111111111", "name": "a"}
    for check_mode in (True, False):
        api.script = [(404, {"message": "vpcs not Found"})]
        assert apply(client, by_id, Child, check_mode=check_mode, state="absent").action == "unchanged"
    parent = api.add(name="parent")
    api.add(name="a", vpc_id=parent["id"])
    options = {"vpc_id": "parent", "name": "a", "friend_id": "gone"}
    assert both(client, options, kind=Child, state="absent").action == "deleted"


def test_an_id_that_leads_nowhere_is_blamed_on_its_option(api, client):
    class Child(Vpc):
        references = {"parent_id": Reference("vpc.v2.VpcV2API", "list_vp_cs", "vpc")}

    gone = "11111111-1111-4111-8111-111111111111"
    api.script = [None, (404, {"type": "not_found", "resource": "vpc", "resource_id": gone, "message": "no"})]
    with pytest.raises(ApiError, match=f"^parent_id: vpc {gone} does not exist"):
        apply(client, {"name": "a", "parent_id": gone}, kind=Child)


def test_an_id_is_looked_up_before_a_creation_of_several_calls(api, client):
    class Child(Vpc):
        references = {"parent_ids": Reference("vpc.v2.VpcV2API", "list_vp_cs", "vpc", get="get_vpc")}

    parent = api.add(name="parent")["id"]
    gone = "11111111-1111-4111-8111-111111111111"
    with pytest.raises(ApiError, match=f"^parent_ids: vpc {gone} does not exist"):
        apply(client, {"name": "a", "parent_ids": [parent, gone]}, kind=Child)
    assert api.writes() == []
    assert apply(client, {"name": "a", "parent_ids": [parent]}, kind=Child).action == "created"
    for check_mode in (True, False):
        with pytest.raises(ApiError, match=f"^parent_ids: vpc {gone} does not exist"):
            apply(client, {"name": "a", "tags": ["x"], "parent_ids": [gone]}, kind=Child, check_mode=check_mode)
    assert api.writes() == ["POST"]


def test_a_reference_tells_the_list_method_what_it_wants_to_know(api, client):
    class Child(Vpc):
        references = {"vpc_id": Reference("vpc.v2.VpcV2API", "list_vp_cs", "vpc", given={"is_default": False})}

    api.add(name="parent")
    Child(client, {"vpc_id": "parent", "name": "a"}).resolve_references()
    assert "is_default=False" in api.requests[-1][1]


def test_lists_have_all_pages(api, client):
    for number in range(250):
        api.add(name=f"v{number}")
    assert len(client.list("vpc.v2.VpcV2API", "list_vp_cs", region="fr-par")) == 250
    assert len(api.requests) == 3


def test_the_core_names_no_product():
    from pathlib import Path

    from ansible_collections.stackway.scaleway.plugins.module_utils import client as client_module
    from ansible_collections.stackway.scaleway.plugins.module_utils import resource as resource_module

    for module in (client_module, resource_module):
        code = "\n".join(
            line
            for line in Path(module.__file__).read_text().splitlines()
            if "e.g." not in line and "`call(" not in line
        )
        for product in ("rdb", "instance_server", "tem", "cockpit", "redis"):
            assert f'"{product}' not in code, f"{module.__name__} knows {product}"


@pytest.mark.parametrize(
    ("wanted", "reported", "same"),
    [
        ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, True),
        ({"tags": ["a"]}, {"tags": ["a", "b"]}, False),
        ({"tags": []}, {"tags": None}, True),
        ({"description": ""}, {}, True),
        ({"enabled": False}, {}, True),
        ({"enabled": True}, {}, False),
        ({"policy": {"days": 7}}, {"policy": {"days": 7, "next_run": "tomorrow"}}, True),
        ({"policy": {"days": 7, "hour": None}}, {"policy": {"days": 7, "hour": 3}}, True),
        ({"policy": {"days": 8}}, {"policy": {"days": 7}}, False),
        ({"rules": [{"port": 22}, {"port": 80}]}, {"rules": [{"id": "x", "port": 80}, {"id": "y", "port": 22}]}, True),
        ({"rules": [{"port": 22}]}, {"rules": [{"port": 22, "id": "x"}, {"port": 80, "id": "y"}]}, False),
        ({"rules": []}, {"rules": [{"port": 22}]}, False),
        ({"steps": ["a", "b"]}, {"steps": ["b", "a"]}, False),
    ],
)
def test_only_what_was_asked_for_is_compared(client, wanted, reported, same):
    class Ordered(Vpc):
        ordered = {"steps"}

    assert (Ordered(client, wanted).plan(reported) == {}) is same
