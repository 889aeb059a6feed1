"""What is not of the type that the API takes is refused, and nothing of it is kept."""

import pytest

VPCS = "/vpc/v2/regions/fr-par/vpcs"
SERVERS = "/instance/v1/zones/fr-par-1/servers"
SERVER = {"commercial_type": "DEV1-S", "image": "debian_trixie"}
RECORDS = "/domain/v2beta1/dns-zones/typed.example.com/records"
DATABASE = {"engine": "PostgreSQL-17", "node_type": "db-dev-s"}
CLUSTER = {"version": "7.2.11", "node_type": "RED1-micro", "user_name": "x", "password": "R34lP4sSw#Rd"}
NAMESPACES = "/containers/v1/regions/fr-par/namespaces"


def record(**fields) -> dict:
    return {"changes": [{"add": {"records": [{"name": "", "type": "A", "data": "192.0.2.1", "ttl": 60} | fields]}}]}


@pytest.mark.parametrize(
    ("method", "path", "body", "argument", "fault"),
    [
        ("POST", VPCS, {"name": 5}, "name", "must be a string"),
        ("POST", VPCS, {"project_id": ["x"]}, "project_id", "must be a string"),
        ("POST", VPCS, {"tags": "abc"}, "tags", "must be a list"),
        ("POST", VPCS, {"tags": ["a", 5]}, "tags[1]", "must be a string"),
        ("POST", VPCS, {"tags": [None]}, "tags[0]", "must be a string"),
        ("POST", VPCS, {"enable_routing": "yes"}, "enable_routing", "must be a boolean"),
        ("POST", SERVERS, SERVER | {"volumes": 5}, "volumes", "must be an object"),
        ("POST", SERVERS, SERVER | {"volumes": {"0": []}}, "volumes.0", "must be an object"),
        ("POST", SERVERS, SERVER | {"volumes": {"0": {"size": "1"}}}, "volumes.0.size", "must be an integer"),
        ("POST", SERVERS, SERVER | {"volumes": {"0": {"size": True}}}, "volumes.0.size", "must be an integer"),
        ("POST", "/rdb/v1/regions/fr-par/instances", {"node_type": 5}, "node_type", "must be a string"),
        ("DELETE", "/rdb/v1/regions/fr-par/instances/x/acls", {"acl_rule_ips": 5}, "acl_rule_ips", "must be a list"),
        ("POST", "/iam/v1alpha1/api-keys", {"expires_at": 5}, "expires_at", "must be a date, as RFC 3339 writes it"),
        ("POST", "/iam/v1alpha1/api-keys", {"expires_at": "x"}, "expires_at", "must be a date, as RFC 3339 writes it"),
        ("PATCH", RECORDS, record(ttl="300"), "changes[0].add.records[0].ttl", "must be an integer"),
        ("PUT", "/lb/v1/zones/fr-par-1/backends/x", {"timeout_server": "5s"}, "timeout_server", "must be an integer"),
        ("POST", "/edge-services/v1beta1/pipelines/x/dns-stages", {"fqdns": "x"}, "fqdns", "must be a list"),
        ("POST", "/block/v1alpha1/zones/fr-par-1/volumes", {"perf_iops": "5000"}, "perf_iops", "must be an integer"),
        ("PATCH", f"{NAMESPACES}/x", {"environment_variables": {"A": None}}, "environment_variables.A", "must be a string"),
    ],
)  # fmt: skip
def test_a_field_of_another_type_is_refused(api, method, path, body, argument, fault):
    answer = api.request(method, path, json=body)
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_arguments")
    assert answer.json()["details"] == [{"argument_name": argument, "reason": "format", "help_message": fault}]


@pytest.mark.parametrize(
    ("path", "body", "argument"),
    [
        (SERVERS, SERVER | {"volumes": {"first": {"size": 10**9}}}, "volumes"),
        ("/instance/v2alpha1/zones/fr-par-1/private-network-interfaces", {"server_id": "x"}, "private_network_id"),
        ("/rdb/v1/regions/fr-par/instances", DATABASE | {"init_settings": [{"x": 1}]}, "settings[0].name"),
        ("/redis/v1/zones/fr-par-1/clusters", CLUSTER | {"cluster_settings": [{"name": "maxclients"}]}, "settings[0].value"),
    ],
)  # fmt: skip
def test_what_is_missing_inside_is_refused(api, path, body, argument):
    answer = api.post(path, json=body)
    assert (answer.status_code, answer.json()["details"][0]["argument_name"]) == (400, argument)


def test_all_of_them_are_told(api):
    answer = api.post(VPCS, json={"name": 5, "tags": 5})
    assert {detail["argument_name"] for detail in answer.json()["details"]} == {"name", "tags"}


def test_null_says_nothing_and_what_is_not_known_is_not_looked_at(api):
    made = api.post(VPCS, json={"name": "typed", "tags": None, "project_id": None, "colour": 5}).json()
    assert (made["name"], made["tags"]) == ("typed", [])
    assert api.delete(f"{VPCS}/{made['id']}").status_code == 204


@pytest.mark.parametrize(
    "content",
    [
        *(
            '{"name": NaN}',
            '{"name": -Infinity}',
            '{"name": 1e999}',
            '{"name": "\\ud800"}',
            "[1]",
            "5",
            "{",
            b"\xff\xfe",
        ),
        '{"name": ' + "[" * 100_000,
        *('{"unknown": ' + "[" * depth + "]" * depth + "}" for depth in (500, 900, 950, 5000)),
    ],
    ids=lambda content: content[:30],
)
def test_what_is_no_json_is_refused(api, content):
    answer = api.post(NAMESPACES, data=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (400, "invalid_arguments")
    assert answer.json()["details"][0]["argument_name"] == "body"
    assert api.get(NAMESPACES).status_code == 200


def test_a_character_beyond_the_first_plane_is_one(api):
    made = api.post(VPCS, data='{"name": "\\ud83d\\ude00"}', headers={"Content-Type": "application/json"}).json()
    assert made["name"] == "\N{GRINNING FACE}"
