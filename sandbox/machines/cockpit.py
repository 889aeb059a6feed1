"""Cockpit: where metrics and logs are pushed to, kept, and asked for: a container with a gateway for all data sources."""

import hashlib
import json
import shutil
import socket
import threading
from dataclasses import asdict, dataclass

from .authority import Authority
from .dns import Record
from .engine import Engine
from .node import write


@dataclass(frozen=True)
class Source:
    """A data source of a kind (metrics, logs, traces); what is older than `retention` days goes."""

    id: str
    kind: str
    project: str
    region: str
    retention: int


@dataclass(frozen=True)
class Token:
    """A key to the data sources of a project and region; `scopes` are the API's."""

    secret: str
    project: str
    region: str
    scopes: tuple[str, ...]


class SimulatedCockpit:
    """Takes nothing in."""

    def __init__(self, settings):
        self.settings = settings

    def configure(self, sources: list[Source], tokens: list[Token]):
        """There are these sources and tokens, from now on."""

    def start(self, dns, domains: list[str]):
        """Take data in until the sandbox ends; the names in these domains lead here."""


class Cockpit(SimulatedCockpit):
    def __init__(self, settings):
        super().__init__(settings)
        self.engine = Engine(settings)
        self.authority = Authority(settings)
        self.home = settings.home / "cockpit"
        self._starting = threading.Lock()

    def configure(self, sources, tokens):
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = [
            {"hash": hashlib.sha256(token.secret.encode()).hexdigest()}
            | {"project": token.project, "region": token.region, "scopes": token.scopes}
            for token in tokens
        ]
        content = json.dumps({"sources": [asdict(source) for source in sources], "tokens": known})
        write(self.home / "config.json", content.encode(), 0o600)

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
