"""One host was rebooted with three ports published: 8080 is open to all, 8081 to others, 8082 to nobody."""

import os
import socket

import testinfra.utils.ansible_runner

NAME = "docker-host-adjusted"
ADDRESS = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"]).get_variables(NAME)[
    "ansible_host"
]
testinfra_hosts = [f"ansible://{NAME}"]


def answers(port):
    """Whether the port takes a connection from outside. A firewall that drops is silent."""
    try:
        socket.create_connection((ADDRESS, port), timeout=2).close()
    except (TimeoutError, ConnectionRefusedError):
        return False
    return True


def test_all_ports_answer_on_the_host_itself(host):
    for port in (8080, 8081, 8082):
        assert host.run_test(
            "curl --fail --silent --max-time 5 --output /dev/null http://127.0.0.1:%s", str(port)
        ).succeeded


def test_only_what_is_allowed_answers_outside(host):
    """The port of SSH on the host is open, whichever one it was reached by."""
    assert [port for port in (22, 2200, 8080, 8081, 8082) if answers(port)] == [22, 8080]
