"""Which TCP ports of an address take connections: `scan_ports.py ADDRESS FIRST LAST` prints them as a JSON list."""

import errno
import json
import resource
import select
import socket
import sys

SECONDS = 1.5  # a SYN that is dropped is never answered
CERTAIN_TRIES = 2  # an answer may get lost
PENDING = (0, errno.EINPROGRESS)


def answering(address: str, ports: list[int]) -> set[int]:
    """Those of `ports` that accept a connection within SECONDS, all tried at once."""
    poll, waiting, found = select.poll(), {}, set()
    for port in ports:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        if connection.connect_ex((address, port)) in PENDING:
            waiting[connection.fileno()] = connection, port
            poll.register(connection, select.POLLOUT)
        else:
            connection.close()
    while waiting and (events := poll.poll(SECONDS * 1000)):
        for descriptor, _event in events:
            connection, port = waiting.pop(descriptor)
            if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                found.add(port)
            poll.unregister(descriptor)
            connection.close()
    for connection, _port in waiting.values():
        connection.close()
    return found


def main():
    address, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    at_once = min(hard - 64, 16384)
    ports = list(range(first, last + 1))
    found: set[int] = set()
    for start in range(0, len(ports), at_once):
        batch = ports[start : start + at_once]
        for _attempt in range(CERTAIN_TRIES if start == 0 else 1):
            found |= answering(address, batch)
    print(json.dumps(sorted(found)))


main()
