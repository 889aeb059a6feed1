"""What the role promises, after a reload and a reboot."""

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest
import testinfra.utils.ansible_runner

RUNNER = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"])
testinfra_hosts = RUNNER.get_hosts("poolers")
CERTIFICATES = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "certificates"
PASSWORDS = {"app": "molecule-has-no-secrets", "reports": 'it"s none'}
CLIENTS = 500


@pytest.fixture
def changed(host):
    return host.backend.host == "pgbouncer-changed"


@pytest.fixture
def connect(host, changed):
    def open_connection(user="app", **options):
        where = {"host": host.ansible.get_variables()["ansible_host"], "port": 6433 if changed else 6432}
        trust = {"sslmode": "verify-full", "sslrootcert": CERTIFICATES / f"{host.backend.host}.pem"}
        options = {"password": PASSWORDS[user], "dbname": "shop", "connect_timeout": 60} | options
        connection = psycopg2.connect(user=user, **where | trust | options)
        connection.autocommit = True
        return contextlib.closing(connection)

    return open_connection


@pytest.fixture(scope="module")
def database():
    """What the database itself says to its superuser."""
    machine = testinfra.get_host(
        "ansible://pgbouncer-database", ansible_inventory=os.environ["MOLECULE_INVENTORY_FILE"]
    )
    return lambda statement: machine.check_output(f'su postgres -c "psql -At -c \\"{statement}\\""')


def ask(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_many_clients_share_a_small_pool(host, connect, changed, database):
    """All are connected at a time, and all of them ask; the database sees no more than the pool."""
    if changed:
        return  # it takes 50 clients: below
    together = threading.Barrier(CLIENTS, timeout=120)

    def visit(number):
        with connect() as connection:
            together.wait()
            return [ask(connection, f"SELECT {number}, pg_sleep(0.01)::text")[0][0] for _each in range(3)]

    threading.stack_size(256 * 1024)
    with ThreadPoolExecutor(CLIENTS) as clients:
        visits = list(clients.map(visit, range(CLIENTS)))
    assert visits == [[number] * 3 for number in range(CLIENTS)]
    from_here = f"client_addr = '{host.ansible.get_variables()['ansible_host']}'"  # the other pooler has some, too
    held = int(
        database(f"SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND datname = 'shop' AND {from_here}")
    )
    assert 1 <= held <= 25


def test_more_clients_than_it_takes_are_refused(connect, changed):
    if not changed:
        return
    with contextlib.ExitStack() as opened, pytest.raises(psycopg2.OperationalError, match="max_client_conn"):
        for _each in range(51):
            opened.enter_context(connect())


def test_a_transaction_keeps_its_connection_and_others_wait_for_one(connect, changed):
    size = 3 if changed else 25
    with contextlib.ExitStack() as opened:
        busy = [opened.enter_context(connect()) for _each in range(size)]
        for connection in busy:
            connection.autocommit = False
        servers = {ask(connection, "SELECT pg_backend_pid()")[0][0] for connection in busy}
        assert len(servers) == size
        with connect() as late, ThreadPoolExecutor(1) as waiting:
            answer = waiting.submit(ask, late, "SELECT pg_backend_pid()")
            with pytest.raises(TimeoutError):
                answer.result(timeout=1)
            busy[0].commit()
            assert answer.result(timeout=10)[0][0] in servers


def test_prepared_statements_work_from_one_transaction_to_the_next(connect):
    with connect() as connection, connect() as other:
        ask_twice = "SELECT count(*) FROM pg_prepared_statements"
        for each in (connection, other):
            assert ask(each, ask_twice)


def test_tls_and_the_right_password_alone_let_in(connect):
    with pytest.raises(psycopg2.OperationalError, match="SSL required"):
        connect(sslmode="disable").__enter__()
    with pytest.raises(psycopg2.OperationalError, match="SASL authentication failed"):
        connect(password="guessed").__enter__()
    with pytest.raises(psycopg2.OperationalError, match=r"no such database|not allowed|does not exist"):
        connect(dbname="postgres").__enter__()


def test_the_user_that_was_added_by_a_reload_gets_in(connect):
    with connect("reports") as connection:
        assert ask(connection, "SELECT current_user::text") == [("reports",)]


def test_the_database_is_spoken_to_by_tls(connect):
    with connect() as connection:
        assert ask(connection, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == [(True,)]


def test_it_listens_at_its_address_alone(host, changed):
    port = 6433 if changed else 6432
    heard = host.check_output(f"ss --no-header --listening --tcp --numeric 'sport = :{port}'").splitlines()
    assert [line.split()[3] for line in heard] == [f"{host.ansible.get_variables()['ansible_host']}:{port}"]


def test_secrets_are_nobody_elses_business(host):
    for name in ("userlist.txt", "client.key"):
        file = host.file(f"/etc/pgbouncer/{name}")
        assert (file.mode, file.user) == (0o600, "postgres")
    for password in PASSWORDS.values():
        assert password not in host.file("/etc/pgbouncer/pgbouncer.ini").content_string
        assert password not in host.check_output("ps -A -o args")
        assert password not in host.check_output("journalctl --no-pager --unit pgbouncer")


def test_exporter_shows_the_pools(host, changed):
    if changed:
        figures = host.check_output("curl --silent --max-time 5 http://127.0.0.1:9127/metrics")
        assert "pgbouncer_up 1" in figures
        assert "pgbouncer_databases_pool_size{" in figures
    else:
        assert not host.package("prometheus-pgbouncer-exporter").is_installed
        assert not host.file("/etc/systemd/system/prometheus-pgbouncer-exporter.service.d").exists


def test_lag_of_a_slot_and_connections_are_shown_beside_it(host, changed):
    if not changed:
        return
    figures = host.check_output("curl --silent --max-time 5 http://127.0.0.1:9188/metrics").splitlines()
    shown = {line.partition(" ")[0]: float(line.rpartition(" ")[2]) for line in figures if line[0] != "#"}
    lag = [value for name, value in shown.items() if name.startswith("pg_replication_slots_pg_wal_lsn_diff{")]
    assert len(lag) == 1 and lag[0] > 0
    assert any(name.startswith("pg_replication_slots_active{") and value == 0 for name, value in shown.items())
    assert sum(value for name, value in shown.items() if name.startswith("pg_stat_activity_count{")) >= 1
    assert any(name.startswith("pg_settings_max_connections") and value == 100 for name, value in shown.items())
    assert host.file("/etc/default/prometheus-postgres-exporter").mode == 0o600
