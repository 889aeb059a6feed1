"""What role verify takes for a database that turns a stranger away."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import pytest

SCRIPT = "roles/verify/files/refuses_postgresql.py"


def check(host: str, port: int) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, SCRIPT, host, str(port)], capture_output=True, text=True, timeout=20)


@pytest.fixture
def server():
    """A server that answers the first message with these bytes, then closes; its port."""
    listeners = []

    def serve(answer: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def talk():
            connection, _address = listener.accept()
            with connection:
                connection.recv(64)
                connection.sendall(answer)

        threading.Thread(target=talk, daemon=True).start()
        return listener.getsockname()[1]

    yield serve
    for listener in listeners:
        listener.close()


def test_a_closed_port_and_a_server_that_hangs_up_refuse(server):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = unused.getsockname()[1]
    assert check("127.0.0.1", closed).returncode == 0
    assert check("127.0.0.1", server(b"")).returncode == 0
    assert check("127.0.0.1", server(b"EC28000\0no pg_hba.conf entry\0\0")).returncode == 0


def test_a_proxy_that_answers_for_everybody_is_no_database(server):
    assert check("127.0.0.1", server(b"HTTP/1.1 400 Bad Request\r\n\r\n")).returncode == 0


@pytest.mark.parametrize(
    "answer", [b"N", b"EC53300\0sorry, too many clients already\0\0"], ids=["without TLS", "too many clients"]
)
def test_a_server_that_talks_does_not(server, answer):
    done = check("127.0.0.1", server(answer))
    assert done.returncode == 1
    assert "talks to a client that its ACL does not name" in done.stderr


def test_what_cannot_be_asked_proves_nothing(server):
    for host, port in (("no such host", 5432), ("127.0.0.1", server(b"Sno TLS at all"))):
        done = check(host, port)
        assert done.returncode == 1, done.stdout
        assert "cannot be asked" in done.stderr
