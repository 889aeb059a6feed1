"""PostgreSQL servers, one container each, with TLS, a firewall and the limits of their node."""

import contextlib
import hashlib
import io
import ipaddress
import os
import secrets
import shutil
import tarfile
import time
from dataclasses import dataclass, replace

import psycopg2
from psycopg2 import sql

from . import node
from .authority import Authority
from .engine import EngineError
from .node import write

SUPERUSER = "_rdb_superadmin"
ADMINS = "_rdb_admin"
REPLICATOR = "_rdb_replication"
SERVER_UID = 5432  # of images/postgres
PORT = 5432
BOOT_SECONDS = 60

# The superuser comes in by the socket alone, which lies in a directory that only the owner of the sandbox can enter.
HBA = f"""\
local   all          {SUPERUSER}        trust
local   replication  {SUPERUSER}        trust
hostssl all          {SUPERUSER}  all   reject
hostssl replication  {REPLICATOR} all   scram-sha-256
hostssl all          {REPLICATOR} all   reject
hostssl all          all              all   scram-sha-256
"""

PERMISSIONS = {
    # permission: (on the database, on schemas, on tables, on sequences, on routines)
    "none": (),
    "readonly": ("CONNECT", "USAGE", "SELECT", "SELECT", None),
    "readwrite": ("CONNECT, TEMPORARY", "USAGE", "SELECT, INSERT, UPDATE, DELETE", "SELECT, USAGE, UPDATE", "EXECUTE"),
    "all": ("ALL", "ALL", "ALL", "ALL", "ALL"),
}

SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"

# Per user: what it may do with the database, and whether it may read, write and alter all (any) of the tables.
INSPECTION = """
SELECT role.rolname,
       has_database_privilege(role.oid, current_database(), 'CONNECT'),
       has_database_privilege(role.oid, current_database(), 'TEMPORARY'),
       has_database_privilege(role.oid, current_database(), 'CREATE'),
       coalesce(bool_and(may.read), true),
       coalesce(bool_and(may.write), true), coalesce(bool_or(may.write), false),
       coalesce(bool_and(may.alter), true), coalesce(bool_or(may.alter), false)
FROM pg_roles role
LEFT JOIN (pg_class JOIN pg_namespace space ON space.oid = relnamespace
           AND nspname !~ '^pg_' AND nspname <> 'information_schema') ON relkind IN ('r', 'p', 'v', 'm', 'f')
LEFT JOIN LATERAL (
    SELECT has_table_privilege(role.oid, pg_class.oid, 'SELECT') AS read,
           has_table_privilege(role.oid, pg_class.oid, 'INSERT')
           AND has_table_privilege(role.oid, pg_class.oid, 'UPDATE')
           AND has_table_privilege(role.oid, pg_class.oid, 'DELETE') AS write,
           has_table_privilege(role.oid, pg_class.oid, 'TRUNCATE')
           AND has_table_privilege(role.oid, pg_class.oid, 'REFERENCES') AS alter
) may ON pg_class.oid IS NOT NULL
WHERE role.rolcanlogin AND NOT role.rolsuper AND role.rolname !~ '^_rdb_'
GROUP BY role.oid, role.rolname
"""

# A user is either one of the admins or somebody whose rights they may change: a circle of roles is refused.
JOIN_ADMINS = f"""
ALTER ROLE {{user}} CREATEDB CREATEROLE REPLICATION;
REVOKE {{user}} FROM {ADMINS};
GRANT {ADMINS} TO {{user}};
"""
LEAVE_ADMINS = f"""
ALTER ROLE {{user}} NOCREATEDB NOCREATEROLE NOREPLICATION;
REVOKE {ADMINS} FROM {{user}};
GRANT {{user}} TO {ADMINS} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
"""

DROP_LOGICAL_SLOTS = """
SELECT pg_terminate_backend(active_pid, 10000), pg_drop_replication_slot(slot_name)
FROM pg_replication_slots WHERE slot_type = 'logical'
"""


class ConcurrentUpdate(Exception):
    """Two changes of the same catalogue row met: the server refused one of them."""


