"""Containers that run while somebody calls them: replicas, what is in front of them, and what calls them by itself."""

from dataclasses import dataclass, field

from .authority import Authority
from .containers.activator import Activator
from .containers.front import Front
from .containers.replicas import Refused
from .containers.triggers import Triggers

__all__ = ["Cron", "Nats", "Probe", "Refused", "Revision", "Serverless", "SimulatedServerless", "Sqs", "Target"]

PORT = 8008  # of the activator, behind the front


@dataclass(frozen=True)
class Probe:
    """How to tell that a replica works: it answers at its port, and at `path` if there is one with a status below 400.

    `interval` and `timeout` are in seconds.
    """

    failure_threshold: int
    interval: float
    timeout: float
    path: str | None = None


@dataclass(frozen=True)
class Revision:
    """What the replicas of a container should be like, and who reaches them.

    `hosts` are the names that lead to it, `scale` the least and the greatest number of replicas, `concurrency` the requests
    that one of them takes at a time (None: any number), `memory` is in bytes, `mvcpu` in thousandths of a processor,
    `timeout` in seconds a request. `network` is a private network that the replicas are in.
    """

    image: str
    hosts: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    port: int = 8080
    scale: tuple[int, int] = (0, 5)
    concurrency: int | None = 50
    memory: int = 2_048_000_000
    mvcpu: int = 1000
    timeout: float = 300
    private: bool = False
    https_only: bool = False
    liveness: Probe | None = None
    startup: Probe | None = None
    network: str | None = None


@dataclass(frozen=True)
class Target:
    """What a trigger asks for, of the container with this id."""

    container: str
    method: str
    path: str


@dataclass(frozen=True)
class Cron:
    """`schedule` is UNIX cron's, `timezone` a name of the tz database."""

    schedule: str
    timezone: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sqs:
    region: str
    endpoint: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    queue_url: str


@dataclass(frozen=True)
class Nats:
    """`credentials_file_content` is what a `.creds` file holds."""

    server_urls: list[str]
    subject: str
    credentials_file_content: str = field(repr=False)


class SimulatedServerless:
    """Containers that are always ready, and never called."""

    def __init__(self, settings):
        self.settings = settings

    def start(self, platform, domains: tuple[str, ...]):
        """Take requests until the sandbox ends; names below `domains` have a certificate.

        `platform` answers `locate(image)` with (reference, login), `permits(container, token)`, and
        `join(container, replica, network, mac)` with an address; it is told when a replica is gone by `leave(replica)`.
        """

    def deploy(self, container: str, revision: Revision) -> str:
        """Let a container be like this from now on; the address of its names, once a replica of it works.

        Raises Refused with the reason where none does; what ran before goes on then.
        """
        return self.settings.gateway

    def remove(self, container: str):
        """Delete a container and its replicas; what does not exist is fine."""

    def add_host(self, container: str, host: str):
        """Let a name lead to a container; returns once it is served with a certificate of its own. Raises Refused."""

    def remove_host(self, host: str):
        """Let a name lead nowhere again."""

    def usage(self, container: str) -> dict[str, tuple[float, int]]:
        """{replica: (seconds of processor time so far, bytes of memory)}"""
        return {}

    def requests(self, container: str) -> int:
        """How many visitors asked for something since the sandbox has started."""
        return 0

    def watch(self, trigger: str, source: Cron | Sqs | Nats, target: Target):
        """Call the target whenever the source says so, from now on. Raises Refused where the source cannot be reached."""

    def unwatch(self, trigger: str):
        """Call it no more; what does not exist is fine."""


class Serverless(SimulatedServerless):
    activator = None

    def start(self, platform, domains):
        self.activator = Activator(self.settings, platform, PORT)
        self.front = Front(self.settings, self.activator.address, domains)
        authority = str(Authority(self.settings).certificate_file)
        self.triggers = Triggers(self.activator.invoke, self.activator.soon, authority)

    def deploy(self, container, revision):
        address = self.front.start()
        self.activator.call(self.activator.deploy(container, revision))
        return address

    def remove(self, container):
        self.activator.call(self.activator.remove(container))

    def add_host(self, container, host):
        self.activator.call(self.activator.add_host(container, host))
        self.front.add(host)

    def remove_host(self, host):
        self.activator.call(self.activator.remove_host(host))
        self.front.remove(host)

    def usage(self, container):
        return self.activator.usage(container)

    def requests(self, container):
        return self.activator.requests[container]

    def watch(self, trigger, source, target):
        self.activator.call(self.triggers.watch(trigger, source, target))

    def unwatch(self, trigger):
        self.activator.call(self.triggers.unwatch(trigger))

    def stop_all(self):
        if self.activator:
            self.activator.stop()
            self.activator = None
