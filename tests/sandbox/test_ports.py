"""Listening sockets, also on ports that need root."""

import socket

import pytest

from sandbox import server
from sandbox.machines import ports


@pytest.fixture
def reserved(monkeypatch, tmp_path):
    """Every port is reserved for root, and `sudo` needs no password."""
    sudo = tmp_path / "sudo"
    sudo.write_text('#!/bin/sh\n[ "$1" = -n ] && shift && exec "$@"\n')
    sudo.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    class Reserved(socket.socket):
        def bind(self, address):
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ports.socket, "socket", Reserved)


def test_a_reserved_port_is_opened_by_root(reserved):
    with ports.listen("127.0.0.1", 0, socket.SOCK_STREAM) as listener:
        listener.listen()
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as accepted:
            accepted.send(b"hello")
            assert client.recv(5) == b"hello"


def test_a_taken_reserved_port_is_named(reserved):
    with (
        ports.listen("127.0.0.1", 0, socket.SOCK_DGRAM) as taken,
        pytest.raises(PermissionError, match=r"cannot listen on 127\.0\.0\.1:\d+ without root: .*already in use"),
    ):
        ports.listen("127.0.0.1", taken.getsockname()[1], socket.SOCK_DGRAM)


@pytest.mark.parametrize(
    "opened", [lambda: ports.listen("127.0.0.1", 0, socket.SOCK_STREAM), lambda: server.listen("127.0.0.1", 0)]
)
def test_answers_are_sent_at_once(opened):
    """asyncio switches Nagle's algorithm off where a connection says that it is TCP, which it has from its listener."""
    with opened() as listener:
        listener.listen()
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as connection:
            assert connection.proto == socket.IPPROTO_TCP
