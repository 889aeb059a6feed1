"""Cockpit: where metrics and logs are pushed to, kept, and asked for: a container with a gateway for all data sources."""

import hashlib
import json
import secrets
import shutil
import socket
import threading
import uuid
from dataclasses import asdict, dataclass, field

from .authority import Authority
from .dns import Record
from .engine import Engine
from .node import write

SENDER = "alerts@cockpit.scw.cloud"
"""Who writes to the contacts."""


@dataclass(frozen=True)
class Source:
    """A data source of a kind (metrics, logs, traces); what is older than `retention` days goes.

    `rules` are groups of rules as Prometheus has them in its files, by namespace. Nobody pushes to one with `products`: what
    Scaleway's products report is read from the sandbox itself, at this path.
    """

    id: str
    name: str
    kind: str
    project: str
    region: str
    retention: int
    rules: dict[str, list[dict]] = field(default_factory=dict)
    products: str = ""


@dataclass(frozen=True)
class Token:
    """A key to the data sources of a project and region; `scopes` are the API's."""

    secret: str
    project: str
    region: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Contact:
    """Who is told of the alerts of a project and region; of their end, too, if `resolved`."""

    project: str
    region: str
    email: str
    resolved: bool


class SimulatedCockpit:
    """Takes nothing in, and finds no fault."""

    SMTP_PORT = 2526
    """On the bridge's gateway: where the alert manager sends mail from, as a project and with `key` as its password."""

    def __init__(self, settings):
        self.settings = settings
        self.key = secrets.token_urlsafe()
        """What the servers behind show to the sandbox."""

    def configure(self, sources: list[Source], tokens: list[Token], contacts: list[Contact]):
        """There are these sources, tokens and contacts, from now on."""

    def is_up(self) -> bool:
        return True

    def fault_of(self, group: dict) -> str | None:
        """What is wrong with a group of rules."""

    def start(self, dns, domains: list[str]):
        """Take data in until the sandbox ends; the names in these domains lead here."""


class Cockpit(SimulatedCockpit):
    def __init__(self, settings):
        super().__init__(settings)
        self.engine = Engine(settings)
        self.authority = Authority(settings)
        self.home = settings.home / "cockpit"
        if (told := self.home / "config.json").exists():
            self.key = json.loads(told.read_text()).get("key", self.key)  # the servers behind may run since before
        self._starting = threading.Lock()

    def configure(self, sources, tokens, contacts):
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = [
            {"hash": hashlib.sha256(token.secret.encode()).hexdigest()}
            | {"project": token.project, "region": token.region, "scopes": token.scopes}
            for token in tokens
        ]
        shutil.copyfile(self.authority.certificate_file, self.home / "ca.pem")
        smtp = {"host": self.settings.gateway, "port": self.SMTP_PORT, "sender": SENDER}
        content = {"api": self.settings.bridge_url, "key": self.key, "smtp": smtp, "tokens": known}
        content |= {"sources": list(map(asdict, sources)), "contacts": list(map(asdict, contacts))}
        write(self.home / "config.json", json.dumps(content).encode(), 0o600)

    def is_up(self):
        container = self.engine.container("cockpit")
        return container is not None and container.status == "running"

    def fault_of(self, group):
        """Prometheus's own tool says it."""
        container, file = self.engine.container("cockpit"), f"rules-{uuid.uuid4()}.yml"
        write(self.home / file, json.dumps({"groups": [group]}).encode(), 0o600)
        try:
            done = container.exec_run(["promtool", "check", "rules", f"/etc/cockpit/{file}"])
        finally:
            (self.home / file).unlink()
        if done.exit_code == 0:
            return None
        return " ".join(
            done.output.decode().split("FAILED:")[-1].replace(f"/etc/cockpit/{file}", group["name"]).split()
        )

    def start(self, dns, domains):
        with self._starting:
            certificate, key = self.authority.issue(*(f"*.{domain}" for domain in domains))
            shutil.copyfile(certificate, self.home / "tls.pem")
            write(self.home / "tls.key", key.read_bytes(), 0o600)
            container = self.engine.container("cockpit")
            if container is None:
                volumes = {
                    str(self.home.resolve()): {"bind": "/etc/cockpit", "mode": "ro"},
                    self.engine.volume("cockpit"): {"bind": "/var/lib/cockpit", "mode": "rw"},
                }
                container = self.engine.run("cockpit", "cockpit", volumes=volumes, init=True)
            container.start()
            address = self.engine.address(container)
            self.engine.await_answer(container, lambda: socket.create_connection((address, 443), timeout=2).close())
            for domain in domains:
                dns.publish(domain, [Record("*", "A", address)])