@dataclass(frozen=True, kw_only=True)
class Server(node.Server):
    """`parameters` are those of postgresql.conf."""

    parameters: dict[str, str]


class Postgres(node.Node):
    """Real servers. An `instance` is the caller's identifier of one, a `server` what it should be like."""

    kind = "postgres"
    port = PORT

    # Servers

    def start(self, instance, server, origin=None):
        """Start a server, made new (or from `origin`, a file that `copy` wrote) if it does not exist; its public address.

        It returns once the server takes connections. Raises EngineError with the end of its log if it does not.
        """
        address, container = self.reserve(instance, server), self._container(instance)
        if origin and not (self._home(instance) / "node" / "postgresql.conf").exists():
            with origin.open("rb") as copy:
                container.put_archive("/var/lib/postgresql/data", copy)
        self._prepare(container, self._home(instance), server)
        container.start()
        self._boot(instance, server)
        return address

    def reserve(self, instance, server):
        """Have the machine of a server, which does not run yet if it is new; its address."""
        name, home = self._name(instance), self._home(instance)
        for folder, mode in ((self.home, 0o700), (home, 0o700), (home / "node", 0o755), (home / "socket", 0o711)):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)  # whatever the umask
        if not (container := self.engine.container(name)):
            (home / "node" / "postgresql.conf").unlink(missing_ok=True)  # the container waits for it
            container = self._create(name, home, server)
        return self.engine.address(container)

    # Replicas

    def follow(self, replica, server, source):
        """Start a server that was reserved as a read-only copy of `source`, which streams every change to it.

        The source has to let its address in. It returns once the replica takes connections and streams.
        """
        command = [
            *("pg_basebackup", "--pgdata=/var/lib/postgresql/data", "--wal-method=stream", "--checkpoint=fast"),
            *("--write-recovery-conf", "--create-slot", f"--slot={_slot(replica)}"),
            *(f"--host={self.engine.address(self._container(source))}", f"--username={REPLICATOR}"),
        ]
        password = self._replication_password(source)
        for file in ("ca.pem", "ca.key"):  # who trusts the source trusts its replicas
            shutil.copy2(self._home(source) / file, self._home(replica) / file)
        self.forget(replica, source)
        self._execute(replica, ["sh", "-c", "rm -rf /var/lib/postgresql/data/*"])
        self._execute(replica, command, environment={"PGPASSWORD": password})
        self.start(replica, server)
        deadline = time.monotonic() + BOOT_SECONDS
        while not self._query(replica, "SELECT 1 FROM pg_stat_wal_receiver WHERE status = 'streaming'"):
            if time.monotonic() > deadline:
                raise EngineError(f"replica {replica} does not stream from {source}")
            time.sleep(0.1)

    def await_replay(self, replica, source):
        """Wait until the replica has everything that the source has now, or needs larger parameters to go on."""
        ((position,),) = self._query(source, "SELECT pg_current_wal_flush_lsn()")
        deadline = time.monotonic() + BOOT_SECONDS
        behind = (
            f"SELECT 1 WHERE pg_last_wal_replay_lsn() < '{position}' AND pg_get_wal_replay_pause_state() <> 'paused'"
        )
        while self._query(replica, behind):
            if time.monotonic() > deadline:
                raise EngineError(f"replica {replica} does not catch up with {source}")
            time.sleep(0.05)

    def forget(self, replica, source):
        """Keep nothing for a replica any more."""
        slot = sql.Literal(_slot(replica))
        found = sql.SQL(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = {}"
        ).format(slot)
        deadline = time.monotonic() + BOOT_SECONDS
        while self._query(source, found):
            try:
                self._query(source, sql.SQL("SELECT pg_drop_replication_slot({})").format(slot))
            except psycopg2.errors.ObjectInUse as error:  # who was told to go is still on the way
                if time.monotonic() > deadline:
                    raise EngineError(f"replica {replica}: {error}") from error
                time.sleep(0.05)

    def _replication_password(self, source):
        """Password of the role that replicas log in with; the server gets one when it is first needed."""
        file = self._home(source) / "replication"
        if not file.exists():
            write(file, secrets.token_hex(32).encode(), 0o600)
        password = file.read_text()
        role, known = sql.Identifier(REPLICATOR), f"SELECT 1 FROM pg_roles WHERE rolname = '{REPLICATOR}'"
        verb = "ALTER" if self._query(source, known) else "CREATE"
        with self._session(source) as session:
            verifier = psycopg2.extensions.encrypt_password(password, REPLICATOR, session.connection, "scram-sha-256")
            statement = sql.SQL(f"{verb} ROLE {{}} LOGIN REPLICATION PASSWORD {{}}")
            session.execute(statement.format(role, sql.Literal(verifier)))
        return password

    def restart(self, instance, server):
        self._container(instance).restart(timeout=30)
        self._boot(instance, server)

    def apply(self, instance, server):
        """Bring a running server to what it should be like, with a restart if a parameter wants it.

        Raises EngineError if a parameter is refused.
        """
        container = self._container(instance)
        container.update(**server.limits)
        if server.parameters.get("wal_level") != "logical":  # a server that has logical slots would not start without
            self._query(instance, DROP_LOGICAL_SLOTS)
        (loaded,) = self._query(instance, "SELECT pg_conf_load_time()")
        self._prepare(container, self._home(instance), server)
        self._connect(container, instance, server)
        self._execute(instance, ["node", "refresh"])
        self._query(instance, "SELECT pg_reload_conf()")
        deadline = time.monotonic() + 10
        while self._query(instance, "SELECT pg_conf_load_time()") == [loaded] and time.monotonic() < deadline:
            time.sleep(0.02)
        pending = {name for (name,) in self._query(instance, "SELECT name FROM pg_settings WHERE pending_restart")}
        errors = self._query(instance, "SELECT name, error FROM pg_file_settings WHERE error IS NOT NULL")
        if refused := [f"{name}: {error}" for name, error in errors if name and name not in pending]:
            raise EngineError("; ".join(refused))
        if pending:
            self.restart(instance, server)

    def renew_certificate(self, instance, server):
        self._forget_certificate(instance)
        self.apply(instance, server)

    # Databases, users, permissions

    def databases(self, instance):
        """{name: (owner, size in bytes)}"""
        statement = """SELECT datname, pg_get_userbyid(datdba), pg_database_size(oid) FROM pg_database
                       WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY oid"""
        return {name: (owner, size) for name, owner, size in self._query(instance, statement)}

    def connections(self, instance):
        """({database: connections that are open}, how many there may be)"""
        statement = "SELECT datname, numbackends FROM pg_stat_database WHERE datname !~ '^template|^postgres$'"
        (most,) = self._query(instance, "SELECT current_setting('max_connections')::int")[0]
        return dict(self._query(instance, statement)), most

    def create_database(self, instance, name):
        self._query(instance, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        self._query(instance, sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))

    def delete_database(self, instance, name):
        self._query(instance, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def create_user(self, instance, name, password, is_admin):
        self._query(instance, sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        self.update_user(instance, name, password, is_admin)

    def update_user(self, instance, name, password=None, is_admin=None):
        """The server only ever sees the SCRAM verifier of the password."""
        role = sql.Identifier(name)
        with self._session(instance) as session:
            if password is not None:
                verifier = psycopg2.extensions.encrypt_password(password, name, session.connection, "scram-sha-256")
                session.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(verifier)))
            if is_admin is not None:
                session.execute(sql.SQL("SELECT 1 FROM pg_roles WHERE rolname = {}").format(sql.Literal(ADMINS)))
                if not session.fetchone():
                    session.execute(f"CREATE ROLE {ADMINS}")
                session.execute(sql.SQL(JOIN_ADMINS if is_admin else LEAVE_ADMINS).format(user=role))

    def delete_user(self, instance, name):
        """Delete a role; what it owned goes to the superuser."""
        role = sql.Identifier(name)
        for database in [*self.databases(instance), "postgres"]:
            for statement in (f"REASSIGN OWNED BY {{}} TO {SUPERUSER}", "DROP OWNED BY {}"):
                self._query(instance, sql.SQL(statement).format(role), database)
        self._query(instance, sql.SQL("DROP ROLE {}").format(role))

    def grant(self, instance, database, user, permission):
        """Give `user` exactly this permission on the database and on everything that is in it now.

        Raises ConcurrentUpdate if another grant was under way.
        """
        with self._session(instance, database) as session:
            session.execute("BEGIN")
            session.execute(SCHEMAS)
            schemas = [name for (name,) in session.fetchall()]
            try:
                for verb, rights in (("REVOKE", PERMISSIONS["all"]), ("GRANT", PERMISSIONS[permission])):
                    for statement in self._statements(verb, rights, database, schemas, user):
                        session.execute(statement)
                session.execute("COMMIT")
            except psycopg2.errors.InternalError_ as error:
                raise ConcurrentUpdate(str(error).strip()) from error

    @staticmethod
    def _statements(verb, rights, database, schemas, user):
        direction = "TO" if verb == "GRANT" else "FROM"
        targets = [(rights[:1], "DATABASE", database)]
        for schema in schemas:
            kinds = ("SCHEMA", "ALL TABLES IN SCHEMA", "ALL SEQUENCES IN SCHEMA", "ALL ROUTINES IN SCHEMA")
            targets += [((right,), kind, schema) for right, kind in zip(rights[1:], kinds, strict=False)]
        for right, kind, name in targets:
            if right and right[0]:
                yield sql.SQL(f"{verb} {right[0]} ON {kind} {{}} {direction} {{}}").format(
                    sql.Identifier(name), sql.Identifier(user)
                )

    def permissions(self, instance, database):
        """{user: permission} as the server's own catalogue tells; "custom" is what `grant` would not have given."""
        found = {}
        for user, connect, temporary, create, reads, writes, writes_any, alters, alters_any in self._query(
            instance, INSPECTION, database
        ):
            permission = "all" if create else "readwrite" if temporary else "readonly" if connect else "none"
            fits = {
                "none": True,
                "readonly": reads and not writes_any,
                "readwrite": reads and writes and not alters_any,
                "all": reads and writes and alters,
            }
            found[user] = permission if fits[permission] else "custom"
        return found

    # Copies

    def dump(self, instance, database, path):
        """Write the database into `path`, in PostgreSQL's custom format."""
        self._execute(instance, ["pg_dump", "--format=custom", database], path)

    def restore(self, instance, database, path):
        """Replace the database by the dump. Owners that do not exist here give way to the superuser."""
        size, archive = path.stat().st_size, io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar, path.open("rb") as dump:
            entry = tarfile.TarInfo("restore")
            entry.size, entry.mode, entry.uid = size, 0o600, SERVER_UID
            tar.addfile(entry, dump)
        self._container(instance).put_archive("/tmp", archive.getvalue())
        contents = self._execute(instance, ["pg_restore", "--list", "/tmp/restore"]).decode()
        owners = {line.rsplit(maxsplit=1)[-1] for line in contents.splitlines() if line and not line.startswith(";")}
        roles = {name for (name,) in self._query(instance, "SELECT rolname FROM pg_roles")}
        foreign = [] if owners <= roles else ["--no-owner", "--no-privileges"]
        granted = self._granted(
            instance, database
        )  # a dump holds the rights on what is in a database, not those on itself
        self.delete_database(instance, database)
        self.create_database(instance, database)
        for user, right in granted:
            statement = sql.SQL(f"GRANT {right} ON DATABASE {{}} TO {{}}")
            self._query(instance, statement.format(sql.Identifier(database), sql.Identifier(user)))
        self._execute(
            instance,
            ["pg_restore", "--exit-on-error", "--single-transaction", *foreign, f"--dbname={database}", "/tmp/restore"],
        )
        self._execute(instance, ["rm", "/tmp/restore"])

    def _granted(self, instance, database):
        """[(user, right)] on the database itself."""
        statement = """SELECT rolname, privilege_type FROM pg_database, aclexplode(datacl) AS entry
                       JOIN pg_roles ON pg_roles.oid = entry.grantee WHERE datname = {} AND NOT rolsuper"""
        return self._query(instance, sql.SQL(statement).format(sql.Literal(database)))

    def copy(self, instance, path):
        """Write the whole server, as it is at this moment, into `path`; `start` takes it as an origin."""
        self._execute(
            instance, ["pg_basebackup", "--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast"], path
        )

    # Inside

    def _create(self, name, home, server):
        folders = {home / "node": "/etc/node", home / "socket": "/run/postgresql"}
        volumes = {str(folder.resolve()): {"bind": inside, "mode": "rw"} for folder, inside in folders.items()}
        volumes[self.engine.volume(name)] = {"bind": "/var/lib/postgresql/data", "mode": "rw"}
        return self.engine.run(
            name,
            "postgres",
            cap_add=["NET_ADMIN"],
            security_opt=["no-new-privileges"],
            shm_size=server.memory // 4,
            volumes=volumes,
            **server.limits,
        )

    def _prepare(self, container, home, server):
        """Write everything that the node reads at /etc/node; the parameters last, for which a new one waits."""
        self._secure(container, home, server)
        write(home / "node" / "pg_hba.conf", HBA.encode())
        write(home / "node" / "postgresql.conf", configuration(server).encode())

    def _boot(self, instance, server):
        """Wait until the server takes connections."""
        container = self._container(instance)
        self._connect(container, instance, server)
        self.engine.await_answer(container, lambda: self._query(instance, "SELECT 1"), psycopg2.OperationalError)

    @contextlib.contextmanager
    def _session(self, instance, database="postgres"):
        # A path to a socket has room for 107 characters: the way through an open directory is always short enough.
        directory = os.open(self._home(instance) / "socket", os.O_PATH)
        try:
            connection = psycopg2.connect(
                host=f"/proc/self/fd/{directory}", user=SUPERUSER, dbname=database, connect_timeout=5
            )
        finally:
            os.close(directory)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def _query(self, instance, statement, database="postgres"):
        with self._session(instance, database) as session:
            session.execute(statement)
            return session.fetchall() if session.description else []


