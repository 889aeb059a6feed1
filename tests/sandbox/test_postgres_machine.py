"""PostgreSQL servers alone: who gets in and by which way, what a permission allows, and what survives."""

import contextlib

import psycopg2
import pytest

from sandbox.machines.engine import EngineError, exclusively
from sandbox.machines.postgres import Postgres, Server
from sandbox.settings import Settings

PASSWORD = "R34lP4sSw#Rd'"
PORT = 24936
SERVER = Server(
    cpus=2,
    memory=2 * 10**9,
    parameters={"max_connections": "60", "work_mem": "4MB", "shared_preload_libraries": "pg_stat_statements"},
    port=PORT,
    allowed=("0.0.0.0/0",),
    names=("rw.example.net",),
)


def like(**changes):
    return Server(**vars(SERVER) | changes)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    settings = Settings(name="tests-postgres", home=tmp_path_factory.mktemp("home"), subnet="10.94.0.0/16")
    postgres = Postgres(settings)
    with exclusively(settings.name):  # another run of the tests waits
        postgres.engine.remove_all()
        yield postgres
        postgres.engine.remove_all()
        postgres.wires.forget_host()


@pytest.fixture(scope="module")
def host(postgres):
    """Address of the server `main`, which has the database `app`, its admin `boss`, and `reader`, who has no rights."""
    address = postgres.start("main", SERVER)
    postgres.create_database("main", "app")
    postgres.create_user("main", "boss", PASSWORD, True)
    postgres.create_user("main", "reader", PASSWORD, False)
    postgres.grant("main", "app", "boss", "all")
    with session(postgres, address, "boss") as sql:
        sql("CREATE TABLE post (id serial PRIMARY KEY, text varchar)")
        sql("INSERT INTO post (text) VALUES ('first')")
    return address


@pytest.fixture(autouse=True)
def as_it_was(postgres, host):
    yield
    postgres.apply("main", SERVER)
    postgres.grant("main", "app", "reader", "none")


@contextlib.contextmanager
def session(postgres, host, user, instance="main", **options):
    """Logged in over TLS with the certificate checked: a function that runs a statement and gives the rows."""
    options = {"sslmode": "verify-full", "sslrootcert": postgres.home / instance / "ca.pem", "dbname": "app"} | options
    connection = psycopg2.connect(
        host=host, user=user, password=PASSWORD, connect_timeout=5, **{"port": PORT} | options
    )
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:

        def run(statement):
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

        yield run


def refused(postgres, host, user, pattern, **options):
    with pytest.raises(psycopg2.OperationalError, match=pattern), session(postgres, host, user, **options):
        pass


