"""Edge Services: what stands between a name and an origin."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    """What one pipeline serves, as `default_name` and by the custom `names`.

    `origin` is a URL. `certificate` (chain and key in PEM) is for the custom names; without one they get a managed
    certificate. `cache_seconds` says how long an answer that says nothing itself is kept, None: there is no cache.
    """

    id: str
    default_name: str
    names: tuple[str, ...]
    certificate: str | None
    origin: str
    cache_seconds: int | None
    include_cookies: bool
    waf_mode: str
    paranoia_level: int


class SimulatedEdge:
    """The same methods, with nothing behind them."""

    def __init__(self, settings):
        self.address = settings.gateway

    def deploy(self, site: Site) -> str:
        """Serve a site, new or changed; the address at which it is served."""
        return self.address

    def remove(self, id: str):
        """Serve a site no more; one that was never served is fine."""

    def purge(self, id: str, assets: list[str] | None):
        """Forget what is cached: everything, or these paths."""


Edge = SimulatedEdge
