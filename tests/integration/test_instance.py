"""Instances as their users meet them: over SSH, through their security groups, and in their private networks."""

from __future__ import annotations

import ipaddress
import json
import socket
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from scaleway import Client
from scaleway.instance.v1 import InstanceV1API

SERVER = {"commercial_type": "PLAY2-PICO", "image": "debian_trixie"}
CONNECT_SECONDS = 3


@pytest.fixture(scope="module")
def key(sandbox, tmp_path_factory):
    """The private half of a key that the project's instances let in."""
    file = tmp_path_factory.mktemp("ssh") / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
    options = {"name": "instance-test", "public_key": file.with_suffix(".pub").read_text()}
    assert not sandbox.task("iam_ssh_key", options).get("failed")
    yield file
    sandbox.task("iam_ssh_key", {"name": "instance-test", "state": "absent"})


@pytest.fixture(scope="module")
def servers(sandbox, key):
    """Two instances with flexible IPs in a private network; `a` is behind the group that tests change."""
    plays = [
        ("instance_security_group", {"name": "instance-test"}),
        ("vpc_private_network", {"name": "instance-test"}),
        *(("instance_ip", {"name": name}) for name in "ab"),
    ]
    common = SERVER | {"private_networks": ["instance-test"], "tags": ["test"]}
    plays.append(("instance_server", common | {"name": "a", "public_ips": ["a"], "security_group_id": "instance-test"}))
    plays.append(("instance_server", common | {"name": "b", "public_ips": ["b"]}))
    done = [sandbox.task(module, options) for module, options in plays]
    assert not [result["msg"] for result in done if result.get("failed")]
    yield {result["server"]["name"]: result["server"] for result in done[-2:]}
    for module, options in reversed(plays):
        assert not sandbox.task(module, {"name": options["name"], "state": "absent"}).get("failed")


def ssh(key, address, command):
    """Output of a command on an instance."""
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "ConnectTimeout=10"]
    words = [
        "ssh",
        "-n",  # it would leave the stdin that all commands of the tests share non-blocking, which Ansible refuses
        "-i",
        str(key),
        *(word for option in options for word in ("-o", option)),
        f"root@{address}",
        command,
    ]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def address_of(server):
    return server["public_ip"]["address"]


