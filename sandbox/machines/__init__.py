"""What stands behind the API: real servers, which know nothing of Scaleway or HTTP."""

from functools import cached_property
from importlib import import_module
from threading import RLock

from ..settings import Settings


class Machines:
    """One attribute per kind, made when it is first used: `machines.postgres.start(...)`.

    A kind is a class taking the settings, in a module of this package. In `api_only` mode its place is taken by the
    class `Simulated<Kind>` of the same module: same methods, no process, no wait.
    """

    KINDS = {
        "instances": "instance.Instances",
        "postgres": "postgres.Postgres",
        "gateways": "gateway.Gateways",
        "balancers": "balancer.Balancers",
        "dns": "dns.Dns",
        "smtp": "smtp.Smtp",
        "acme": "acme.Acme",
        "object_storage": "object_storage.ObjectStorage",
        "route53": "route53.Route53",
        "messaging": "messaging.Messaging",
        "nats": "nats.Nats",
        "redis": "redis.Redis",
        "registry": "registry.Registry",
        "serverless": "serverless.Serverless",
        "visitor": "visitor.Visitor",
        "browser": "visitor.Browser",
        "cockpit": "cockpit.Cockpit",
        "edge": "edge.Edge",
    }
    """Attribute -> module and class."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._making = RLock()

    def __getattr__(self, kind: str):
        if kind not in self.KINDS:
            raise AttributeError(f"there is no machine of kind {kind}")
        with self._making:
            if kind not in self.__dict__:
                self.__dict__[kind] = self._make(*self.KINDS[kind].split("."))
            return self.__dict__[kind]

    def _make(self, module: str, name: str):
        name = f"Simulated{name}" if self._settings.api_only else name
        return getattr(import_module(f"{__name__}.{module}"), name)(self._settings)

    @cached_property
    def engine(self):
        """Docker, as this sandbox sees it."""
        from .engine import Engine  # the API alone does without Docker

        return Engine(self._settings)

    def stop(self):
        """Stop what runs: kinds with a `stop_all` of their own, then all containers. Their data stays."""
        for kind in self.KINDS:
            if stop_all := getattr(self.__dict__.get(kind), "stop_all", None):
                stop_all()
        if not self._settings.api_only:
            self.engine.stop_all()
