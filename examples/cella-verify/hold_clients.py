"""hold_clients.py < settings: opens many connections by one URL at a time, asks by each of them, and tells how many answered.

Settings are JSON: `url`, `authority` (PEM that signed the server's certificate), `clients`, and `ssh`: the command that logs in where the
server can be reached.
"""

import json
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg2

PATIENCE_SECONDS = 60


def main(url, authority, clients, ssh):
    server = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tunnel = subprocess.Popen(
        [
            *shlex.split(ssh),
            "-N",
            "-o",
            "ExitOnForwardFailure=yes",
            "-L",
            f"127.0.0.1:{port}:{server.hostname}:{server.port}",
        ]
    )
    try:
        wait_for(port)
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(authority)
            file.flush()
            # The certificate is checked for the server's own name, though the connection goes to the tunnel.
            where = {"hostaddr": "127.0.0.1", "port": port, "sslmode": "verify-full", "sslrootcert": file.name}
            print(json.dumps({"answered": answered(url, where, clients)}))
    finally:
        tunnel.terminate()
        tunnel.wait(10)


def wait_for(port):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def answered(url, where, clients):
    """How many answered while all of them were connected."""
    connected = threading.Barrier(clients, timeout=PATIENCE_SECONDS * 2)

    def ask(number):
        connection = psycopg2.connect(url, connect_timeout=PATIENCE_SECONDS, **where)
        try:
            connected.wait()
            with connection.cursor() as cursor:
                cursor.execute("SELECT %s", (number,))
                return cursor.fetchone() == (number,)
        finally:
            connection.close()

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(ask, range(clients)))


main(**json.load(sys.stdin))
