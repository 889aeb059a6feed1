"""What the role promises, after more memory and a reboot."""

import os
import time

import pytest
import testinfra.utils.ansible_runner

testinfra_hosts = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"]).get_hosts("all")


@pytest.fixture
def variables(host):
    combined = host.backend.host == "redis-combined"
    return host.ansible.get_variables() | {"address": "172.17.0.1" if combined else "127.0.0.1", "combined": combined}


@pytest.fixture
def redis(host, variables):
    """What redis-cli says, with the password or another."""

    def call(command, password=variables["redis_password"]):
        port = variables.get("redis_port", 6379)
        cli = f"REDISCLI_AUTH={password} redis-cli --no-auth-warning -h {variables['address']} -p {port} {command}"
        return host.run(cli).stdout.strip()

    deadline = time.monotonic() + 20
    while call("ping") != "PONG" and time.monotonic() < deadline:
        time.sleep(0.5)
    return call


def test_data_survive_a_restart_and_a_reboot(redis):
    assert redis("get kept") == "across"


def test_nobody_gets_in_without_the_password(redis):
    for password in ("''", "guessed"):
        assert "NOAUTH" in redis("get kept", password=password)


def test_settings_are_in_force(redis, variables):
    combined = variables["combined"]
    wanted = {
        "maxmemory": str(96 * 2**20),
        "maxmemory-policy": "volatile-lru" if combined else "allkeys-lru",
        "appendonly": "no" if combined else "yes",
        "timeout": "300" if combined else "0",
        "lazyfree-lazy-user-del": "yes" if combined else "no",
    }
    assert {name: redis(f"config get {name}").splitlines()[1] for name in wanted} == wanted
    assert int(redis("info server").split("redis_version:")[1].split(".")[0]) >= 7


def test_it_listens_where_it_was_told_to_and_nowhere_else(host, variables):
    port = variables.get("redis_port", 6379)
    heard = {
        line.split()[3]
        for line in host.check_output(f"ss --no-header --listening --tcp 'sport = :{port}'").splitlines()
    }
    addresses = {address.rpartition(":")[0] for address in heard}
    if variables["combined"]:
        assert addresses == {"172.17.0.1"}
    else:
        assert "127.0.0.1" in addresses and len(addresses) == 2
        assert all(address.startswith(("127.", "10.")) for address in addresses)


def test_host_is_tuned(host):
    assert host.sysctl("vm.overcommit_memory") == 1
    assert host.sysctl("net.core.somaxconn") >= 4096
    assert "[always]" not in host.file("/sys/kernel/mm/transparent_hugepage/enabled").content_string
    assert "vm.overcommit_memory=1" in host.file("/etc/sysctl.d/60-redis.conf").content_string.replace(" ", "")


def test_password_is_nobody_elses_business(host):
    assert host.file("/etc/redis/redis.conf").mode == 0o640
    assert "molecule-has-no-secrets" not in host.check_output("ps -A -o args")


def test_exporter_shows_figures(host, variables):
    if variables["combined"]:
        assert "redis_up 1" in host.check_output("curl --silent --max-time 5 http://172.17.0.1:9121/metrics")
        assert host.file("/etc/default/prometheus-redis-exporter").mode == 0o600
    else:
        assert not host.package("prometheus-redis-exporter").is_installed
        assert not host.file("/etc/default/prometheus-redis-exporter").exists
