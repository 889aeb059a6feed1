"""What stands in front of the activator: a Caddy that speaks TLS, and gets certificates for names of the users' own."""

import socket
import ssl
import threading

from ..acme import DIRECTORY
from ..authority import Authority
from ..engine import Engine, EngineError
from .replicas import Refused

FOLDER = "/etc/front"

CADDYFILE = """\
{{
	acme_ca {directory}
	acme_ca_root {folder}/ca.pem
	auto_https disable_redirects
	skip_install_trust
}}
(activator) {{
	reverse_proxy {activator} {{
		flush_interval -1
	}}
}}
http:// {{
	import activator
}}
{wildcards} {{
	tls {folder}/front.pem {folder}/front.key
	import activator
}}
{own}"""

OWN = """\
{host} {{
	import activator
}}
"""


class Front:
    def __init__(self, settings, activator: tuple[str, int], domains: tuple[str, ...]):
        self.engine, self.authority = Engine(settings), Authority(settings)
        self.home = settings.home / "serverless"
        self.activator, self.domains = activator, domains
        self.hosts: set[str] = set()
        self._changing = threading.Lock()
        self._address = ""

    def start(self) -> str:
        """Run until the sandbox ends; the address at which it listens."""
        with self._changing:
            if not self._address:
                self._configure()
                container = self.engine.container("front")
                if container is None:
                    command = ["caddy", "run", "--config", f"{FOLDER}/Caddyfile"]
                    volumes = {
                        str(self.home.absolute()): {"bind": FOLDER, "mode": "ro"},
                        self.engine.volume("front"): {"bind": "/var/lib/caddy", "mode": "rw"},
                    }
                    container = self.engine.run(
                        "front", "acme", command=command, dns=[self.engine.gateway], volumes=volumes
                    )
                container.start()
                address = self.engine.address(container)
                self.engine.await_answer(container, lambda: socket.create_connection((address, 443), timeout=2).close())
                self._address = address
        return self._address

    def add(self, host: str):
        """Serve a name with a certificate of the ACME authority's. Raises Refused where none is issued."""
        self.start()
        with self._changing:
            self.hosts.add(host)
            self._reload()
        trust = ssl.create_default_context(cafile=self.authority.certificate_file)

        def visit():
            with (
                socket.create_connection((self._address, 443), timeout=5) as connection,
                trust.wrap_socket(connection, server_hostname=host),
            ):
                pass

        try:
            self.engine.await_answer(self.engine.container("front"), visit)
        except EngineError as error:
            raise Refused(f"No certificate for {host}: {error}") from error

    def remove(self, host: str):
        with self._changing:
            if host in self.hosts:
                self.hosts.discard(host)
                self._reload()

    def _reload(self):
        self._configure()
        done = self.engine.container("front").exec_run(["caddy", "reload", "--config", f"{FOLDER}/Caddyfile"])
        if done.exit_code:
            raise Refused(done.output.decode(errors="replace").strip())

    def _configure(self):
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        certificate, key = self.authority.issue("functions.fnc.scw.cloud", *(f"*.{domain}" for domain in self.domains))
        for source, name in (
            (certificate, "front.pem"),
            (key, "front.key"),
            (self.authority.certificate_file, "ca.pem"),
        ):
            target = self.home / name
            target.touch(mode=0o600)
            target.write_bytes(source.read_bytes())
        text = CADDYFILE.format(
            directory=DIRECTORY,
            folder=FOLDER,
            activator="{}:{}".format(*self.activator),
            wildcards=", ".join(f"*.{domain}" for domain in self.domains),
            own="".join(OWN.format(host=host) for host in sorted(self.hosts)),
        )
        (self.home / "Caddyfile").write_text(text)