def test_only_tls_passwords_and_the_endpoint_let_in(postgres, host):
    with session(postgres, host, "boss") as sql:
        assert sql("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == [("TLSv1.3",)]
    refused(postgres, host, "boss", "no encryption", sslmode="disable")
    refused(postgres, host, "boss", "Connection refused", port=5432)
    refused(postgres, host, "reader", "does not have CONNECT privilege")
    refused(postgres, host, "_rdb_superadmin", "rejects connection")


def test_a_client_outside_the_allowed_networks_is_cut_off(postgres, host):
    with session(postgres, host, "boss") as sql:
        postgres.apply("main", like(allowed=("192.0.2.0/24", "192.0.2.7/32")))
        with pytest.raises(psycopg2.OperationalError):
            sql("SELECT 1")
    refused(postgres, host, "boss", "Connection refused")
    postgres.apply("main", like(allowed=(f"{postgres.engine.gateway}/32",)))
    with session(postgres, host, "boss") as sql:
        assert sql("SELECT text FROM post") == [("first",)]


def test_without_a_public_port_there_is_no_way_in(postgres, host):
    postgres.apply("main", like(port=None))
    refused(postgres, host, "boss", "Connection refused")


def test_admins_are_no_superusers(postgres, host):
    with session(postgres, host, "boss") as sql:
        sql("CREATE ROLE colleague")
        sql("DROP ROLE colleague")
        for forbidden in ("SET ROLE _rdb_superadmin", "COPY post TO '/tmp/post'", "ALTER SYSTEM SET work_mem = '1GB'"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                sql(forbidden)


@pytest.mark.parametrize(
    ("permission", "allowed", "forbidden"),
    [
        ("readonly", "SELECT text FROM post", "INSERT INTO post (text) VALUES ('x')"),
        ("readwrite", "INSERT INTO post (text) VALUES ('x') RETURNING id", "CREATE TABLE mine (id int)"),
        ("all", "CREATE TABLE mine (id int); DROP TABLE mine", "SELECT pg_read_file('/etc/passwd')"),
    ],
)
def test_a_permission_allows_what_it_says_and_no_more(postgres, host, permission, allowed, forbidden):
    postgres.grant("main", "app", "reader", permission)
    assert postgres.permissions("main", "app") == {"boss": "all", "reader": permission}
    with session(postgres, host, "reader") as sql:
        sql(allowed)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            sql(forbidden)


def test_a_permission_covers_what_exists_and_is_custom_afterwards(postgres, host):
    postgres.grant("main", "app", "reader", "readonly")
    with session(postgres, host, "boss") as sql:
        sql("CREATE TABLE later (id int)")
        assert postgres.permissions("main", "app") == {"boss": "all", "reader": "custom"}
        sql("DROP TABLE later")


def test_parameters_come_into_force_hot_or_with_a_restart(postgres, host):
    with session(postgres, host, "boss") as sql:
        postgres.apply("main", like(parameters=SERVER.parameters | {"work_mem": "8MB"}))
        assert sql("SHOW work_mem") == [("8MB",)]
    postgres.apply("main", like(parameters=SERVER.parameters | {"max_connections": "70"}))
    with session(postgres, host, "boss") as sql:
        assert sql("SHOW max_connections") == [("70",)]
    with pytest.raises(EngineError, match="work_mem"):
        postgres.apply("main", like(parameters=SERVER.parameters | {"work_mem": "much"}))


def test_logical_replication_is_for_admins_and_those_whom_they_let(postgres, host):
    slot = "SELECT pg_create_logical_replication_slot('{}', 'pgoutput', false, false, true)"
    with session(postgres, host, "boss") as sql, pytest.raises(psycopg2.errors.ObjectNotInPrerequisiteState):
        sql(slot.format("early"))
    postgres.grant("main", "app", "reader", "readonly")
    postgres.apply("main", like(parameters=SERVER.parameters | {"wal_level": "logical"}))
    with session(postgres, host, "boss") as boss, session(postgres, host, "reader") as reader:
        boss(slot.format("changes"))
        boss("CREATE PUBLICATION posts FOR TABLE post")
        boss("INSERT INTO post (text) VALUES ('replicated')")
        decoded = boss(
            "SELECT data FROM pg_logical_slot_get_binary_changes('changes', NULL, NULL, "
            "'proto_version', '1', 'publication_names', 'posts')"
        )
        assert any(b"replicated" in bytes(data) for (data,) in decoded)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            reader(slot.format("forbidden"))
        boss("ALTER ROLE reader REPLICATION")
        reader(slot.format("granted"))
        reader("SELECT pg_drop_replication_slot('granted')")
        assert postgres.permissions("main", "app")["boss"] == "all"
        boss("DROP PUBLICATION posts")
        boss("DELETE FROM post WHERE text = 'replicated'")
        boss("ALTER ROLE reader NOREPLICATION")
    postgres.apply("main", SERVER)  # with a slot that is still there
    assert postgres._query("main", "SELECT slot_name FROM pg_replication_slots") == []


def test_who_is_no_admin_any_more_has_no_rights_over_others(postgres, host):
    postgres.create_user("main", "deputy", PASSWORD, True)
    postgres.update_user("main", "deputy", is_admin=False)
    postgres.grant("main", "app", "deputy", "readonly")
    with session(postgres, host, "deputy") as sql, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        sql("ALTER ROLE reader CONNECTION LIMIT 1")
    postgres.update_user("main", "deputy", is_admin=True)
    with session(postgres, host, "deputy") as sql:
        sql("ALTER ROLE reader CONNECTION LIMIT -1")
    postgres.delete_user("main", "deputy")


def test_limits_of_the_node_are_those_of_the_container(postgres, host):
    postgres.apply("main", like(cpus=3, memory=4 * 10**9))
    limits = postgres.engine.container("postgres-main").attrs["HostConfig"]
    assert (limits["Memory"], limits["CpuQuota"]) == (4 * 10**9, 300_000)


def test_a_dump_is_restored_with_owners_and_rights(postgres, host, tmp_path):
    postgres.grant("main", "app", "reader", "readonly")
    postgres.dump("main", "app", tmp_path / "dump")
    assert (tmp_path / "dump").stat().st_mode & 0o777 == 0o600
    with session(postgres, host, "boss") as sql:
        before = sql("SELECT * FROM post")
        sql("DROP TABLE post")
    postgres.restore("main", "app", tmp_path / "dump")
    assert postgres.permissions("main", "app") == {"boss": "all", "reader": "readonly"}
    with session(postgres, host, "boss") as sql:
        assert sql("SELECT * FROM post") == before
        sql("ALTER TABLE post ADD COLUMN author varchar")


def test_data_users_and_address_survive_a_stop(postgres, host):
    postgres.engine.stop_all()
    assert postgres.start("main", SERVER) == host
    with session(postgres, host, "boss") as sql:
        assert ("first",) in sql("SELECT text FROM post")


def test_a_copy_starts_as_a_server_of_its_own(postgres, host, tmp_path):
    postgres.copy("main", tmp_path / "copy")
    address = postgres.start("second", SERVER, origin=tmp_path / "copy")
    assert address != host
    with session(postgres, address, "boss", "second") as sql:
        sql("DELETE FROM post")
    with session(postgres, host, "boss") as sql:
        assert sql("SELECT count(*) FROM post") != [(0,)]
    postgres.remove("second", SERVER)
    assert not (postgres.home / "second").exists()


def test_a_renewed_certificate_replaces_the_authority(postgres, host):
    before = postgres.certificate("main")
    postgres.renew_certificate("main", SERVER)
    assert postgres.certificate("main") != before
    with session(postgres, host, "boss") as sql:
        sql("SELECT 1")


def test_what_a_deleted_user_owned_stays(postgres, host):
    postgres.create_user("main", "guest", PASSWORD, False)
    postgres.grant("main", "app", "guest", "all")
    with session(postgres, host, "guest") as sql:
        sql("CREATE TABLE left_behind (id int)")
    postgres.delete_user("main", "guest")
    with session(postgres, host, "boss") as sql:
        assert sql("SELECT tableowner FROM pg_tables WHERE tablename = 'left_behind'") == [("_rdb_superadmin",)]
    refused(postgres, host, "guest", "authentication failed")


def test_a_server_that_cannot_start_says_why(postgres, host):
    with pytest.raises(EngineError, match="no_such_library"):
        postgres.start("broken", like(parameters={"shared_preload_libraries": "no_such_library"}))
    postgres.remove("broken", SERVER)


def test_a_private_network_leads_to_the_server(postgres, host):
    """Two servers on one network, the one reaching the other at 5432 without regard to its allowed networks."""
    closed = like(port=None, allowed=(), private={"lan": "192.168.77.10/24"})
    postgres.apply("main", closed)
    postgres.start("neighbour", like(private={"lan": "192.168.77.11/24"}))
    assert (
        postgres._execute("neighbour", ["pg_isready", "-h", "192.168.77.10"]).strip().endswith(b"accepting connections")
    )
    postgres.restart("main", closed)
    postgres._execute("neighbour", ["pg_isready", "-h", "192.168.77.10"])
    postgres.disconnect("main", "lan")
    with pytest.raises(EngineError):
        postgres._execute("neighbour", ["pg_isready", "-h", "192.168.77.10", "-t", "1"])
    postgres.remove("neighbour", like(private={"lan": "192.168.77.11/24"}))


def test_a_replica_streams_what_its_source_does_and_takes_no_writes(postgres, host):
    reader = like(port=5432)
    address = postgres.reserve("replica", reader)
    postgres.apply("main", like(peers=(address,)))
    postgres.follow("replica", reader, "main")
    with session(postgres, host, "boss") as sql:
        sql("INSERT INTO post (text) VALUES ('streamed')")
    postgres.await_replay("replica", "main")
    connection = psycopg2.connect(
        host=address, port=5432, dbname="app", user="boss", password=PASSWORD, sslmode="require"
    )
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM post WHERE text = 'streamed'")
        assert cursor.fetchall() == [(1,)]
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
            cursor.execute("INSERT INTO post (text) VALUES ('here')")
    postgres.forget("replica", "main")
    postgres.remove("replica", reader)
    assert postgres._query("main", "SELECT 1 FROM pg_replication_slots") == []
    with session(postgres, host, "boss") as sql:
        sql("DELETE FROM post WHERE text = 'streamed'")
