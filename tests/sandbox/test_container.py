"""What Serverless Containers refuse, and what follows from a call besides its answer."""

import time

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

ROOT = "/containers/v1/regions/fr-par"


def settled(api, path, *statuses):
    deadline = time.monotonic() + 10
    while (found := api.get(path).json())["status"] not in (statuses or ("ready",)):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def namespace(api):
    made = api.post(f"{ROOT}/namespaces", json={"name": "a-name-that-is-long-enough"}).json()
    return settled(api, f"{ROOT}/namespaces/{made['id']}")


@pytest.fixture(scope="module")
def container(api, namespace):
    body = {"namespace_id": namespace["id"], "name": "web", "image": "nginx", "timeout": "60.500000000s"}
    made = api.post(f"{ROOT}/containers", json=body).json()
    return settled(api, f"{ROOT}/containers/{made['id']}")


def test_a_container_is_reached_by_its_namespace_and_name(namespace, container):
    host = f"anamethatislongenoug{namespace['id'][:8]}-web.functions.fnc.fr-par.scw.cloud"
    assert container["public_endpoint"] == f"https://{host}"
    assert container["timeout"] == "60.5s"
    assert "private_network_id" not in container


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"image": ""}, "image"),
        ({"name": "Bad Name"}, "name"),
        ({"min_scale": 6}, "min_scale"),
        ({"port": 0}, "port"),
        ({"timeout": "soon"}, "timeout"),
        ({"privacy": "secret"}, "privacy"),
        ({"scaling_option": {"cpu_usage_threshold": 70}}, "min_scale"),
        ({"scaling_option": {"cpu_usage_threshold": 70, "memory_usage_threshold": 70}}, "scaling_option"),
    ],
)
def test_creation_refuses(api, namespace, changes, argument):
    body = {"namespace_id": namespace["id"], "name": "bad", "image": "nginx"} | changes
    response = api.post(f"{ROOT}/containers", json=body)
    assert (response.status_code, response.json()["details"][0]["argument_name"]) == (400, argument)


def test_secrets_are_told_as_hashes_and_kept_by_an_empty_value(api, container):
    path = f"{ROOT}/containers/{container['id']}"
    first = api.patch(path, json={"secret_environment_variables": {"A": "1", "B": "2"}}).json()
    assert first["status"] == "updating"
    Argon2id.verify_phc_encoded(b"1", first["secret_environment_variables"]["A"])
    settled(api, path)
    second = api.patch(path, json={"secret_environment_variables": {"A": "", "C": "3"}}).json()
    assert second["secret_environment_variables"].keys() == {"A", "C"}
    assert second["secret_environment_variables"]["A"] == first["secret_environment_variables"]["A"]
    assert settled(api, path)["error_message"] == ""


def test_a_domain_needs_its_record(api, container):
    api.post("/domain/v2beta1/dns-zones", json={"domain": "containers.test", "subdomain": ""})
    wanted = {"container_id": container["id"], "hostname": "web.containers.test"}
    refused = api.post(f"{ROOT}/domains", json=wanted)
    assert (refused.status_code, refused.json()["details"][0]["argument_name"]) == (400, "hostname")
    record = {
        "name": "web",
        "type": "CNAME",
        "ttl": 60,
        "data": container["public_endpoint"].removeprefix("https://") + ".",
    }
    changes = {"changes": [{"add": {"records": [record]}}]}
    assert api.patch("/domain/v2beta1/dns-zones/containers.test/records", json=changes).ok
    made = api.post(f"{ROOT}/domains", json=wanted).json()
    assert settled(api, f"{ROOT}/domains/{made['id']}")["hostname"] == "web.containers.test"
    assert api.post(f"{ROOT}/domains", json=wanted).status_code == 409


def test_a_trigger_has_one_source_and_keeps_it(api, container):
    cron = {"schedule": "5 4 * * *", "timezone": "Europe/Paris", "body": "x"}
    wanted = {"container_id": container["id"], "name": "t"}
    assert api.post(f"{ROOT}/triggers", json=wanted).status_code == 400
    for wrong in ({"schedule": "soon"}, {"timezone": "Nowhere/City"}):
        assert api.post(f"{ROOT}/triggers", json=wanted | {"cron_config": cron | wrong}).status_code == 400
    sqs = {
        "region": "fr-par",
        "endpoint": "http://q",
        "queue_url": "u",
        "access_key_id": "a",
        "secret_access_key": "s3cret",
    }
    made = api.post(f"{ROOT}/triggers", json=wanted | {"sqs_config": sqs})
    assert "s3cret" not in made.text
    path = f"{ROOT}/triggers/{made.json()['id']}"
    settled(api, path)
    assert api.patch(path, json={"cron_config": cron}).status_code == 400
    assert api.patch(path, json={"name": "u"}).json()["status"] == "ready"
    changed = api.patch(path, json={"sqs_config": {"queue_url": "v"}}).json()
    assert (changed["status"], changed["sqs_config"]["queue_url"]) == ("updating", "v")


def test_what_is_in_a_namespace_goes_with_it(api):
    made = api.post(f"{ROOT}/namespaces", json={"name": "gone"}).json()
    settled(api, f"{ROOT}/namespaces/{made['id']}")
    inside = api.post(f"{ROOT}/containers", json={"namespace_id": made["id"], "name": "web", "image": "nginx"}).json()
    settled(api, f"{ROOT}/containers/{inside['id']}")
    api.delete(f"{ROOT}/namespaces/{made['id']}")
    deadline = time.monotonic() + 5
    while api.get(f"{ROOT}/containers/{inside['id']}").status_code != 404:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nothing_is_created_in_what_is_about_to_go(sandbox, api):
    namespace = api.post(f"{ROOT}/namespaces", json={"name": "leaving"}).json()["id"]
    settled(api, f"{ROOT}/namespaces/{namespace}")
    wanted = {"namespace_id": namespace, "name": "web", "image": "nginx"}
    container = api.post(f"{ROOT}/containers", json=wanted).json()["id"]
    settled(api, f"{ROOT}/containers/{container}")
    tokens, cron = "/containers/v1beta1/regions/fr-par/tokens", {"schedule": "5 4 * * *", "timezone": "Europe/Paris"}
    sandbox.freezer.freeze(container)
    api.delete(f"{ROOT}/containers/{container}")
    trigger = api.post(f"{ROOT}/triggers", json={"container_id": container, "name": "t", "cron_config": cron})
    token = api.post(tokens, json={"container_id": container})
    sandbox.freezer.thaw()
    sandbox.freezer.freeze(namespace)
    api.delete(f"{ROOT}/namespaces/{namespace}")
    late = api.post(f"{ROOT}/containers", json=wanted | {"name": "late"})
    late_token = api.post(tokens, json={"namespace_id": namespace})
    sandbox.freezer.thaw()
    for answer, resource, id in (
        (trigger, "container", container),
        (token, "container", container),
        (late, "namespace", namespace),
        (late_token, "namespace", namespace),
    ):
        refusal = answer.json()
        assert (answer.status_code, refusal["type"], refusal["current_state"]) == (409, "transient_state", "deleting")
        assert (refusal["resource"], refusal["resource_id"]) == (resource, id)
