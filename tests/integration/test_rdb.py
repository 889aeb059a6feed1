"""Managed Database as its users have it: role rdb, and psycopg2 over TLS with the certificate checked."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time

import psycopg2
import pytest
from psycopg2.extras import LogicalReplicationConnection

GB = 10**9
ROLE = {
    "rdb_name": "shop",
    "rdb_tags": ["shop"],
    "rdb_acl_rules": [{"ip": "10.0.0.0/8", "description": "this machine"}],
    "rdb_settings": {"work_mem": 6, "max_connections": 100},
    "rdb_databases": ["shop", "stats"],
    "rdb_users": [
        {"name": "owner", "secret": "/shop/owner-password", "privileges": [{"database": "shop", "permission": "all"}]},
        {"name": "reports", "secret": "/shop/reports-password", "privileges": [
            {"database": "shop", "permission": "readonly"}, {"database": "stats", "permission": "readwrite"}]},
    ],
}  # fmt: skip
LOGICAL_REPLICATION = {
    "rdb.enable_logical_replication": "on",
    "hot_standby_feedback": "on",
    "sync_replication_slots": "on",
}
FOUND = "{{ {'endpoint': rdb_endpoint, 'certificate': rdb_certificate, 'pool_size': rdb_pool_size} }}"
PASSWORDS = "{{ query('stackway.scaleway.secret', '/shop/owner-password', '/shop/reports-password', planned=true) }}"


def changed(results):
    return sorted(name for name, result in results.items() if result.get("changed"))


class Site:
    """The role, run as a playbook does, and the way into its database."""

    def __init__(self, sandbox, folder):
        self.sandbox, self.folder = sandbox, folder

    def run(self, *arguments, **variables):
        """{task: result}; what the role found out is kept."""
        play = {"hosts": "localhost", "gather_facts": False, "vars": ROLE | variables}
        play["roles"] = [{"role": "stackway.scaleway.rdb"}]
        play["post_tasks"] = [
            {"name": name, "ansible.builtin.debug": {"msg": value}, "when": "rdb_endpoint is defined"}
            for name, value in (("found", FOUND), ("passwords", PASSWORDS))
        ]
        file = self.folder / "site.yml"
        file.write_text(json.dumps([play]))
        results = self.sandbox.playbook(str(file), "-i", "localhost,", "-c", "local", *arguments)
        results = {name.rpartition(" : ")[2]: result for name, result in results.items()}
        if "msg" in results.get("found", {}) and "--check" not in arguments:
            self.found = results["found"]["msg"]
            self.passwords = dict(zip(("owner", "reports"), results["passwords"]["msg"], strict=True))
            (self.folder / "ca.pem").write_text(self.found["certificate"])
        return results

    def task(self, module, **options):
        result = self.sandbox.task(module, options)
        assert not result.get("failed"), result.get("msg")
        return result

    def inside(self, server, command):
        """What a command says in the machine behind an instance of Instances."""
        machine = f"{self.sandbox.settings['SANDBOX_NAME']}-{server}"
        done = subprocess.run(["docker", "exec", machine, "sh", "-c", command], capture_output=True, text=True)
        return done.stdout.strip() or done.stderr.strip()

    def connect(self, user, database="shop", **options):
        where = {"host": self.found["endpoint"]["ip"], "port": self.found["endpoint"]["port"], "connect_timeout": 5}
        trust = {"sslmode": "verify-full", "sslrootcert": self.folder / "ca.pem"}
        password = {"password": self.passwords.get(user)}
        return psycopg2.connect(user=user, dbname=database, **where | trust | password | options)

    @contextlib.contextmanager
    def sql(self, user, database="shop", **options):
        connection = self.connect(user, database, **options)
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:

            def run(statement):
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else None

            yield run


@pytest.fixture(scope="module")
def site(sandbox, tmp_path_factory):
    site = Site(sandbox, tmp_path_factory.mktemp("rdb"))
    site.planned, site.done, site.again = site.run("--check"), site.run(), site.run()
    with site.sql("owner") as sql:
        sql("CREATE TABLE post (id serial PRIMARY KEY, text varchar)")
        sql("INSERT INTO post (text) VALUES ('first')")
    yield site
    site.run(rdb_state="absent")


def test_the_role_is_predicted_done_once_and_left_alone(site):
    assert not [name for name, result in (site.planned | site.done).items() if result.get("failed")]
    assert changed(site.planned) == changed(site.done) == [
        "Have the databases", "Have the instance", "Have the passwords", "Have the users",
        "Let in who may reach it, and nobody else", "Let them do what they may",
    ]  # fmt: skip
    assert changed(site.again) == []
    assert site.found["pool_size"] == 40


def test_permissions_hold(site):
    site.run()  # for the table that was made since
    with site.sql("reports") as sql:
        assert sql("SELECT text FROM post") == [("first",)]
        for forbidden in ("INSERT INTO post (text) VALUES ('x')", "CREATE TABLE mine (id int)"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                sql(forbidden)
    with pytest.raises(psycopg2.OperationalError, match="CONNECT privilege"):
        site.connect("owner", "stats")


def test_nobody_gets_in_without_tls_or_with_another_password(site):
    with pytest.raises(psycopg2.OperationalError, match="no encryption"):
        site.connect("owner", sslmode="disable")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        site.connect("owner", password="An0ther#Word")


def test_settings_and_the_node_types_connection_limit_are_in_force(site):
    with site.sql("owner") as sql:
        assert sql("SHOW work_mem") == [("6MB",)]
        assert sql("SHOW max_connections") == [("100",)]
    too_many = pytest.raises(psycopg2.OperationalError, match=r"connection slots|too many clients")
    with contextlib.ExitStack() as opened, too_many:
        for _ in range(101):
            opened.callback(site.connect("owner").close)


def test_a_client_outside_the_acl_is_refused(site):
    site.run(rdb_acl_rules=[{"ip": "192.0.2.0/24"}])
    with pytest.raises(psycopg2.OperationalError, match="Connection refused"):
        site.connect("owner")
    site.run()
    site.connect("owner").close()


def test_a_read_replica_follows_the_database_and_its_settings(site):
    wanted = {
        "rdb_read_replicas": [{"direct_access": True}],
        "rdb_settings": {"work_mem": 7, "max_connections": 80, "effective_cache_size": 900} | LOGICAL_REPLICATION,
    }
    site.run()  # for the tables that were made since
    planned, done, again = site.run("--check", **wanted), site.run(**wanted), site.run(**wanted)
    assert changed(planned) == changed(done) == ["Have the instance", "Have the read replicas"]
    assert changed(again) == []
    where = site.task("rdb_read_replica_info", instance_id="shop")["read_replicas"][0]["endpoints"][0]
    replica = {"host": where["ip"], "port": where["port"]}
    with site.sql("owner") as sql, site.sql("reports", **replica) as copy:
        sql("CREATE TABLE streamed AS SELECT 1")
        sql("GRANT SELECT ON streamed TO reports")
        deadline = time.monotonic() + 10
        while (
            not (found := copy("SELECT 1 FROM pg_tables WHERE tablename = 'streamed'")) and time.monotonic() < deadline
        ):
            time.sleep(0.05)
        assert found == [(1,)]
        for server in (sql, copy):
            shown = [server(f"SHOW {name}")[0][0] for name in wanted["rdb_settings"]]
            assert shown == ["7MB", "80", "900MB", "on", "on", "on"]
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
            copy("CREATE TABLE here (id int)")
        sql("DROP TABLE streamed")
    assert changed(site.run()) == ["Have the instance", "Remove them, the last first"]
    with pytest.raises(psycopg2.OperationalError):
        site.connect("reports", **replica)


def test_changes_are_read_from_a_slot_once_settings_switch_logical_replication_on(site):
    site.task("rdb_user", instance_id="shop", name="changes", password="R3plic#tion", is_admin=True)
    site.task("rdb_privilege", instance_id="shop", user_name="changes", database_name="shop", permission="all")
    login = {"user": "changes", "password": "R3plic#tion"}
    slot = "SELECT pg_create_logical_replication_slot('changes', 'pgoutput', false, false, true)"
    off = ROLE["rdb_settings"] | dict.fromkeys(LOGICAL_REPLICATION, "off")
    site.run(rdb_settings=off)
    with site.sql(**login) as sql, pytest.raises(psycopg2.errors.ObjectNotInPrerequisiteState, match="wal_level"):
        sql(slot)

    wanted = ROLE["rdb_settings"] | LOGICAL_REPLICATION
    assert changed(site.run("--check", rdb_settings=wanted)) == ["Have the instance"]
    assert changed(site.run(rdb_settings=wanted)) == ["Have the instance"]
    assert changed(site.run(rdb_settings=wanted)) == []
    with site.sql(**login) as sql:
        assert sql("SHOW wal_level") == [("logical",)]
        assert sql("SHOW max_replication_slots") == [("100",)]
        sql("CREATE TABLE watched (id int PRIMARY KEY, text varchar)")
        sql("CREATE PUBLICATION watched FOR TABLE watched")
        sql(slot)
        sql("INSERT INTO watched VALUES (1, 'streamed')")
        stream = site.connect(connection_factory=LogicalReplicationConnection, **login)
        with contextlib.closing(stream), stream.cursor() as cursor:
            options = {"proto_version": "1", "publication_names": "watched"}
            cursor.start_replication("changes", decode=False, options=options)
            received, deadline = b"", time.monotonic() + 10
            while b"streamed" not in received and time.monotonic() < deadline:
                message = cursor.read_message()
                received += message.payload if message else b""
            assert b"streamed" in received
            assert sql("SELECT active, failover FROM pg_replication_slots") == [(True, True)]
    with site.sql("owner") as sql, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        sql(slot.replace("changes", "forbidden"))

    site.run(rdb_settings=off)  # which leaves no slot behind: a server that has one does not start without
    with site.sql(**login) as sql:
        assert sql("SELECT * FROM pg_replication_slots") == []
        sql("DROP TABLE watched")
    site.task("rdb_user", instance_id="shop", name="changes", state="absent")


def test_a_backup_brings_back_what_was_deleted(site):
    backup = {"instance_id": "shop", "name": "before"}
    assert site.task("rdb_backup", **backup, database_name="shop")["changed"]
    with site.sql("owner") as sql:
        sql("DELETE FROM post")
    site.task("rdb_backup", **backup, state="restored", target_database_name="looked_at")
    site.task("rdb_backup", **backup, state="restored")
    with site.sql("owner") as sql:
        assert sql("SELECT text FROM post") == [("first",)]
    found = site.task("rdb_database_info", instance_id="shop")["databases"]
    assert {database["name"] for database in found} >= {"rdb", "shop", "stats", "looked_at"}
    site.task("rdb_database", instance_id="shop", name="looked_at", state="absent")
    site.task("rdb_backup", **backup, state="absent")
    assert site.task("rdb_backup_info", instance_id="shop")["database_backups"] == []


def test_data_survive_another_node_type_a_larger_volume_and_a_restart(site):
    site.run(rdb_node_type="DB-DEV-M", rdb_volume_size=15 * GB)
    site.sandbox.cli("down")
    site.sandbox.cli("up")
    again = site.run(rdb_node_type="DB-DEV-M", rdb_volume_size=15 * GB)
    assert changed(again) == []
    with site.sql("owner") as sql:
        assert sql("SELECT text FROM post") == [("first",)]
    smaller = site.run(rdb_node_type="DB-DEV-M", rdb_volume_size=10 * GB)
    assert changed(smaller) == []
    assert "shop keeps its volume of 15 GB, more than is declared" in smaller["Tell what cannot be taken back"]["msg"]
    refused = site.sandbox.task("rdb_instance", {"name": "shop", "volume_size": 10 * GB})
    assert "a volume cannot shrink" in refused["msg"]


def test_a_password_is_compared_by_logging_in(site):
    user = {"instance_id": "shop", "name": "guest", "update_password": "always"}
    assert site.task("rdb_user", **user, password="F1rst#Word")["changed"]
    assert not site.task("rdb_user", **user, password="F1rst#Word")["changed"]
    assert site.task("rdb_user", **user, password="Sec0nd#Word")["changed"]
    assert not site.task("rdb_user", **user, password="Sec0nd#Word")["changed"]
    assert not site.task("rdb_user", **user | {"update_password": "on_create"}, password="Th1rd#Word")["changed"]
    assert site.task("rdb_user", **user, state="absent")["changed"]


def test_high_availability_is_not_taken_away(site):
    site.task("rdb_instance", name="shop", is_ha_cluster=True)
    result = site.sandbox.task("rdb_instance", {"name": "shop", "is_ha_cluster": False})
    assert "is_ha_cluster: can be added to instance shop, not taken away" in result["msg"]


def test_another_engine_wants_the_instance_to_be_replaced(api_sandbox):
    wanted = {"name": "replaced", "engine": "PostgreSQL-16", "node_type": "DB-DEV-S"}
    before = api_sandbox.task("rdb_instance", wanted)["instance"]
    refused = api_sandbox.task("rdb_instance", wanted | {"engine": "PostgreSQL-17"})
    assert "engine: cannot change on an existing instance" in refused["msg"]
    assert "set recreate: true to replace it" in refused["msg"]
    replaced = api_sandbox.task("rdb_instance", wanted | {"engine": "PostgreSQL-17", "recreate": True})
    assert replaced["instance"]["engine"] == "PostgreSQL-17"
    assert replaced["instance"]["id"] != before["id"]
    api_sandbox.task("rdb_instance", {"name": "replaced", "state": "absent"})


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"rdb_databases": ["stats"]}, "privilege on the database shop, which is not in rdb_databases"),
        ({"rdb_acl_rules": [{"ip": "everyone"}]}, "rdb_acl_rules: everyone is not an address or network"),
        ({"rdb_load_balancer": False}, "needs rdb_private_network"),
        ({"rdb_node_type": "DB-HUGE"}, "node_type: DB-HUGE is not offered"),
        ({"rdb_settings": {"no_such": 1}}, "settings: no_such: no setting of PostgreSQL-17"),
        ({"rdb_users": [{"name": "x"}]}, "missing required arguments: secret"),
    ],
)
def test_bad_input_is_refused_before_anything_is_created(site, variables, message):
    results = site.run(**{"rdb_name": "refused"} | variables)
    assert any(message in json.dumps(result) for result in results.values() if result.get("failed"))
    assert site.task("rdb_instance_info", name="refused")["instances"] == []


def test_an_instance_reaches_the_database_by_their_private_network_alone(site):
    """From an instance in the network: port 5432 of the private address answers, whoever the ACL lets in."""
    tasks = [
        {"name": "network", "stackway.scaleway.vpc_private_network": {"name": "rdb-lan"}},
        {"name": "private", "stackway.scaleway.rdb_instance": {"name": "shop", "private_network_id": "rdb-lan"}},
        {"name": "closed", "stackway.scaleway.rdb_acl": {"instance_id": "shop", "rules": []}},
    ]
    results = site.sandbox.play(tasks)
    assert not [result["msg"] for result in results.values() if result.get("failed")]
    (endpoint,) = [each for each in results["private"]["instance"]["endpoints"] if "private_network" in each]
    assert endpoint["port"] == 5432
    with pytest.raises(psycopg2.OperationalError):
        site.connect("owner")
    server = {"commercial_type": "PLAY2-PICO", "image": "debian_trixie", "name": "rdb-neighbour"}
    wanted = server | {"private_networks": ["rdb-lan"]}
    made = site.task("instance_server", **wanted)["server"]
    probe = f"timeout 5 bash -c '</dev/tcp/{endpoint['ip']}/5432' && echo open"
    assert site.inside(made["id"], probe) == "open"
    alone = {
        "rdb_load_balancer": False,
        "rdb_private_network": "rdb-lan",
        "rdb_is_ha_cluster": True,
        "rdb_acl_rules": [],
    }
    kept = {"rdb_node_type": "DB-DEV-M", "rdb_volume_size": 15 * GB}
    site.run(**alone, **kept)
    assert changed(site.run(**alone, **kept)) == []
    assert site.found["endpoint"]["ip"] == endpoint["ip"]
    (left,) = site.task("rdb_instance_info", name="shop")["instances"]
    assert left["is_ha_cluster"] and left["endpoint"] is None and len(left["endpoints"]) == 1
    assert site.inside(made["id"], probe) == "open"
    site.task("instance_server", name="rdb-neighbour", state="absent")
    site.run(rdb_node_type="DB-DEV-M", rdb_volume_size=15 * GB)  # which takes the private endpoint away again
    site.task("vpc_private_network", name="rdb-lan", state="absent")
