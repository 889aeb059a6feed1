"""What the SDK lacks and the client adds."""

from __future__ import annotations

import pytest
from ansible_collections.stackway.scaleway.plugins.module_utils.client import Client, to_sdk
from ansible_collections.stackway.scaleway.plugins.module_utils.credentials import Credentials
from ansible_collections.stackway.scaleway.plugins.module_utils.errors import ApiError, ResourceError
from ansible_collections.stackway.scaleway.plugins.module_utils.values import NULL

API = "vpc.v2.VpcV2API"


def test_an_empty_error_body_is_an_error_with_its_status(api, client):
    api.script = [(403, None)]
    with pytest.raises(ApiError, match="HTTP 403") as error:
        client.call(API, "get_vpc", vpc_id="a")
    assert error.value.status == 403


def test_null_is_sent_and_none_is_not(api, client):
    record = api.add(name="a")
    client.call(API, "update_vpc", vpc_id=record["id"], name=NULL, tags=None)
    assert api.requests[-1] == ("PATCH", f"/vpc/v2/regions/fr-par/vpcs/{record['id']}", {"name": None})


def test_one_connection_serves_all_calls(api, client):
    for _number in range(3):
        client.call(API, "list_vp_cs")
    assert (len(api.requests), api.connections) == (3, 1)


def test_an_unreachable_api_says_so_at_once():
    credentials = Credentials(secret_key="1" * 8, region="fr-par", zone="fr-par-1", api_url="http://127.0.0.1:9")
    with pytest.raises(ApiError, match=r"api_url: http://127\.0\.0\.1:9 cannot be reached: .*refused"):
        Client(credentials).call(API, "list_vp_cs")


def test_a_wrong_key_gets_a_hint(api, client):
    api.script = [(401, {"type": "denied_authentication", "message": "authentication is denied"})]
    with pytest.raises(ApiError, match="check the secret key"):
        client.call(API, "list_vp_cs")


def test_missing_permissions_are_named(api, client):
    details = [{"action": "write", "resource": "vpc"}]
    api.script = [(403, {"type": "permissions_denied", "message": "insufficient permissions", "details": details})]
    with pytest.raises(ApiError, match=r"insufficient permissions: write vpc .*policy"):
        client.call(API, "list_vp_cs")


def test_retries_end_at_the_deadline(api, client):
    client.deadline = 0
    api.script = [(429, None)]
    with pytest.raises(ApiError) as error:
        client.call(API, "list_vp_cs")
    assert error.value.status == 429 and len(api.requests) == 1


@pytest.mark.parametrize("how", [(500, None), "drop"], ids=["500", "reset"])
def test_a_delete_whose_answer_was_lost_is_done(api, client, how):
    vpc_id = api.add(name="a")["id"]
    api.script = [lambda: api.records.clear() or how]
    client.call("vpc.v2.VpcV2API", "delete_vpc", vpc_id=vpc_id, region="fr-par")
    assert api.writes() == ["DELETE", "DELETE"]
    with pytest.raises(ApiError, match="does not exist"):
        client.call("vpc.v2.VpcV2API", "delete_vpc", vpc_id=vpc_id, region="fr-par")


def test_dicts_become_what_the_sdk_wants():
    from scaleway.rdb.v1 import EndpointSpec, EndpointSpecPrivateNetwork

    spec = to_sdk([{"private_network": {"private_network_id": "a", "service_ip": "10.0.0.1/24"}}], list[EndpointSpec])
    assert isinstance(spec[0], EndpointSpec)
    assert isinstance(spec[0].private_network, EndpointSpecPrivateNetwork)
    with pytest.raises(ResourceError, match="privat_network: not known to the API's EndpointSpec"):
        to_sdk([{"privat_network": {}}], list[EndpointSpec])
