"""What cannot work is refused before anything is written, in words that name what is at fault and what to do about it."""

from __future__ import annotations

import re
import uuid

import pytest
import requests

NOBODY = "11111111-1111-4111-8111-111111111111"
GB = 10**9


@pytest.fixture
def admin(api_sandbox):
    """The admin API: `admin("GET", "/requests")`."""

    def call(method: str, path: str, body: dict | None = None) -> dict:
        answer = requests.request(method, f"{api_sandbox.profile['api_url']}/_sandbox{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    yield call
    call("PUT", "/quotas", {})


@pytest.fixture
def refused(api_sandbox, admin):
    """Run a task that must fail without having written anything; its message."""

    def run(module: str, options: dict) -> str:
        admin("DELETE", "/requests")
        result = api_sandbox.task(module, options)
        assert result.get("failed"), f"{module} accepted {options}"
        calls = admin("GET", "/requests?n=1000")["requests"]
        written = [call for call in calls if call["method"] != "GET" and call["status"] < 400]
        assert written == [], f"{module} wrote before it failed"
        return result["msg"]

    return run


@pytest.fixture
def powerless(api_sandbox):
    """The secret key of an application that no policy allows anything."""
    application = {"stackway.scaleway.iam_application": {"name": "powerless"}}
    key = {"application_id": "powerless", "description": "of a test", "reveal": True}
    results = api_sandbox.play(
        [application | {"name": "application"}, {"name": "key", "stackway.scaleway.iam_api_key": key, "no_log": False}]
    )
    yield results["key"]["api_key"]["secret_key"]
    assert not api_sandbox.task("iam_application", {"name": "powerless", "state": "absent"}).get("failed")


CASES = {
    "unreachable API": (
        "vpc",
        {"name": "bad", "api_url": "http://127.0.0.1:9"},
        r"api_url: http://127.0.0.1:9 cannot be reached: .* \(check the option, SCW_API_URL, and the network\)",
    ),
    "no URL": ("vpc", {"name": "bad", "api_url": "scaleway"}, r"api_url: 'scaleway' is not an http\(s\) URL"),
    "no credentials": (
        "vpc",
        {"name": "bad", "config_path": "galaxy.yml"},  # a dictionary without keys of ours
        r"^secret_key is missing: set the option, SCW_SECRET_KEY, or a profile in .*galaxy.yml",
    ),
    "unknown profile": ("vpc", {"name": "bad", "profile": "nobody"}, r"profile: 'nobody' is not in .*config.yaml"),
    "malformed key": (
        "vpc",
        {"name": "bad", "secret_key": "hunter2"},
        r"secret_key: the value from option secret_key is not a lower-case UUID",
    ),
    "unknown key": (
        "vpc",
        {"name": "bad", "secret_key": NOBODY},
        r"authentication is denied.* \(check the secret key: option secret_key, SCW_SECRET_KEY",
    ),
    "no such project": (
        "vpc",
        {"name": "bad", "project_id": NOBODY},
        r"insufficient permissions.* \(give the API key's owner a policy",
    ),
    "malformed region": (
        "vpc",
        {"name": "bad", "region": "paris"},
        r"region: 'paris' from option region is not a region such as fr-par",
    ),
    "unknown region": ("vpc", {"name": "bad", "region": "xx-yyy"}, r"region: must be one of fr-par, nl-ams"),
    "unknown zone": (
        "block_volume",
        {"name": "bad", "size": GB, "zone": "fr-par-9"},
        r"zone: must be one of fr-par-1, fr-par-2",
    ),
    "unknown type in a zone": (
        "instance_server",
        {"name": "bad", "commercial_type": "DEV1-S", "image": "debian_trixie", "zone": "nl-ams-3"},
        r"commercial_type: .*nl-ams-3",
    ),
    "dangling name": (
        "vpc_private_network",
        {"name": "bad", "vpc_id": "nowhere"},
        r"vpc_id: VPC 'nowhere' does not exist \(create it first, or give its id\)",
    ),
    "dangling id": (
        "vpc_private_network",
        {"name": "bad", "vpc_id": NOBODY},
        rf"vpc_id: vpc {NOBODY} does not exist \(create it first, or give another\)",
    ),
    "dangling id in a list": (
        "instance_server",
        {"name": "bad", "commercial_type": "DEV1-S", "image": "debian_trixie", "private_networks": [NOBODY]},
        rf"private_networks: private_network {NOBODY} does not exist",
    ),
    "no port": (
        "instance_security_group",
        {"name": "bad", "rules": [{"dest_port_from": 0}]},
        r"rules: rule 1: dest_port_from: 0 is not a port between 1 and 65535",
    ),
    "empty secret": ("secret", {"name": "bad", "value": ""}, r"^value: is empty"),
    "name in another zone": (
        "domain_record",
        {"dns_zone": "example.com", "name": "www.other.org.", "type": "A", "data": ["192.0.2.1"]},
        r"name: 'www.other.org.' is not a name in the zone",
    ),
    "malformed network": (
        "vpc_private_network",
        {"name": "bad", "subnets": ["10.0.0.0/33"]},
        r"subnets: '10.0.0.0/33' is not a network such as 10.0.0.0/24",
    ),
    "network that is too large": (
        "vpc_private_network",
        {"name": "bad", "subnets": ["10.0.0.0/8"]},
        r'subnets\[0\]: prefix: \{"max": 20, "min": 29\}',
    ),
    "malformed port": (
        "instance_security_group",
        {"name": "bad", "rules": [{"dest_port_from": 70000}]},
        r"rules: rule 1: dest_port_from: 70000 is not a port between 1 and 65535",
    ),
    "malformed domain": ("domain_zone", {"domain": "a b"}, r"domain: 'a b' is not a domain name such as example.com"),
    "size out of bounds": (
        "block_volume",
        {"name": "bad", "size": 5},
        r"from_empty.size: must be between 1000000000 and",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_option(refused, case):
    module, options, pattern = CASES[case]
    message = refused(module, options)
    assert re.search(pattern, message), message
    assert "Traceback" not in message and "hunter2" not in message


def test_a_key_that_may_not(refused, powerless):
    message = refused("vpc", {"name": "bad", "secret_key": powerless})
    assert re.search(r"insufficient permissions.* \(give the API key's owner a policy", message), message


def test_a_quota_that_is_used_up(api_sandbox, admin, refused):
    existing = admin("GET", "/status")["records"]["vpc.vpc"]
    admin("PUT", "/quotas", {"vpc.vpc": existing})
    message = refused("vpc", {"name": "one too many"})
    assert f"vpc: {existing} of {existing} in use" in message and "ask Scaleway for a larger quota" in message


def test_a_name_that_two_have(api_sandbox, refused):
    profile = api_sandbox.profile
    name = f"twin-{uuid.uuid4().hex[:8]}"
    path = f"{profile['api_url']}/vpc/v2/regions/fr-par/vpcs"
    headers = {"X-Auth-Token": profile["secret_key"]}
    body = {"name": name, "project_id": profile["default_project_id"]}
    ids = [requests.post(path, json=body, headers=headers, timeout=10).json()["id"] for _ in range(2)]
    for options in ({"tags": ["a"]}, {"state": "absent"}):
        message = refused("vpc", {"name": name} | options)
        assert all(id in message for id in ids) and "give one of them as id" in message
    for id in ids:
        requests.delete(f"{path}/{id}", headers=headers, timeout=10).raise_for_status()
