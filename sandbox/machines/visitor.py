"""A visitor: a computer outside of every account, that resolves names in the sandbox's DNS and trusts its authority."""

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
    def start(self) -> str:
        engine = Engine(self.settings)
        container = engine.container("visitor")
        if container is None:
            authority = str(Authority(self.settings).certificate_file.absolute())
            volumes = {authority: {"bind": TRUSTED, "mode": "ro"}}
            container = engine.run("visitor", "visitor", dns=[engine.gateway], volumes=volumes, init=True)
        container.start()
        container.exec_run("update-ca-certificates")
        return container.name