def _slot(replica):
    return f"replica_{replica.replace('-', '_')}"


def configuration(server):
    """postgresql.conf"""
    own = {
        "listen_addresses": "*",
        "unix_socket_directories": "/run/postgresql",
        "data_directory": "/var/lib/postgresql/data",
        "hba_file": "/etc/node/pg_hba.conf",
        "ssl": "on",
        "ssl_cert_file": "/etc/node/server.crt",
        "ssl_key_file": "/run/server.key",
        "password_encryption": "scram-sha-256",
    }
    quoted = {name: value.replace("'", "''") for name, value in (server.parameters | own).items()}
    return "".join(f"{name} = '{value}'\n" for name, value in quoted.items())


class SimulatedPostgres:
    """The same methods without a server: told what to do it does nothing, asked what is there it knows of nothing."""

    def __init__(self, settings):
        self.subnet = ipaddress.ip_network(settings.subnet)
        self.home = settings.home / "postgres"
        self.settings = settings

    def start(self, instance, server, origin=None):
        return str(self.subnet[256 + int(hashlib.sha256(instance.encode()).hexdigest(), 16) % 2**13])

    def certificate(self, instance):
        return Authority(replace(self.settings, home=self.home, name="postgres")).certificate_file.read_text()

    def _nothing(self, *arguments, **named):
        return None

    restart = apply = disconnect = remove = renew_certificate = follow = await_replay = forget = _nothing
    reserve = start
    create_database = delete_database = create_user = update_user = delete_user = grant = restore = _nothing

    def databases(self, instance):
        return {}

    def connections(self, instance):
        return {}, 100

    def permissions(self, instance, database):
        return {}

    def dump(self, instance, database, path):
        self.copy(instance, path)

    def copy(self, instance, path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(b"nothing")
