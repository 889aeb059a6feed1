"""Listening sockets on the well-known ports of the sandbox's own address."""

import socket
import subprocess
import sys

IP_FREEBIND = 15  # Linux; the socket module has no name for it
"""Allows to bind an address that the host will only have later: the gateway of a bridge that is not up yet."""

OPENER = """
import socket, sys
kind, address, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
opened = socket.socket(socket.AF_INET, kind)
opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
opened.setsockopt(socket.IPPROTO_IP, 15, 1)
opened.bind((address, port))
socket.send_fds(socket.socket(fileno=0), [b"."], [opened.fileno()])
"""
"""Binds as root and passes the socket to its standard input, which is one end of a socket pair."""


def listen(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """A socket bound to an IPv4 address that the host may get later, with the help of sudo where the port is reserved for root.

    Raises OSError naming the address: the port is taken, or may not be bound.
    """
    # Named, the protocol is known of connections too: asyncio then sends what it is given at once.
    protocol = socket.IPPROTO_TCP if kind == socket.SOCK_STREAM else 0
    bound = socket.socket(socket.AF_INET, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
    bound.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
    try:
        bound.bind((address, port))
    except PermissionError:
        bound.close()
        return _listen_as_root(address, port, kind)
    except OSError as error:
        bound.close()
        raise OSError(error.errno, f"cannot listen on {address}:{port}: {error.strerror}") from error
    return bound


def _listen_as_root(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = ["sudo", "-n", sys.executable, "-c", OPENER, str(int(kind)), address, str(port)]
        done = subprocess.run(command, stdin=theirs, capture_output=True, text=True)
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1:]
            raise PermissionError(f"cannot listen on {address}:{port} without root: {' '.join(reason)}")
        _, [descriptor], _, _ = socket.recv_fds(ours, 1, 1)
    return socket.socket(fileno=descriptor)
