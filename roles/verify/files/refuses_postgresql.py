"""Whether a PostgreSQL server turns this machine away: `refuses_postgresql.py HOST PORT`; exit status 1 if it does not.

A server that does not want us refuses or drops the connection, closes it, or says so (SQLSTATE 28000). One that goes as far
as asking for a password would let in whoever has it. What else goes wrong, such as a name that leads nowhere, proves nothing.
"""

import errno
import socket
import ssl
import struct
import sys

SSL_REQUEST = struct.pack("!II", 8, 80877103)
REFUSALS = (errno.ECONNREFUSED, errno.ECONNRESET, errno.EPIPE, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH)
STARTUP = struct.pack("!I", 196608) + b"user\0stranger\0database\0rdb\0\0"


def greeting(host: str, port: int) -> bytes:
    """The server's first message to a stranger; b"" when it closes the connection."""
    with socket.create_connection((host, port), timeout=5) as plain:
        plain.sendall(SSL_REQUEST)
        answer = plain.recv(1)
        if answer in (b"N", b"E"):  # PostgreSQL without TLS, or one that says at once what is wrong
            return answer + plain.recv(1024)
        if answer != b"S":
            return b""  # it hung up, or is no PostgreSQL, such as a proxy that answers for addresses that lead nowhere
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # who it is does not matter here
        with context.wrap_socket(plain) as connection:
            connection.sendall(struct.pack("!I", len(STARTUP) + 4) + STARTUP)
            return connection.recv(1024)


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    try:
        answer = greeting(host, port)
    except OSError as error:
        if not isinstance(error, (TimeoutError, ssl.SSLEOFError)) and error.errno not in REFUSALS:
            sys.exit(f"{host}:{port} cannot be asked: {error}")
        print(f"refused: {error}")
        return
    if not answer or (answer[:1] == b"E" and b"C28000\0" in answer):
        print("refused by the server")
        return
    sys.exit(f"{host}:{port} talks to a client that its ACL does not name")


main()
