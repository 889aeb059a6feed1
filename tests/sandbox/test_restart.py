"""What a restart of the sandbox makes of what there was: what was settled stays, what was under way comes to its end."""

import threading

import pytest

from sandbox.collection import Collection
from sandbox.machines.registry import Image
from sandbox.server import running
from sandbox.services.iam import ApiKeys
from sandbox.settings import Settings

from .conftest import Api

REGION, ZONE = "regions/fr-par", "zones/fr-par-1"
RDB, LB, GATEWAYS = f"/rdb/v1/{REGION}", f"/lb/v1/{ZONE}", f"/vpc-gw/v2/{ZONE}"
CONTAINERS, BLOCK, INSTANCE = f"/containers/v1/{REGION}", f"/block/v1/{ZONE}", f"/instance/v1/{ZONE}"
MAIL, COCKPIT, EDGE = f"/transactional-email/v1alpha1/{REGION}", f"/cockpit/v1/{REGION}", "/edge-services/v1beta1"
REDIS, REGISTRY, SECRETS = f"/redis/v1/{ZONE}", f"/registry/v1/{REGION}", f"/secret-manager/v1beta1/{REGION}"
PASSWORD = "R34lP4sSw#Rd"
UNSETTLED = {"error", "failed", "locked", "invalid"}


@pytest.fixture
def start(tmp_path):
    """Start a sandbox (`with start() as (sandbox, api)`): the same one every time."""
    settings = Settings(home=tmp_path, port=0, api_only=True)
    return lambda: Started(settings)


@pytest.fixture(autouse=True)
def pushed(monkeypatch):
    """An image in every namespace of the registry."""
    held = {"web": Image(1, {"latest": "sha256:0"})}
    monkeypatch.setattr("sandbox.machines.registry.SimulatedRegistry.images", lambda *_: held)


class Started:
    def __init__(self, settings):
        self._running = running(settings)

    def __enter__(self):
        sandbox = self._running.__enter__()
        return sandbox, Api(sandbox, sandbox.services[ApiKeys].owner()["_secret_key"])

    def __exit__(self, *error):
        self._running.__exit__(*error)


def make(api, path, **body):
    """What a creation answers."""
    answer = api.post(path, json=body)
    assert answer.ok, f"{path}: {answer.text}"
    return answer.json()


def records(sandbox):
    """(kind, record) of everything there is."""
    kinds = {service.kind for service in sandbox.services.values() if isinstance(service, Collection)}
    return [(kind, record) for kind in sorted(kinds) for record in sandbox.store.all(kind)]


def statuses(sandbox):
    return {
        (kind, record["_scope"], str(record.get("id") or record["created_at"])): record.get("status") or record["state"]
        for kind, record in records(sandbox)
        if record.get("status") or record.get("state")
    }


def settled(sandbox, but=()):
    """The statuses once nothing is under way any more, `but` for threads of an earlier sandbox."""
    names = {f"{kind} {record.get('id')}" for kind, record in records(sandbox)}
    names |= {f"{kind} {record.get('private_network_id')}" for kind, record in records(sandbox)}
    for thread in threading.enumerate():
        if thread.name in names and thread not in but:
            thread.join(10)
            assert not thread.is_alive(), f"{thread.name} does not come to its end"
    return statuses(sandbox)


def has_status(service):
    return isinstance(service, Collection) and bool(service.initial or service.status in service.defaults)


