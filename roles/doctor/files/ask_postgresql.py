"""Asks a database how it is; one JSON object in by standard input, one out. Runs on the control host, through a server by SSH."""

import contextlib
import json
import shlex
import socket
import subprocess
import sys
import time

import psycopg2

PATIENCE = 15  # seconds
FIGURES = """
SELECT json_build_object(
  'connections', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
  'max_connections', current_setting('max_connections')::int,
  'bytes', (SELECT coalesce(sum(pg_database_size(oid)), 0) FROM pg_database WHERE has_database_privilege(oid, 'CONNECT')),
  'wal_level', current_setting('wal_level'),
  'max_replication_slots', current_setting('max_replication_slots')::int,
  'slots', (SELECT coalesce(json_agg(json_build_object('name', slot_name, 'active', active,
    'lag_bytes', pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(confirmed_flush_lsn, restart_lsn))) ORDER BY slot_name), '[]')
    FROM pg_replication_slots WHERE NOT temporary))
"""


@contextlib.contextmanager
def tunnel(server: dict, host: str, port: int):
    """The database's address as this host reaches it."""
    if not server:
        yield host, port
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        local = free.getsockname()[1]
    key = ["-i", server["key"]] if server.get("key") else []
    options = [
        "-o",
        "BatchMode=yes",
        "-o",
        "ExitOnForwardFailure=yes",
        "-o",
        f"ConnectTimeout={PATIENCE}",
        "-o",
        "ControlPath=none",
    ]
    command = ["ssh", *key, *shlex.split(server["arguments"]), *options, "-N", "-L", f"127.0.0.1:{local}:{host}:{port}"]
    ssh = subprocess.Popen(
        [*command, f"{server['user']}@{server['address']}"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 2 * PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", local), timeout=1):
                break
            if ssh.poll() is not None or time.monotonic() > deadline:
                ssh.kill()
                raise ConnectionError(f"{server['name']} does not let through: {ssh.communicate()[1].strip()}")
            time.sleep(0.2)
        yield "127.0.0.1", local
    finally:
        ssh.terminate()
        ssh.wait()


def ask(wanted: dict) -> dict:
    through = wanted["through"]
    with tunnel(through, wanted["host"], wanted["port"]) as (host, port):
        started = time.monotonic()
        connection = psycopg2.connect(
            host=host, port=port, user=wanted["user"], password=wanted["password"], dbname=wanted["database"],
            sslmode="require", connect_timeout=PATIENCE, application_name="doctor",
        )  # fmt: skip
        seconds = time.monotonic() - started
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(FIGURES)
            return cursor.fetchone()[0] | {"seconds": seconds, "through": through.get("name", "this host")}


try:
    told = ask(json.load(sys.stdin))
except (psycopg2.Error, OSError) as error:
    told = {"error": " ".join(str(error).split())}
print(json.dumps(told))
