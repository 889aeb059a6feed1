"""Managed servers, one container each, with TLS, a firewall and the limits of their node."""

import hashlib
import io
import os
import shutil
from dataclasses import dataclass, field, replace

from .authority import Authority
from .engine import Engine, EngineError
from .wires import Wires


@dataclass(frozen=True, kw_only=True)
class Server:
    """What a server should be like.

    `cpus` and `memory` (bytes) are its limits. Clients come in from the `allowed` CIDRs by `port` (None: not at all) of the
    address that `start` gives, and without restriction by `private` addresses, {network: address with prefix length}, at the
    kind's own port; so do `peers`, other servers at these addresses. `names` are further names in the certificate.
    """

    cpus: int
    memory: int
    port: int | None = None
    allowed: tuple[str, ...] = ()
    private: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()

    @property
    def limits(self):
        period = 100_000
        memory = {"mem_limit": self.memory, "memswap_limit": self.memory}
        return memory | {"cpu_period": period, "cpu_quota": self.cpus * period}

    @property
    def private_addresses(self):
        return [address.partition("/")[0] for address in self.private.values()]


class Node:
    """Real servers of one kind. An `instance` is the caller's identifier of one, a `server` what it should be like.

    In the container, /etc/node has what `prepare` writes there, and `node refresh` takes a changed firewall and key over.
    """

    kind = ""
    """Name of the image, and beginning of the containers' names. Their user has the same name."""
    port = 0
    """Where the server listens."""

    def __init__(self, settings):
        self.settings = settings
        self.engine = Engine(settings)
        self.wires = Wires(self.engine)
        self.home = settings.home / self.kind

    def disconnect(self, instance, network):
        """Take the server off a private network, which `server.private` does not name any more."""
        self.wires.remove_private(f"{instance}/{network}")

    def remove(self, instance, server):
        """Delete the server and its data."""
        for network in server.private:
            self.disconnect(instance, network)
        self.engine.remove(self._name(instance), volumes=[self._name(instance)])
        shutil.rmtree(self._home(instance), ignore_errors=True)

    def certificate(self, instance):
        """Certificate of the authority that signed the server's, in PEM."""
        return (self._home(instance) / "ca.pem").read_text()

    def _forget_certificate(self, instance):
        shutil.rmtree(self._home(instance) / "tls")
        for file in ("ca.pem", "ca.key"):
            (self._home(instance) / file).unlink()

    def _name(self, instance):
        return f"{self.kind}-{instance}"

    def _home(self, instance):
        return self.home / instance

    def _container(self, instance):
        if container := self.engine.container(self._name(instance)):
            return container
        raise EngineError(f"there is no server {instance}")

    def _secure(self, container, home, server):
        """Write the node's certificate, key and firewall."""
        node, public = home / "node", self.engine.address(container)
        authority = Authority(replace(self.settings, home=home, name=f"{self.kind} {home.name}"))
        certificate, key = authority.issue(public, *server.private_addresses, *server.names)
        write(node / "server.crt", certificate.read_bytes())
        write(node / "server.key", key.read_bytes(), 0o600)
        write(node / "firewall.nft", firewall(server, self.port).encode())

    def _connect(self, container, instance, server):
        """Give the running container its private addresses. They vanish with its network namespace when it stops."""
        if server.private:
            self.wires.prepare_host()
        container.reload()
        for number, (network, address) in enumerate(server.private.items()):
            card, mac = f"{instance}/{network}", card_mac(instance, network)
            self.wires.set_private(card, container.attrs["State"]["Pid"], network, [address], mac, f"private{number}")

    def _execute(self, instance, command, path=None, environment=None):
        """Run a command in the container; what it writes, into the file at `path` if there is one."""
        api, user = self.engine.client.api, "root" if command[0] == "node" else self.kind
        run = api.exec_create(self._container(instance).id, command, user=user, environment=environment)["Id"]
        errors = io.BytesIO()
        if path:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "wb", opener=private) if path else io.BytesIO() as output:
            for written, complaint in api.exec_start(run, stream=True, demux=True):
                output.write(written or b"")
                errors.write(complaint or b"")
            result = None if path else output.getvalue()
        if api.exec_inspect(run)["ExitCode"]:
            complaint = errors.getvalue() or result or b""
            raise EngineError(f"{command[0]}: {complaint.decode(errors='replace').strip()}")
        return result


def card_mac(instance, network):
    """MAC address of the instance's card in a private network."""
    return "02:00:" + hashlib.sha256(f"{instance}/{network}".encode()).digest()[:4].hex(":")


def private(path, flags):
    """Opener of files that nobody else may read."""
    return os.open(path, flags, 0o600)


def write(path, content, mode=0o644):
    """Replace a file at once: no reader sees half of it, and nobody sees a secret in it."""
    part = path.with_name(f".{path.name}")
    part.unlink(missing_ok=True)
    part.touch(mode)
    part.write_bytes(content)
    part.chmod(mode)
    part.replace(path)


def firewall(server, port):
    """Rules of nftables: the server's port is open on private addresses, elsewhere by way of the public port alone."""
    allowed = ", ".join(cidr for cidr in server.allowed if ":" not in cidr)
    rules = [
        "table inet node",
        "delete table inet node",
        "table inet node {",
        f"set allowed {{ type ipv4_addr; flags interval; auto-merge; {allowed and f'elements = {{ {allowed} }}'} }}",
        "chain inbound { type filter hook input priority filter;",
        "iif lo accept",
        *(f"ip daddr {address} accept" for address in server.private_addresses),
        *(f"tcp dport {port} ip saddr {address} accept" for address in server.peers),
        *([f"tcp dport {port} ct original proto-dst {server.port} ip saddr @allowed accept"] if server.port else []),
        f"tcp dport {port} reject with tcp reset",
        "}",
        "chain redirected { type nat hook prerouting priority dstnat;",
        *([f"tcp dport {server.port} redirect to :{port}"] if server.port else []),
        "}",
        "}",
    ]
    return "\n".join(rules) + "\n"