def make_everything(sandbox, api):
    """One of every kind that has a status."""
    network = make(api, f"/vpc/v2/{REGION}/private-networks", name="kept")["id"]
    make(api, f"{SECRETS}/secrets", name="kept")
    secret = api.get(f"{SECRETS}/secrets").json()["secrets"][0]["id"]
    make(api, f"{SECRETS}/secrets/{secret}/versions", data="eA==")

    database = {"engine": "PostgreSQL-17", "node_type": "DB-DEV-S", "user_name": "owner", "password": PASSWORD}
    instance = make(api, f"{RDB}/instances", name="kept", **database)["id"]
    cluster = {"version": "7.2.11", "node_type": "RED1-MICRO", "user_name": "owner", "password": PASSWORD}
    make(api, f"{REDIS}/clusters", name="kept", **cluster)
    lb = make(api, f"{LB}/lbs", name="kept", type="LB-S")
    gateway = make(api, f"{GATEWAYS}/gateways", name="kept", type="VPC-GW-S")["id"]
    namespace = make(api, f"{CONTAINERS}/namespaces", name="kept")["id"]
    server = {"commercial_type": "DEV1-S", "image": "debian_trixie"}
    server = make(api, f"{INSTANCE}/servers", name="kept", **server)["server"]["id"]
    make(api, f"{INSTANCE}/servers/{server}/private_nics", private_network_id=network)
    make(api, f"{INSTANCE}/servers/{server}/action", action="poweron")
    make(api, f"{INSTANCE}/ips", type="routed_ipv4")
    volume = make(api, f"{BLOCK}/volumes", name="kept", from_empty={"size": 10**10})["id"]
    local = make(api, f"{INSTANCE}/volumes", name="kept", volume_type="l_ssd", size=10**10)["volume"]["id"]
    source = make(api, f"{COCKPIT}/data-sources", name="kept", type="metrics")["id"]
    pipeline = make(api, f"{EDGE}/pipelines", name="kept")["id"]
    make(api, "/domain/v2beta1/dns-zones", domain="kept.test")
    make(api, f"{MAIL}/domains", domain_name="kept.test", accept_tos=True, autoconfig=True)
    make(api, f"{REGISTRY}/namespaces", name="kept")
    settled(sandbox)

    backup = {"instance_id": instance, "database_name": "rdb"}
    make(api, f"{RDB}/backups", name="kept", **backup)
    make(api, f"{RDB}/instances/{instance}/snapshots", name="kept")
    make(api, f"{RDB}/read-replicas", instance_id=instance)
    make(api, f"{LB}/lbs/{lb['id']}/attach-private-network", private_network_id=network)
    name = lb["ip"][0]["ip_address"].replace(".", "-") + ".lb.fr-par.scw.cloud"
    make(api, f"{LB}/lbs/{lb['id']}/certificates", name="kept", letsencrypt={"common_name": name})
    make(api, f"{GATEWAYS}/gateway-networks", gateway_id=gateway, private_network_id=network)
    container = make(api, f"{CONTAINERS}/containers", namespace_id=namespace, name="kept", image="nginx")
    cron = {"schedule": "5 4 * * *", "timezone": "Europe/Paris"}
    make(api, f"{CONTAINERS}/triggers", container_id=container["id"], name="kept", cron_config=cron)
    host = {"name": "web", "type": "CNAME", "ttl": 60, "data": container["public_endpoint"][8:] + "."}
    api.patch("/domain/v2beta1/dns-zones/kept.test/records", json={"changes": [{"add": {"records": [host]}}]})
    make(api, f"{CONTAINERS}/domains", container_id=container["id"], hostname="web.kept.test")
    make(api, f"/containers/v1beta1/{REGION}/tokens", container_id=container["id"])
    make(api, f"{BLOCK}/snapshots", name="kept", volume_id=volume)
    snapshot = make(api, f"{INSTANCE}/snapshots", name="kept", volume_id=local)["snapshot"]["id"]
    make(api, f"{INSTANCE}/images", name="kept", root_volume=snapshot, arch="x86_64")
    make(api, f"{COCKPIT}/exporters", name="kept", datasource_id=source, exported_products=["all"])
    make(api, f"{EDGE}/purge-requests", pipeline_id=pipeline, all=True)
    mail = {"from": {"email": "me@kept.test"}, "to": [{"email": "you@kept.test"}], "subject": "Hello", "text": "A text"}
    make(api, f"{MAIL}/emails", **mail)
    assert api.get(f"{REGISTRY}/images").json()["images"][0]["tags"] == ["latest"]


def test_what_is_settled_stays_as_it_is(start):
    with start() as (sandbox, api):
        make_everything(sandbox, api)
        before = settled(sandbox)
        assert not UNSETTLED & set(before.values())
        with_status = {service.kind for service in sandbox.services.values() if has_status(service)}
        assert with_status <= {kind for kind, *_ in before}, "make one of these, too"
    with start() as (sandbox, api):
        assert settled(sandbox) == before


