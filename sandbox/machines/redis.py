"""Redis servers, one container each, with TLS, a firewall and the limits of their node."""

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass, replace

from . import node
from .authority import Authority
from .engine import EngineError
from .node import write

PORT = 6379
ADMIN = "_sandbox"
SOCKET = "/run/redis/redis.sock"
SAVE = "900 1 300 10 60 10000"  # source: Scaleway documentation, "Ensuring data persistence"
MEMORY_SHARE = 0.75  # of a node's memory that keys may take; the rest is for clients, and for writing snapshots
FORBIDDEN = "-acl -bgrewriteaof -config|set -config|rewrite -debug -failover -module -replicaof -shutdown -slaveof"
"""What would take a server out of its service's hands."""
NEEDS_RESTART = "databases"


@dataclass(frozen=True, kw_only=True)
class Server(node.Server):
    """`settings` are those of redis.conf, and `disable-save`. `password_hash` is the SHA-256 of the user's password, in hex."""

    settings: dict[str, str]
    tls: bool
    user: str
    password_hash: str

    @property
    def parameters(self):
        """What can be changed while the server runs, but for NEEDS_RESTART."""
        settings = {name: "" if value == '""' else value for name, value in self.settings.items()}
        save = "" if settings.pop("disable-save", "false") == "true" else SAVE
        return settings | {"save": save, "maxmemory": str(int(self.memory * MEMORY_SHARE))}


class Redis(node.Node):
    """Real servers. An `instance` is the caller's identifier of one, a `server` what it should be like."""

    kind = "redis"
    port = PORT

    def start(self, instance, server):
        """Start a server, made new if it does not exist; its public address.

        It returns once the server takes commands. Raises EngineError with the end of its log if it does not.
        """
        name, home = self._name(instance), self._home(instance)
        for folder, mode in ((self.home, 0o700), (home, 0o700), (home / "node", 0o755)):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)  # whatever the umask
        if not (container := self.engine.container(name)):
            (home / "node" / "redis.conf").unlink(missing_ok=True)  # the container waits for it
            container = self._create(name, home, server)
        self._prepare(container, home, server)
        container.start()
        self._boot(instance, server)
        return self.engine.address(container)

    def apply(self, instance, server):
        """Bring a running server to what it should be like, with a restart if a setting wants it.

        Raises EngineError if a setting is refused.
        """
        container = self._container(instance)
        container.update(**server.limits)
        self._prepare(container, self._home(instance), server)
        self._connect(container, instance, server)
        self._execute(instance, ["node", "refresh"])
        self._command(instance, "ACL", "LOAD")
        changing = {name: value for name, value in server.parameters.items() if name != NEEDS_RESTART}
        self._command(instance, "CONFIG", "SET", *(part for pair in changing.items() for part in pair))
        if server.tls:
            files = ("tls-cert-file", "/etc/node/server.crt", "tls-key-file", "/run/server.key")
            self._command(instance, "CONFIG", "SET", *files)
        in_force = self._command(instance, "CONFIG", "GET", NEEDS_RESTART).split()[-1]
        if in_force != server.parameters[NEEDS_RESTART]:
            container.restart(timeout=30)
            self._boot(instance, server)

    def renew_certificate(self, instance, server):
        self._forget_certificate(instance)
        self.apply(instance, server)

    def _create(self, name, home, server):
        volumes = {
            str((home / "node").resolve()): {"bind": "/etc/node", "mode": "rw"},
            self.engine.volume(name): {"bind": "/var/lib/redis", "mode": "rw"},
        }
        options = {"cap_add": ["NET_ADMIN"], "security_opt": ["no-new-privileges"], "volumes": volumes}
        return self.engine.run(name, "redis", **options, **server.limits)

    def _prepare(self, container, home, server):
        """Write everything that the node reads at /etc/node; the settings last, for which a new one waits."""
        self._secure(container, home, server)
        write(home / "node" / "users.acl", users(server, self._admin_password(home)).encode())
        write(home / "node" / "redis.conf", configuration(server).encode())

    def _admin_password(self, home):
        file = home / "admin"
        if not file.exists():
            write(file, secrets.token_urlsafe().encode(), 0o600)
        return file.read_text()

    def _boot(self, instance, server):
        """Wait until the server takes commands."""
        container = self._container(instance)
        self._connect(container, instance, server)
        self.engine.await_answer(container, lambda: self._command(instance, "PING"), EngineError)

    def _command(self, instance, *command):
        environment = {"REDISCLI_AUTH": self._admin_password(self._home(instance))}
        call = ["redis-cli", "-e", "-s", SOCKET, "--user", ADMIN, *command]
        return self._execute(instance, call, environment=environment).decode()


def users(server, admin_password):
    """users.acl"""
    admin = hashlib.sha256(admin_password.encode()).hexdigest()
    return (
        "user default off resetchannels -@all\n"
        f"user {ADMIN} on #{admin} ~* &* +@all\n"
        f"user {server.user} on #{server.password_hash} ~* &* +@all {FORBIDDEN}\n"
    )


def configuration(server):
    """redis.conf"""
    own = {
        "bind": "*",
        "protected-mode": "no",
        "port": "0" if server.tls else str(PORT),
        "unixsocket": SOCKET,
        "unixsocketperm": "700",
        "aclfile": "/etc/node/users.acl",
        "dir": "/var/lib/redis",
    }
    if server.tls:
        own |= {"tls-port": str(PORT), "tls-auth-clients": "no"}
        own |= {"tls-cert-file": "/etc/node/server.crt", "tls-key-file": "/run/server.key"}
    parameters = {name: value or '""' for name, value in server.parameters.items()}
    return "".join(f"{name} {value}\n" for name, value in (parameters | own).items())


class SimulatedRedis:
    """The same methods without a server."""

    def __init__(self, settings):
        self.settings = settings
        self.subnet = ipaddress.ip_network(settings.subnet)

    def start(self, instance, server):
        return str(self.subnet[256 + int(hashlib.sha256(instance.encode()).hexdigest(), 16) % 2**13])

    def certificate(self, instance):
        home = self.settings.home / "redis"
        return Authority(replace(self.settings, home=home, name="redis")).certificate_file.read_text()

    def _nothing(self, *arguments, **named):
        return None

    apply = disconnect = remove = renew_certificate = _nothing
