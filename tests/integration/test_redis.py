"""Managed Redis as its users have it: redis-py over TLS with the certificate checked."""

from __future__ import annotations

import subprocess
import time

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

CLUSTER = {
    "name": "cache",
    "version": "8",
    "node_type": "RED1-micro",
    "user_name": "app",
    "password": "thiZ_is_v&ry_s3cret",
    "tls_enabled": True,
    "cluster_settings": {"maxmemory-policy": "allkeys-lru", "maxclients": 100},
    "acl_rules": [{"ip_cidr": "10.0.0.0/8", "description": "this machine"}],
}


class Cache:
    def __init__(self, sandbox, folder):
        self.sandbox, self.ca = sandbox, folder / "ca.pem"

    def have(self, **changes):
        """The cluster, changed; what the module says."""
        result = self.sandbox.task("redis_cluster", CLUSTER | changes)
        assert not result.get("failed"), result.get("msg")
        found = self.sandbox.task("redis_cluster_info", {"name": CLUSTER["name"], "certificate": True})["clusters"][0]
        self.endpoints = found["endpoints"]
        self.ca.write_text(found["certificate"])
        return result

    def connect(self, **options):
        (public,) = [endpoint for endpoint in self.endpoints if "public_network" in endpoint]
        who = {"username": CLUSTER["user_name"], "password": CLUSTER["password"]}
        trust = {"ssl": True, "ssl_ca_certs": str(self.ca), "ssl_check_hostname": True}
        patience = {"socket_timeout": 3, "socket_connect_timeout": 3, "retry": Retry(NoBackoff(), 0)}
        return redis.Redis(host=public["ips"][0], port=public["port"], **patience | who | trust | options)


@pytest.fixture(scope="module")
def cache(sandbox, tmp_path_factory):
    cache = Cache(sandbox, tmp_path_factory.mktemp("redis"))
    assert cache.have()["changed"]
    cache.connect().set("kept", "value")
    yield cache
    sandbox.task("redis_cluster", {"name": "cache", "state": "absent"})


def test_only_the_user_with_the_password_gets_in_and_only_by_tls(cache):
    assert cache.connect().ping()
    for wrong in ({"password": "guessed"}, {"username": "default"}):
        with pytest.raises(redis.AuthenticationError):
            cache.connect(**wrong).ping()
    with pytest.raises(redis.ConnectionError):
        cache.connect(ssl=False, ssl_ca_certs=None).ping()
    with pytest.raises(redis.ResponseError, match="no permissions"):
        cache.connect().config_set("maxmemory", 0)


def test_settings_are_in_force(cache):
    found = cache.connect().config_get("max*")
    assert (found["maxmemory-policy"], found["maxclients"]) == ("allkeys-lru", "100")
    opened = []
    with pytest.raises(redis.ConnectionError):
        for _ in range(110):
            opened.append(cache.connect())
            opened[-1].ping()
    for connection in opened:
        connection.close()


def test_a_larger_node_a_restart_of_the_server_and_one_of_the_sandbox_keep_what_is_in_it(cache):
    before = int(cache.connect().config_get("maxmemory")["maxmemory"])
    larger = {"node_type": "RED1-XS", "cluster_settings": {"databases": 4}}
    assert cache.have(**larger)["changed"]
    assert int(cache.connect().config_get("maxmemory")["maxmemory"]) > before
    assert cache.connect(db=3).get("kept") is None
    assert cache.connect().get("kept") == b"value"
    cache.sandbox.cli("down")
    cache.sandbox.cli("up")
    assert not cache.have(**larger)["changed"]
    assert cache.connect().get("kept") == b"value"
    with pytest.raises(redis.ResponseError, match="out of range"):
        cache.connect(db=4).ping()
    cache.have()


def test_a_client_outside_the_acl_is_cut_off(cache):
    connected = cache.connect()
    connected.ping()
    cache.have(acl_rules=[{"ip_cidr": "192.0.2.0/24"}])
    for client in (connected, cache.connect()):
        with pytest.raises((redis.ConnectionError, redis.TimeoutError)):
            client.ping()
    cache.have()
    assert cache.connect().ping()


def test_another_user_takes_over(cache):
    cache.have(user_name="second", password="An0ther_one!")
    with pytest.raises(redis.AuthenticationError):
        cache.connect().ping()
    assert cache.connect(username="second", password="An0ther_one!").get("kept") == b"value"
    cache.have()


def test_an_instance_reaches_it_by_their_private_network_alone(cache):
    """From an instance in the network: port 6379 of the private address answers, and there is no public one."""
    wanted = {"private_network_id": "redis-lan", "public_network": False, "acl_rules": []}
    server = {"commercial_type": "PLAY2-PICO", "image": "debian_trixie", "name": "redis-neighbour"}
    tasks = [
        {"name": "network", "stackway.scaleway.vpc_private_network": {"name": "redis-lan"}},
        {"name": "private", "stackway.scaleway.redis_cluster": CLUSTER | wanted},
        {"name": "server", "stackway.scaleway.instance_server": server | {"private_networks": ["redis-lan"]}},
    ]
    public = cache.connect()
    results = cache.sandbox.play(tasks)
    assert not [result["msg"] for result in results.values() if result.get("failed")]
    with pytest.raises((redis.ConnectionError, redis.TimeoutError)):
        public.ping()
    (endpoint,) = results["private"]["cluster"]["endpoints"]
    machine = f"{cache.sandbox.settings['SANDBOX_NAME']}-{results['server']['server']['id']}"
    probe = f"timeout 5 bash -c '</dev/tcp/{endpoint['ips'][0]}/6379' && echo open"
    deadline = time.monotonic() + 10
    while True:
        done = subprocess.run(["docker", "exec", machine, "sh", "-c", probe], capture_output=True, text=True)
        if done.stdout.strip() == "open" or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    assert done.stdout.strip() == "open", done.stderr
    cache.sandbox.play(
        [
            {"name": "server", "stackway.scaleway.instance_server": {"name": "redis-neighbour", "state": "absent"}},
            {
                "name": "public",
                "stackway.scaleway.redis_cluster": CLUSTER | {"private_network_id": "", "public_network": True},
            },
            {"name": "network", "stackway.scaleway.vpc_private_network": {"name": "redis-lan", "state": "absent"}},
        ]
    )