def test_what_was_under_way_comes_to_its_end(start):
    with start() as (sandbox, api):
        make_everything(sandbox, api)
        before = settled(sandbox)
        ids = {kind: id for kind, _, id in before}
        network = api.get(f"/vpc/v2/{REGION}/private-networks").json()["private_networks"][0]["id"]
        other = make(api, f"/vpc/v2/{REGION}/private-networks", name="other")["id"]
        backup = {"instance_id": ids["rdb.instance"], "database_name": "rdb"}
        restored = make(api, f"{RDB}/backups", name="restored", **backup)["id"]
        settled(sandbox)
        for kind, _ in records(sandbox):
            sandbox.freezer.freeze(kind)
        make(api, f"{RDB}/backups/{ids['rdb.database_backup']}/export")
        make(api, f"{RDB}/backups/{restored}/restore", instance_id=ids["rdb.instance"], database_name="again")
        lb = f"{LB}/lbs/{ids['lb.lb']}"
        make(api, f"{lb}/attach-private-network", private_network_id=other)
        assert api.post(f"{lb}/detach-private-network", json={"private_network_id": network}).status_code == 204
        certificate = {
            "common_name": api.get(lb).json()["ip"][0]["ip_address"].replace(".", "-") + ".lb.fr-par.scw.cloud"
        }
        make(api, f"{lb}/certificates", name="begun", letsencrypt=certificate)
        variables = {"environment_variables": {"A": "1"}}
        assert api.patch(f"{CONTAINERS}/namespaces/{ids['containers.namespace']}", json=variables).ok
        make(api, f"{CONTAINERS}/namespaces", name="begun")
        make(api, f"/containers/v1beta1/{REGION}/tokens", container_id=ids["containers.container"])
        assert api.patch(f"{COCKPIT}/exporters/{ids['cockpit.exporter']}", json={"name": "renamed"}).ok
        make(api, f"{BLOCK}/snapshots", name="begun", volume_id=ids["block.volume"])
        server = api.get(f"{INSTANCE}/servers").json()["servers"][0]["id"]
        make(api, f"{INSTANCE}/servers/{server}/action", action="stop_in_place")
    cut_short = set(threading.enumerate())
    with start() as (sandbox, api):
        after = settled(sandbox, but=cut_short)
        states = {"instance.server": "stopped in place"}
        wanted = {kind: states.get(kind, status) for (kind, *_), status in before.items()}
        assert {key: status for key, status in after.items() if status != wanted[key[0]]} == {}
        assert api.get(f"{RDB}/backups/{ids['rdb.database_backup']}").json()["download_url"]
        databases = api.get(f"{RDB}/instances/{ids['rdb.instance']}/databases").json()["databases"]
        assert [database["name"] for database in databases] == ["rdb", "again"]
        networks = api.get(f"{LB}/lbs/{ids['lb.lb']}/private-networks").json()["private_network"]
        assert [each["private_network_id"] for each in networks] == [other]
        assert api.delete(f"/vpc/v2/{REGION}/private-networks/{other}").status_code == 412


def test_a_database_that_never_started_stays_failed(start, monkeypatch):
    def fail(*_):
        raise OSError("no space left")

    with start() as (sandbox, api):
        monkeypatch.setattr(sandbox.machines.postgres, "start", fail)
        database = {"engine": "PostgreSQL-17", "node_type": "DB-DEV-S", "user_name": "owner", "password": PASSWORD}
        path = f"{RDB}/instances/{make(api, f'{RDB}/instances', name='failed', **database)['id']}"
        settled(sandbox)
    for _ in range(2):
        with start() as (sandbox, api):
            settled(sandbox)
            assert api.get(path).json()["status"] == "error"  # nobody knows the password of its user any more
    with start() as (sandbox, api):
        assert api.delete(path).json()["status"] == "deleting"
        settled(sandbox)
        assert api.get(path).status_code == 404


@pytest.mark.parametrize("begun", ["clone", "promote"])
def test_a_database_whose_content_was_not_there_yet_fails(start, begun):
    with start() as (sandbox, api):
        make_everything(sandbox, api)
        ids = {kind: id for kind, _, id in settled(sandbox)}
        sandbox.freezer.freeze("rdb.instance")
        ways = {"clone": f"instances/{ids['rdb.instance']}", "promote": f"read-replicas/{ids['rdb.read_replica']}"}
        copy = make(api, f"{RDB}/{ways[begun]}/{begun}", name="copy")["id"]
    cut_short = set(threading.enumerate())
    with start() as (sandbox, api):
        settled(sandbox, but=cut_short)
        found = {each["id"]: each["status"] for each in api.get(f"{RDB}/instances").json()["instances"]}
        assert found == {ids["rdb.instance"]: "ready", copy: "error"}
