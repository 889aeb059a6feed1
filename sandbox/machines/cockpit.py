"""Cockpit: where metrics and logs are pushed to, kept, and asked for."""

from dataclasses import dataclass


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
        self.address = settings.gateway

    def configure(self, sources: list[Source], tokens: list[Token]):
        """There are these sources and tokens, from now on."""

    def start(self, dns):
        """Take data in until the sandbox ends, under the names of the sources."""


Cockpit = SimulatedCockpit
