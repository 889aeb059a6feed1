"""Visitors: computers outside of every account, that resolve names in the sandbox's DNS and trust its authority."""

from .authority import Authority
from .engine import Engine

TRUSTED = "/usr/local/share/ca-certificates/sandbox.crt"


class SimulatedVisitor:
    """Nobody."""

    def __init__(self, settings):
        self.settings = settings

    def start(self) -> str:
        """Have it ready; the name of its container."""
        return ""


class Visitor(SimulatedVisitor):
    name = "visitor"
    trust = "update-ca-certificates"

    def start(self) -> str:
        engine = Engine(self.settings)
        container = engine.container(self.name)
        if container is None:
            authority = str(Authority(self.settings).certificate_file.absolute())
            volumes = {authority: {"bind": TRUSTED, "mode": "ro"}}
            container = engine.run(self.name, self.name, dns=[engine.gateway], volumes=volumes, init=True)
        container.start()
        container.exec_run(["sh", "-c", self.trust])
        return container.name


class SimulatedBrowser(SimulatedVisitor):
    pass


class Browser(Visitor):
    name = "browser"
    trust = f"""{Visitor.trust}
        mkdir -p ~/.pki/nssdb
        certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n sandbox -i {TRUSTED}"""  # Chromium has authorities of its own
