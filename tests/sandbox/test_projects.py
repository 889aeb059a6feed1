"""A key that is limited to one project does everything there, and nothing in another."""

import importlib
import json

import pytest
from scaleway import Client
from scaleway.iam.v1alpha1 import IamV1Alpha1API
from scaleway.iam.v1alpha1.types import RuleSpecs

from sandbox.call import Call
from sandbox.services.registry import Images, Tags

from . import walks
from .test_unmarshal import PRODUCTS, Sdk

# What is on offer is told to everybody who may ask at all.
OFFERS = {
    "GET /block/v1/zones/{zone}/volume-types",
    "GET /block/v1alpha1/zones/{zone}/volume-types",
    "GET /cockpit/v1/plans",
    "GET /cockpit/v1/regions/{region}/config",
    "GET /instance/v1/zones/{zone}/products/servers",
    "GET /instance/v1/zones/{zone}/products/servers/availability",
    "GET /instance/v1/zones/{zone}/products/volumes",
    "GET /lb/v1/zones/{zone}/lb-types",
    "GET /rdb/v1/regions/{region}/database-engines",
    "GET /rdb/v1/regions/{region}/node-types",
    "GET /redis/v1/zones/{zone}/cluster-versions",
    "GET /redis/v1/zones/{zone}/node-types",
    "GET /transactional-email/v1alpha1/regions/{region}/offers",
    "GET /transactional-email/v1alpha1/regions/{region}/pools",
    "GET /vpc-gw/v2/zones/{zone}/gateway-types",
}
ORGANIZATION = ("account", "iam")


@pytest.fixture(scope="module")
def limited(client):
    """A client that may use all products in a project, and nothing anywhere else."""
    iam = IamV1Alpha1API(client)

    def make(name: str, project_id: str) -> Client:
        application = iam.create_application(name=name, description="")
        rule = RuleSpecs(condition="", permission_set_names=["AllProductsFullAccess"], project_ids=[project_id])
        iam.create_policy(name=name, description="", rules=[rule], application_id=application.id)
        key = iam.create_api_key(description="", application_id=application.id, default_project_id=project_id)
        return Client(
            access_key=key.access_key,
            secret_key=key.secret_key,
            api_url=client.api_url,
            default_organization_id=client.default_organization_id,
            default_project_id=project_id,
            default_region=client.default_region,
            default_zone=client.default_zone,
        )

    return make


@pytest.fixture(scope="module")
def insider(client, limited):
    return limited("insider", client.default_project_id)


@pytest.fixture(scope="module")
def outsider(api, limited):
    return limited("outsider", api.post("/account/v3/projects", json={"name": "outside"}).json()["id"])


@pytest.fixture
def attempts(sandbox, outsider, monkeypatch):
    """Whatever is called, the outsider tries first: (route, how that was answered), for calls that succeed."""
    answer, made = sandbox.answer, []

    def after_an_attempt(call, token, local):
        same = Call(call.method, call.path, call.query_string, call.content, call.content_type, call.authorization)
        attempt, answered = answer(same, outsider.secret_key, local), answer(call, token, local)
        if answered.status_code < 400:
            made.append((sandbox.router.find(call.method, call.path)[0], attempt))
        return answered

    monkeypatch.setattr(sandbox, "answer", after_an_attempt)
    return made


def is_shut(answer) -> bool:
    """It was refused, or what it lists is empty."""
    if answer.status_code >= 400:
        return answer.status_code == 403
    told = json.loads(answer.body or b"null")
    return isinstance(told, dict) and (told.get("total_count") == 0 or not any(told.values()))


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_key_does_everything_in_its_project_and_nothing_in_another(client, insider, attempts, product):
    walk = importlib.import_module(f"{walks.__name__}.{product.replace('-', '_')}")
    walk.walk(Sdk(client if product in ORGANIZATION else insider, getattr(walk, "NOT_SENT", set())))
    open_to = {
        f"{route.method} {route.path}: {answer.status_code} {answer.body[:100]}"
        for route, answer in attempts
        if route.service.needs_token and f"{route.method} {route.path}" not in OFFERS and not is_shut(answer)
    }
    assert not open_to, "open to a key of another project:\n" + "\n".join(sorted(open_to))