def reaches(address, port=22):
    try:
        socket.create_connection((address, port), timeout=CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def reaches_from(key, origin, address, port=22):
    command = (
        f"timeout {CONNECT_SECONDS} bash -c 'exec 3<>/dev/tcp/{address}/{port}' 2>/dev/null && echo yes || echo no"
    )
    return ssh(key, address_of(origin), command) == "yes"


def group(sandbox, **options):
    result = sandbox.task("instance_security_group", {"name": "instance-test"} | options)
    assert not result.get("failed"), result["msg"]


def test_an_instance_is_what_its_type_says(sandbox, key, servers):
    address = address_of(servers["a"])
    assert ssh(key, address, "cloud-init status --wait") == "status: done"
    assert ssh(key, address, "hostname") == "a"
    assert ssh(key, address, "systemctl is-system-running") == "running"
    found = subprocess.run(
        ["docker", "inspect", f"{sandbox.settings['SANDBOX_NAME']}-{servers['a']['id']}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    limits = json.loads(found.stdout)[0]["HostConfig"]
    assert limits["Memory"] == 2 * 2**30
    assert limits["CpuQuota"] == limits["CpuPeriod"]


def test_groups_decide_who_gets_in(sandbox, key, servers):
    a = address_of(servers["a"])
    group(sandbox, inbound_default_policy="drop", rules=[])
    assert not reaches(a) and not reaches_from(key, servers["b"], a)

    gateway = str(ipaddress.ip_network(sandbox.settings["SANDBOX_SUBNET"])[1])
    group(sandbox, rules=[{"dest_port_from": 22, "ip_range": f"{gateway}/32"}])
    assert reaches(a) and not reaches_from(key, servers["b"], a), "the host only"

    group(sandbox, rules=[{"dest_port_from": 22, "ip_range": gateway}, {"dest_port_from": 8000, "dest_port_to": 8080}])
    ssh(key, a, "systemd-run --quiet python3 -m http.server 8042; systemd-run --quiet python3 -m http.server 9042")
    time.sleep(1)
    assert reaches_from(key, servers["b"], a, 8042) and not reaches_from(key, servers["b"], a, 9042)
    # Nothing that the instance does to its own filter opens it.
    ssh(key, a, "nft flush ruleset")
    assert not reaches_from(key, servers["b"], a, 9042)

    group(sandbox, inbound_default_policy="accept", rules=[{"action": "drop", "dest_port_from": 8042}])
    assert reaches_from(key, servers["b"], a, 9042) and not reaches_from(key, servers["b"], a, 8042)


def test_groups_decide_who_is_reached(sandbox, key, servers):
    b = address_of(servers["b"])
    group(sandbox, inbound_default_policy="accept", outbound_default_policy="drop", rules=[])
    assert not reaches_from(key, servers["a"], b), "a is answered, but speaks to nobody"
    group(sandbox, rules=[{"direction": "outbound", "dest_port_from": 22, "ip_range": f"{b}/32"}])
    assert reaches_from(key, servers["a"], b)
    group(sandbox, outbound_default_policy="accept", rules=[{"protocol": "ICMP", "action": "drop"}])
    ping = f"ping -c 1 -W 2 {address_of(servers['a'])} >/dev/null && echo yes || echo no"
    assert ssh(key, b, ping) == "no"
    group(sandbox, rules=[])
    assert ssh(key, b, ping) == "yes"


def test_private_networks_are_private(key, servers):
    card = json.loads(ssh(key, address_of(servers["b"]), "ip -j addr show ens5"))[0]
    private = next(known["local"] for known in card["addr_info"] if known["family"] == "inet")
    assert card["address"].startswith("02:00:")
    assert reaches_from(key, servers["a"], private)
    # Whatever answers elsewhere at such an address: the host has no way into this network.
    route = subprocess.run(["ip", "route", "get", private], capture_output=True, text=True).stdout
    assert " dev s" not in route, "a bridge or a card of a sandbox"


def test_a_restart_keeps_the_disk_and_the_keys_of_the_host(sandbox, key, servers):
    address = address_of(servers["b"])

    def host_key():
        return subprocess.run(["ssh-keyscan", "-t", "ed25519", address], capture_output=True, text=True).stdout

    before = host_key()
    ssh(key, address, "echo kept >/root/kept")
    for state in ("stopped", "running", "rebooted"):
        result = sandbox.task("instance_server", {"name": "b", "power_state": state})
        assert result["changed"], result
        assert reaches(address) == (state != "stopped")
    assert before and host_key() == before
    assert ssh(key, address, "cat /root/kept") == "kept"


def test_a_host_reboots_itself(key, servers):
    address = address_of(servers["b"])
    ssh(key, address, "touch /run/before; systemd-run --quiet --on-active=1 systemctl reboot")
    deadline = time.monotonic() + 60
    while True:
        try:
            if ssh(key, address, "test -e /run/before && echo before || echo after") == "after":
                return
        except AssertionError:  # it is shutting down, or not up yet
            pass
        assert time.monotonic() < deadline
        time.sleep(1)


def test_docker_runs_in_the_docker_image(sandbox, key):
    options = {"name": "docked", "commercial_type": "PLAY2-PICO", "image": "docker", "dynamic_ip_required": True}
    started = time.monotonic()
    server = sandbox.task("instance_server", options)["server"]
    assert time.monotonic() - started < 30, "boots in seconds, even on a machine that is busy"
    try:
        address = address_of(server)
        assert ssh(key, address, "docker compose version --short").startswith("2.")
        assert "Storage Driver: overlay2" in ssh(key, address, "docker info")
    finally:
        assert sandbox.task("instance_server", {"name": "docked", "state": "absent"})["changed"]


def test_hosts_that_fail_say_so(sandbox, key):
    """One whose boot hangs never takes a connection; one whose cloud-init fails tells it over ssh."""
    options = SERVER | {"dynamic_ip_required": True}
    hung = sandbox.task(
        "instance_server", options | {"name": "hung", "cloud_init": "#cloud-config\nbootcmd: [sleep infinity]\n"}
    )["server"]
    failed = sandbox.task(
        "instance_server", options | {"name": "failed", "cloud_init": "#cloud-config\nruncmd: ['false']\n"}
    )["server"]
    try:
        assert hung["state"] == "running" and hung["state_detail"] == "booting kernel"
        assert not reaches(address_of(hung))
        status = ssh(key, address_of(failed), "cloud-init status --wait --format json || true")
        assert json.loads(status)["status"] == "error"
    finally:
        for name in ("hung", "failed"):
            assert sandbox.task("instance_server", {"name": name, "state": "absent"})["changed"]


def test_immutable_changes_are_refused_with_a_remedy(sandbox, servers):
    refused = sandbox.task("instance_server", SERVER | {"name": "b", "image": "docker"})
    assert refused["failed"] and "image: cannot change" in refused["msg"] and "recreate: true" in refused["msg"]
    refused = sandbox.task("instance_server", SERVER | {"name": "b", "root_volume": {"size": 10**9}})
    assert refused["failed"] and "root_volume: size of server b is 10000000000" in refused["msg"]


def test_a_quota_is_told(sandbox):
    admin = f"{sandbox.profile['api_url']}/_sandbox/quotas"
    subprocess.run(["curl", "-sf", "-X", "PUT", admin, "-d", '{"instance.ip": 0}'], check=True, capture_output=True)
    try:
        refused = sandbox.task("instance_ip", {"name": "too-many"})
    finally:
        subprocess.run(["curl", "-sf", "-X", "PUT", admin, "-d", "{}"], check=True, capture_output=True)
    assert refused["failed"] and "quota" in refused["msg"]


def test_instances_are_an_inventory(sandbox, servers, tmp_path):
    file = tmp_path / "instances.yml"
    api = InstanceV1API(Client.from_config_file(filepath=str(sandbox.home / "config.yaml")))
    for server in servers.values():
        api._update_server(server_id=server["id"], tags=["test", "{{ 7 * 7 }}"])

    def listed(**options):
        file.write_text(yaml.safe_dump({"plugin": "stackway.scaleway.instances", "tags": ["test"]} | options))
        command = ["ansible-inventory", "-i", str(file), "--list", "--yaml"]
        environment = sandbox.environment | {"ANSIBLE_CONFIG": str(Path.cwd() / "ansible.cfg")}
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, check=True
        )
        return yaml.safe_load(done.stdout).get("all", {}).get("children", {}), done.stdout

    groups, text = listed()
    assert set(groups["test"]["hosts"]) == {"a", "b"}
    assert {"type_play2_pico", "zone_fr_par_1", "state_running", "___7___7___"} <= set(groups)
    assert address_of(servers["a"]) in text and "49" not in groups
    _groups, text = listed(address="private", bastion="bastion@192.0.2.1:61000", compose={"tag": "scaleway.tags[1]"})
    assert "ProxyJump=bastion@192.0.2.1:61000" in text
    assert "ansible_host: 172." in text and "tag: '{{ 7 * 7 }}'" in text
    groups, _text = listed(states=["stopped"])
    assert "test" not in groups


def test_what_needs_a_stop_can_wait(api_sandbox):
    """A server that runs keeps its type where it may not be stopped, and gets everything else; one that is off gets the type."""
    wanted = SERVER | {"name": "busy", "commercial_type": "PLAY2-NANO", "tags": ["new"], "may_stop": False}
    assert api_sandbox.task("instance_server", SERVER | {"name": "busy"})["changed"]
    try:
        for arguments in (["--check"], []):
            kept = api_sandbox.task("instance_server", wanted, *arguments)
            assert kept["diff"] == {"before": {"tags": []}, "after": {"tags": ["new"]}}
        assert kept["server"]["commercial_type"] == SERVER["commercial_type"]
        assert not api_sandbox.task("instance_server", wanted)["changed"]
        off = wanted | {"power_state": "stopped"}
        assert not api_sandbox.task("instance_server", {"name": "busy", "power_state": "stopped"}).get("failed")
        assert api_sandbox.task("instance_server", off)["server"]["commercial_type"] == "PLAY2-NANO"
    finally:
        assert api_sandbox.task("instance_server", {"name": "busy", "state": "absent"})["changed"]
