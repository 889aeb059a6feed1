"""ACME: a certificate authority that issues to whoever answers its challenges, as Let's Encrypt does.

It is a Caddy in a container, signing under the sandbox's own root, and resolves names through the sandbox's DNS.
"""

import ssl
from urllib.request import urlopen

from .authority import Authority
from .engine import Engine

HOSTNAME = "acme.sandbox.internal"
DIRECTORY = f"https://{HOSTNAME}/acme/local/directory"

CADDYFILE = """\
{
	admin off
	skip_install_trust
	pki {
		ca local {
			root {
				cert /etc/caddy/ca.pem
				key /etc/caddy/ca.key
			}
		}
	}
}
%s {
	tls internal
	acme_server
}
"""


class SimulatedAcme:
    """An authority that nobody can reach."""

    def __init__(self, settings):
        self.address = settings.gateway

    def start(self) -> str:
        """Run until the sandbox ends; the address, once the directory is served there."""
        return self.address


class Acme(SimulatedAcme):
    def __init__(self, settings):
        super().__init__(settings)
        self.authority = Authority(settings)
        self.engine = Engine(settings)

    def start(self) -> str:
        container = self.engine.container("acme")
        if container is None:
            container = self.engine.run("acme", "acme", dns=[self.engine.gateway], volumes=self._volumes())
        self.address = self.engine.address(container)
        self._configuration.write_text(CADDYFILE % f"{HOSTNAME}, {self.address}")
        container.restart(timeout=1)
        self.engine.await_answer(container, self._look_at_directory)
        return self.address

    @property
    def _configuration(self):
        folder = self.authority.home / "acme"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / "Caddyfile"

    def _volumes(self) -> dict:
        self._configuration.touch()
        shown = {
            self._configuration: "/etc/caddy/Caddyfile",
            self.authority.certificate_file: "/etc/caddy/ca.pem",
            self.authority.key_file: "/etc/caddy/ca.key",
        }
        state = {self.engine.volume("acme"): {"bind": "/var/lib/caddy", "mode": "rw"}}
        return state | {str(file): {"bind": inside, "mode": "ro"} for file, inside in shown.items()}

    def _look_at_directory(self):
        trust = ssl.create_default_context(cafile=self.authority.certificate_file)
        urlopen(f"https://{self.address}/acme/local/directory", context=trust, timeout=5).close()