PLACES = {"R": "regions/fr-par", "Z": "zones/fr-par-1"}
# What somebody makes in a project, and what a key of another project makes of it, in its own: {0} is its id.
VPC = ("/vpc/v2/{R}/vpcs", {"name": "x"})
NETWORK = ("/vpc/v2/{R}/private-networks", {"name": "x"})
GATEWAY = ("/vpc-gw/v2/{Z}/gateways", {"name": "x", "type": "VPC-GW-S", "enable_smtp": False, "enable_bastion": False})
LB = ("/lb/v1/{Z}/lbs", {"name": "x", "type": "LB-S"})
LB_IP = ("/lb/v1/{Z}/ips", {})
INSTANCE = ("/rdb/v1/{R}/instances", {"name": "x", "engine": "PostgreSQL-17", "node_type": "db-dev-s"})
NAMESPACE = ("/containers/v1/{R}/namespaces", {"name": "x"})
VOLUME = ("/block/v1/{Z}/volumes", {"name": "x", "from_empty": {"size": 10**9}})
SECRET = ("/secret-manager/v1beta1/{R}/secrets", {"name": "x"})
PIPELINE = ("/edge-services/v1beta1/pipelines", {"name": "x"})
SERVER = {"name": "x", "commercial_type": "DEV1-S", "image": "debian_trixie"}
HTTP = {"forward_protocol": "http", "forward_port": 80, "forward_port_algorithm": "roundrobin"}
BELOW_ANOTHERS = [
    (VPC, "/vpc/v2/{R}/private-networks", {"name": "x", "vpc_id": "{0}"}),
    (VPC, "/vpc/v2/{R}/routes", {"vpc_id": "{0}", "destination": "10.0.0.0/24"}),
    (NETWORK, "/ipam/v1/{R}/ips", {"source": {"private_network_id": "{0}"}}),
    (GATEWAY, "/vpc-gw/v2/{Z}/pat-rules", {"gateway_id": "{0}", "public_port": 1, "private_ip": "10.0.0.1", "private_port": 1}),
    (GATEWAY, "/vpc-gw/v2/{Z}/gateway-networks", {"gateway_id": "{0}", "private_network_id": "x"}),
    (LB, "/lb/v1/{Z}/lbs/{0}/backends", {"name": "x"} | HTTP),
    (LB_IP, "/lb/v1/{Z}/lbs", {"name": "x", "type": "LB-S", "ip_ids": ["{0}"]}),
    (INSTANCE, "/rdb/v1/{R}/instances/{0}/databases", {"name": "x"}),
    (INSTANCE, "/rdb/v1/{R}/instances/{0}/snapshots", {"name": "x"}),
    (INSTANCE, "/rdb/v1/{R}/backups", {"name": "x", "instance_id": "{0}", "database_name": "rdb"}),
    (INSTANCE, "/rdb/v1/{R}/read-replicas", {"instance_id": "{0}"}),
    (NAMESPACE, "/containers/v1/{R}/containers", {"name": "x", "namespace_id": "{0}", "image": "x"}),
    (NAMESPACE, "/containers/v1beta1/{R}/tokens", {"namespace_id": "{0}"}),
    (VOLUME, "/block/v1/{Z}/snapshots", {"name": "x", "volume_id": "{0}"}),
    (VOLUME, "/instance/v1/{Z}/servers", SERVER | {"volumes": {"1": {"id": "{0}"}}}),
    (SECRET, "/secret-manager/v1beta1/{R}/secrets/{0}/versions", {"data": "eA=="}),
    (PIPELINE, "/edge-services/v1beta1/pipelines/{0}/dns-stages", {"fqdns": []}),
    (PIPELINE, "/edge-services/v1beta1/purge-requests", {"pipeline_id": "{0}", "all": True}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parent", "path", "body"), BELOW_ANOTHERS, ids=[f"{path} {list(body)}" for _, path, body in BELOW_ANOTHERS]
)
def test_nothing_is_made_in_or_of_what_is_anothers(api, outsider, parent, path, body):
    theirs = api.post(parent[0].format(**PLACES), json=parent[1]).json()["id"]
    own = {"project_id": outsider.default_project_id, "project": outsider.default_project_id}
    body = own | json.loads(json.dumps(body).replace("{0}", theirs))
    answer = api.post(path.format(theirs, **PLACES), json=body, headers={"X-Auth-Token": outsider.secret_key})
    assert (answer.status_code, answer.json()["type"]) == (403, "permissions_denied")


def test_a_backup_is_restored_into_ones_own_instance_only(sandbox, api, outsider):
    made = {}
    for project in (sandbox.organization_id, outsider.default_project_id):
        body = INSTANCE[1] | {"project_id": project}
        made[project] = api.post(INSTANCE[0].format(**PLACES), json=body).json()["id"]
    backup = {
        "id": "b",
        "name": "b",
        "status": "ready",
        "_scope": "fr-par",
        "instance_id": "gone",
        "database_name": "rdb",
    }
    sandbox.store.put("rdb.database_backup", "fr-par", "b", backup | {"_project_id": outsider.default_project_id})
    path, token = "/rdb/v1/regions/fr-par/backups/b", {"X-Auth-Token": outsider.secret_key}
    assert api.get(path, headers=token).status_code == 200
    into = {"instance_id": made[sandbox.organization_id]}
    assert api.post(f"{path}/restore", json=into, headers=token).status_code == 403


def test_a_zone_is_not_made_in_anothers_project(sandbox, api, outsider):
    """A change of records makes the zone that it is for, in the default project."""
    change = {"add": {"records": [{"name": "", "type": "A", "data": "192.0.2.1", "ttl": 60}]}}
    path, token = "/domain/v2beta1/dns-zones/new.example.com/records", {"X-Auth-Token": outsider.secret_key}
    assert api.patch(path, json={"changes": [change]}, headers=token).status_code == 403
    assert not sandbox.store.get("domain.dns_zone", "new.example.com")


def test_what_the_sdk_does_not_call_is_shut_too(sandbox, api, outsider):
    registry, place = sandbox.services, {"region": "fr-par"}
    namespace = api.post("/registry/v1/regions/fr-par/namespaces", json={"name": "shut"}).json()
    owner = {"_project_id": namespace["project_id"], "_organization_id": namespace["organization_id"]}
    image = registry[Images].add(
        place | owner | {"namespace_id": namespace["id"], "name": "x", "size": 0, "tags": ["x"]}
    )
    tag = registry[Tags].add(place | {"image_id": image["id"], "name": "x", "digest": "x"})
    source = api.post("/cockpit/v1/regions/fr-par/data-sources", json={"name": "shut", "type": "metrics"}).json()["id"]
    for method, path in (
        *((method, f"/registry/v1/regions/fr-par/images/{image['id']}") for method in ("GET", "PATCH", "DELETE")),
        *((method, f"/registry/v1/regions/fr-par/tags/{tag['id']}") for method in ("GET", "DELETE")),
        ("GET", f"/registry/v1/regions/fr-par/images/{image['id']}/tags"),
        ("GET", f"/cockpit/v1/regions/fr-par/data-sources/{source}/prometheus/config/v1/rules"),
        ("POST", f"/cockpit/v1/regions/fr-par/data-sources/{source}/prometheus/config/v1/rules/x"),
        ("GET", f"/cockpit/v1/projects/{sandbox.organization_id}/grafana/api/search"),
        ("POST", f"/cockpit/v1/projects/{sandbox.organization_id}/grafana/api/dashboards/db"),
    ):
        answer = api.request(method, path, json={}, headers={"X-Auth-Token": outsider.secret_key})
        assert answer.status_code == 403, f"{method} {path}"
