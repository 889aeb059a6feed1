"""Public gateways with real traffic: the way out, ports that lead in, and ssh that jumps."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time

import pytest

from .conftest import ROOT, new_connections

SERVER = {"name": "gateway-test", "commercial_type": "DEV1-S", "image": "debian_trixie"}
LINK = {"gateway_id": "gateway-test", "private_network_id": "gateway-test"}
GATEWAY = {"name": "gateway-test", "type": "VPC-GW-S", "enable_bastion": True}


def reach(address, port, timeout=2):
    """Whether something answers there, from this host."""
    probe = f"import socket; socket.create_connection(({address!r}, {port}), {timeout}).recv(1)"
    return subprocess.run([sys.executable, "-c", probe], capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def key(sandbox, tmp_path_factory):
    """A key that the account does not know."""
    file = tmp_path_factory.mktemp("key") / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)], check=True)
    return file


@pytest.fixture(scope="module")
def ssh_config(sandbox, tmp_path_factory):
    """A configuration of ssh, of which both hops of a jump make use."""
    folder = tmp_path_factory.mktemp("ssh")
    lines = [
        "Host *",
        "StrictHostKeyChecking accept-new",
        f"UserKnownHostsFile {folder}/known_hosts",
        f"IdentityFile {sandbox.home}/id_ed25519",
        "IdentitiesOnly yes",
        "BatchMode yes",
        "ConnectTimeout 5",
    ]
    (folder / "config").write_text("\n".join(lines) + "\n")
    return folder / "config"


@pytest.fixture(scope="module")
def ssh_key(sandbox):
    """The sandbox's own, which the project's servers let in."""
    options = {"name": "gateway-test", "public_key": (sandbox.home / "id_ed25519.pub").read_text().strip()}
    sandbox.task("iam_ssh_key", options)
    yield
    sandbox.task("iam_ssh_key", options | {"state": "absent"})


@pytest.fixture(scope="module")
def site(sandbox, ssh_key):
    yield from behind_a_gateway(sandbox, "gateway-test")


@pytest.fixture
def twin(sandbox, ssh_key):
    """The same as `site` in another VPC."""
    yield from behind_a_gateway(sandbox, "gateway-twin")


def behind_a_gateway(sandbox, name):
    """{gateway, address}: a server without public address behind a gateway, all of this name."""
    tasks = [
        {"stackway.scaleway.vpc": {"name": name}},
        {"stackway.scaleway.vpc_private_network": {"name": name, "vpc_id": name, "subnets": ["10.44.0.0/24"]}},
        {"name": "gateway", "stackway.scaleway.vpcgw_gateway": GATEWAY | {"name": name}},
        {
            "name": "link",
            "stackway.scaleway.vpcgw_gateway_network": {"gateway_id": name, "private_network_id": name},
        },
        {
            "name": "server",
            "stackway.scaleway.instance_server": SERVER | {"name": name, "private_networks": [name], "public_ips": []},
            "register": "server",
        },
        {
            "name": "ips",
            "stackway.scaleway.ipam_ip_info": {
                "resource_id": "{{ server.server.private_nics[0].id }}",
                "is_ipv6": False,
            },
        },
    ]
    results = sandbox.play([{"name": f"task {number}"} | task for number, task in enumerate(tasks)])
    assert not [result["msg"] for result in results.values() if result.get("failed")]
    gateway, address = results["gateway"]["gateway"], results["ips"]["ips"][0]["address"].partition("/")[0]
    deadline = time.monotonic() + 60
    while sandbox.task("instance_server_info", {"name": name})["servers"][0]["state_detail"] != "booted":
        assert time.monotonic() < deadline, "the server does not boot"
        time.sleep(1)
    yield {"gateway": gateway["address"], "address": address}
    gone = ["instance_server", "vpcgw_gateway", "vpc_private_network", "vpc"]
    results = sandbox.play(
        [{"name": kind, f"stackway.scaleway.{kind}": {"name": name, "state": "absent"}} for kind in gone]
    )
    assert not [result["msg"] for result in results.values() if result.get("failed")]


@pytest.fixture(scope="module")
def inside(site, ssh_config):
    """Run a shell command on the server, by a jump over the bastion."""

    def run(command, port=61000, identity=None):
        options = ["-F", str(ssh_config), "-J", f"bastion@{site['gateway']}:{port}"]
        identity = ["-i", str(identity)] if identity else []
        return subprocess.run(
            ["ssh", *options, *identity, f"root@{site['address']}", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    return run


def test_a_server_without_public_address_reaches_out(sandbox, inside):
    gateway = sandbox.profile["s3_endpoint"].removeprefix("http://")
    host, _, port = gateway.partition(":")
    done = inside(f"timeout 5 bash -c '</dev/tcp/{host}/{port}' && getent hosts deb.debian.org")
    assert done.returncode == 0, done.stderr


def test_mail_passes_once_it_is_allowed(sandbox, inside):
    host = sandbox.profile["s3_endpoint"].removeprefix("http://").partition(":")[0]
    mail = f"timeout 2 bash -c '</dev/tcp/{host}/587'"
    assert inside(mail).returncode != 0
    assert sandbox.task("vpcgw_gateway", GATEWAY | {"enable_smtp": True})["changed"]
    assert inside(mail).returncode == 0
    assert sandbox.task("vpcgw_gateway", GATEWAY | {"enable_smtp": False})["changed"]


def test_the_bastion_lets_in_whom_the_project_knows(sandbox, site, inside, key):
    def jump():
        command = [
            *("ssh", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes"),
            *("-o", "IdentitiesOnly=yes", "-i", str(key), "-p", "61000"),
            *("-W", f"{site['address']}:22", f"bastion@{site['gateway']}"),
        ]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return "SSH-2.0" in done.stdout

    assert not jump()
    new = {"name": "gateway-test-new", "public_key": key.with_suffix(".pub").read_text().strip()}
    assert sandbox.task("iam_ssh_key", new)["changed"]
    assert not jump()
    refreshed, again = (sandbox.task("vpcgw_gateway", GATEWAY | {"refresh_ssh_keys": True}) for _ in range(2))
    assert refreshed["changed"] and not again["changed"]
    assert jump()
    assert sandbox.task("iam_ssh_key", {"name": "gateway-test-new", "state": "absent"})["changed"]


def test_the_bastion_answers_while_its_gateway_changes(sandbox, site):
    ended, faults = threading.Event(), []

    def ask():
        while not ended.is_set():
            try:
                with socket.create_connection((site["gateway"], 61000), timeout=5) as connection:
                    assert connection.recv(8) == b"SSH-2.0-"
            except (OSError, AssertionError) as error:
                faults.append(repr(error))
            time.sleep(0.01)

    asking = threading.Thread(target=ask)
    asking.start()
    for smtp in (True, False, True, False):
        assert sandbox.task("vpcgw_gateway", GATEWAY | {"enable_smtp": smtp})["changed"]
    ended.set()
    asking.join()
    assert faults == []


def test_the_bastion_is_closed_to_others_and_can_move_and_go(sandbox, site, inside):
    elsewhere = GATEWAY | {"bastion_port": 60022}
    assert sandbox.task("vpcgw_gateway", elsewhere)["changed"]
    assert inside("true", port=60022).returncode == 0
    assert not reach(site["gateway"], 61000)
    assert sandbox.task("vpcgw_gateway", elsewhere | {"bastion_allowed_ips": ["192.0.2.0/24"]})["changed"]
    assert not reach(site["gateway"], 60022)
    allowed = {"bastion_allowed_ips": ["0.0.0.0/0"]}
    assert sandbox.task("vpcgw_gateway", elsewhere | allowed | {"enable_bastion": False})["changed"]
    assert not reach(site["gateway"], 60022)
    assert sandbox.task("vpcgw_gateway", GATEWAY | allowed | {"bastion_port": 61000})["changed"]
    assert inside("true").returncode == 0


def test_a_port_leads_inside(sandbox, site):
    rule = {"gateway_id": "gateway-test", "public_port": 2222, "protocol": "tcp"}
    assert not reach(site["gateway"], 2222)
    assert sandbox.task("vpcgw_pat_rule", rule | {"private_ip": site["address"], "private_port": 22})["changed"]
    assert reach(site["gateway"], 2222)
    taken = sandbox.task("vpcgw_pat_rule", rule | {"protocol": "both", "private_ip": "10.44.0.9", "private_port": 1})
    assert taken["failed"] and "public port is taken" in taken["msg"]
    assert sandbox.task("vpcgw_pat_rule", rule | {"state": "absent"})["changed"]
    assert not reach(site["gateway"], 2222)


def test_the_inventory_finds_the_bastion(sandbox, site, ssh_config, tmp_path):
    file = tmp_path / "instances.yml"
    file.write_text("plugin: stackway.scaleway.instances\n")
    environment = sandbox.environment | {"ANSIBLE_SSH_ARGS": f"-F {ssh_config}", "ANSIBLE_NOCOLOR": "1"}

    def inventory():
        done = subprocess.run(
            ["ansible-inventory", "-i", str(file), "--host", "gateway-test"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        return json.loads(done.stdout)

    found = inventory()
    assert found["ansible_host"] == site["address"]
    assert found["ansible_ssh_common_args"] == f"-o ProxyJump=bastion@{site['gateway']}:61000"
    done = subprocess.run(
        ["ansible", "gateway-test", "-i", str(file), "-m", "ansible.builtin.raw", "-a", "hostname"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "gateway-test" in done.stdout, done.stdout + done.stderr
    file.write_text('plugin: stackway.scaleway.instances\nbastion: ""\n')
    assert "ansible_ssh_common_args" not in inventory()


def test_servers_of_one_address_in_two_networks_are_not_taken_for_each_other(sandbox, site, twin, ssh_config, tmp_path):
    """A connection that is kept open for the one must not serve the other."""
    assert twin["address"] == site["address"]
    file = tmp_path / "instances.yml"
    file.write_text("plugin: stackway.scaleway.instances\n")
    ssh = f"-F {ssh_config} -o UserKnownHostsFile={tmp_path}/known_hosts -o StrictHostKeyChecking=no"
    kept = f"{ssh} -o ControlMaster=auto -o ControlPersist=20s"
    for name in ("gateway-test", "gateway-twin"):
        done = subprocess.run(
            ["ansible", name, "-i", str(file), "-m", "ansible.builtin.raw", "-a", "cat /etc/hostname"],
            cwd=ROOT,
            env=sandbox.environment | {"ANSIBLE_SSH_ARGS": kept, "ANSIBLE_NOCOLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert f">>\n{name}\n" in done.stdout, done.stdout


def test_without_a_default_route_there_is_no_way_out(sandbox, inside, site):
    assert sandbox.task("vpcgw_gateway_network", LINK | {"push_default_route": False})["changed"]
    assert "default" not in inside("ip route").stdout  # the bastion is in the same network, and still reaches it
    assert sandbox.task("vpcgw_gateway_network", LINK | {"push_default_route": True})["changed"]
    assert "default via 10.44.0.2" in inside("ip route").stdout


def test_the_roles_bring_up_what_nobody_can_reach_directly(sandbox, tmp_path):
    """Role instance reaches the server through what role network made, or through another server; again changes nothing."""
    key = sandbox.home / "id_ed25519"
    hidden = {"name": "roles", "commercial_type": "DEV1-S", "image": "debian_trixie", "public_ip": False}
    hidden |= {"private_networks": ["roles"]}
    gateway = {"name": "roles", "private_networks": ["roles"], "enable_bastion": True}
    variables = {
        "network_vpcs": [{"name": "roles", "private_networks": [{"name": "roles", "subnets": ["10.0.0.0/24"]}]}],
        "network_gateways": [gateway],
        "instance_ssh_keys": [{"name": "roles", "public_key": key.with_suffix(".pub").read_text().strip()}],
        "instance_security_groups": [{"name": "roles", "rules": [{"dest_port_from": 22}]}],
        "instance_servers": [hidden],
        "instance_known_hosts": str(tmp_path / "known_hosts"),
        "ansible_ssh_private_key_file": str(key),
        "way_out": "10.0.0.2",
    }
    roles = ["stackway.scaleway.network", "stackway.scaleway.instance"]
    boot = {"ansible.builtin.import_role": {"name": "stackway.scaleway.instance", "tasks_from": "boot"}}
    look = {"ansible.builtin.raw": "ip -color=never route show default", "changed_when": False, "register": "way"}
    check = {"ansible.builtin.assert": {"that": "way_out in way.stdout if way_out else way.stdout == ''"}}
    plays = {
        "present": [
            {"hosts": "localhost", "gather_facts": False, "roles": roles},
            {"hosts": "instances", "gather_facts": False, "tasks": [boot]},
            {"hosts": "roles", "gather_facts": False, "tasks": [look, check]},
        ],
        "absent": [{"hosts": "localhost", "gather_facts": False, "roles": roles[::-1]}],
    }
    for name, content in plays.items():
        (tmp_path / f"{name}.yml").write_text(json.dumps(content))
    inventory = tmp_path / "hosts"
    inventory.write_text(f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n")

    def run(name, *options, **more):
        """How much a run changed."""
        command = ["ansible-playbook", str(tmp_path / f"{name}.yml"), "-i", str(inventory), *options]
        with (
            new_connections() as connections
        ):  # one that is still open would hide that the way to the server has changed
            done = subprocess.run(
                [*command, "-e", json.dumps(variables | more)],
                cwd=ROOT,
                env=sandbox.environment | {"ANSIBLE_NOCOLOR": "1"} | connections,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
        assert done.returncode == 0, done.stdout + done.stderr
        return sum(map(int, re.findall(r"changed=(\d+)", done.stdout.partition("PLAY RECAP")[2])))

    jump = hidden | {"name": "jump", "public_ip": True, "security_group": "roles"}
    alone = {
        "network_gateways": [gateway | {"enabled": False}],
        "instance_servers": [hidden, jump],
        "instance_bastion": "jump",
        "way_out": "",
    }
    try:
        assert run("present", "--check") > 0
        assert run("present") > 0
        assert run("present") == 0
        # A bastion that is new to this controller is learnt, however old it is; the server behind it would not be.
        known_hosts = tmp_path / "known_hosts"
        bastion = sandbox.task("vpcgw_gateway_info", {"name": "roles"})["gateways"][0]["id"]
        lines = known_hosts.read_text().splitlines(keepends=True)
        known_hosts.write_text("".join(line for line in lines if bastion not in line))
        assert run("present", instance_learn_seconds=0) == 0
        assert bastion in known_hosts.read_text()
        assert run("present", **alone) > 0
        assert sandbox.task("vpcgw_gateway_info", {"name": "roles"})["gateways"] == []
        assert run("present", **alone) == 0
    finally:
        run("absent", **alone, instance_state="absent", network_state="absent")


def test_the_keys_of_a_gateway_that_is_only_predicted_are_not_asked_for(api_sandbox):
    options = {"id": "(known after apply)", "name": "later", "refresh_ssh_keys": True}
    looked = api_sandbox.task("vpcgw_gateway", options, "--check")
    assert not looked.get("failed"), looked.get("msg")
    assert not looked["changed"]
