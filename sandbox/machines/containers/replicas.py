"""Replicas: containers of a user's image, one after the other thrown away."""

import asyncio
import contextlib
import hashlib
import itertools
import os
import threading
import time
from dataclasses import dataclass, field

import aiohttp
import docker

from ..engine import PREFIX, RECIPES, Engine, EngineError
from ..wires import Wires

ADDRESSES = range(16, 256)
"""Of the sandbox's network, counted from its first: machines that stay have theirs above."""
STOP_SECONDS = 5
START_SECONDS = 30
"""How long a replica without a startup probe may take until it listens."""
LOOK_SECONDS = 0.05


class Refused(Exception):
    """Something of the user's does not work; the message tells what, in words for the user."""


@dataclass(eq=False)
class Replica:
    """`busy` is the number of requests that it is answering, `limits` are theirs; `idle_since` is on the monotonic clock."""

    name: str
    address: str
    port: int
    network: str | None = None
    busy: int = 0
    limits: set[asyncio.Timeout] = field(default_factory=set)
    idle_since: float = field(default_factory=time.monotonic)
    failures: int = 0
    checked: float = field(default_factory=time.monotonic)

    @property
    def url(self):
        return f"http://{self.address}:{self.port}"


class Replicas:
    """Blocking, but for `until_ready` and `check`."""

    def __init__(self, settings):
        self.engine = Engine(settings)
        self.wires = Wires(self.engine)
        self._numbers = itertools.count(1)
        self._taken: dict[str, str] = {}  # address -> replica
        self._taking = threading.Lock()

    def pull(self, reference: str, login: dict | None) -> str:
        """Id of an image; one that needs no login is taken from this host's Docker if it is there. Raises Refused."""
        images = self.engine.client.images
        if reference.startswith(PREFIX) and (RECIPES / reference.removeprefix(PREFIX)).is_dir():
            self.engine.ensure_image(reference.removeprefix(PREFIX))
        try:
            if login is None:
                try:
                    return images.get(reference).id
                except docker.errors.ImageNotFound:
                    pass
            return images.pull(reference, auth_config=login).id
        except docker.errors.APIError as error:
            raise Refused(f"Image {reference} cannot be pulled: {error.explanation or error}") from error

    def start(self, container: str, image: str, revision, join) -> Replica:
        """A new replica, running but perhaps not yet ready. `join` gives it an address in its private network."""
        name = f"replica-{container[:8]}-{next(self._numbers)}"
        self.engine.ensure_network()
        address = self._take(name)
        replica = Replica(name, address, revision.port, revision.network)
        try:
            running = self.engine.run(
                name,
                image,
                address=address,
                environment=revision.environment | {"PORT": str(revision.port)},
                entrypoint=list(revision.command) or None,
                command=list(revision.args) or None,
                dns=[self.engine.gateway],
                init=True,
                security_opt=["no-new-privileges"],
                mem_limit=revision.memory,
                memswap_limit=revision.memory,
                nano_cpus=min(revision.mvcpu, os.cpu_count() * 1000) * 10**6,
            )
            if revision.network:
                mac = card_mac(name)
                inside = join(container, name, revision.network, mac)
                self.wires.set_private(name, running.attrs["State"]["Pid"], revision.network, [inside], mac)
        except (docker.errors.APIError, EngineError) as error:
            self.remove(replica)
            raise Refused(f"Container is unable to start: {getattr(error, 'explanation', None) or error}") from error
        return replica

    def remove(self, replica: Replica):
        """Stop a replica and delete it; what does not exist is fine."""
        if container := self.engine.container(replica.name):
            with contextlib.suppress(docker.errors.APIError):  # it has ended by itself
                container.stop(timeout=STOP_SECONDS)
        self.engine.remove(replica.name)
        if replica.network:
            self.wires.remove_private(replica.name)
        with self._taking:
            self._taken.pop(replica.address, None)

    def remove_strays(self):
        """Delete what an earlier run of the sandbox has left."""
        for container in self.engine.containers():
            if container.labels.get("stackway.machine", "").startswith("replica-"):
                container.remove(force=True)

    def running(self) -> set[str]:
        """Names of the replicas whose process has not ended."""
        prefix = f"{self.engine.name}-"
        found = self.engine.client.api.containers(filters={"label": [f"stackway.sandbox={self.engine.name}"]})
        return {each["Names"][0].lstrip("/").removeprefix(prefix) for each in found}

    def usage(self, replica: Replica) -> tuple[float, int] | None:
        """Seconds of processor time so far, and bytes of memory; None for one that has ended."""
        return self.engine.usage(replica.name)

    def _take(self, name: str) -> str:
        with self._taking:
            for offset in ADDRESSES:
                if (address := str(self.engine.subnet[offset])) not in self._taken:
                    self._taken[address] = name
                    return address
        raise Refused(f"More than {len(ADDRESSES)} replicas are too many for this sandbox")

    async def until_ready(self, replica: Replica, revision, session: aiohttp.ClientSession):
        """Return once a new replica may get requests. Raises Refused where it does not get there, or ends."""
        probe = revision.startup or revision.liveness
        path = probe and probe.path
        patience = revision.startup.failure_threshold * revision.startup.interval if revision.startup else START_SECONDS
        deadline, look = time.monotonic() + patience, 0
        while not await self.check(replica, path, probe.timeout if probe else 1, session):
            look += 1
            ended = look % 10 == 0 and replica.name not in await asyncio.to_thread(self.running)
            if ended or time.monotonic() > deadline:
                asked = f"does not respond to HTTP requests on port {replica.port} and path {path}"
                asked = asked if path else f"is not listening on port {replica.port}"
                raise Refused(f"Container is unable to start OR {asked}")
            await asyncio.sleep(LOOK_SECONDS)

    async def check(self, replica: Replica, path: str | None, seconds: float, session: aiohttp.ClientSession) -> bool:
        """Whether a replica answers: at its port, or a request for `path` with a status below 400."""
        try:
            async with asyncio.timeout(seconds):
                if path is None:
                    _, writer = await asyncio.open_connection(replica.address, replica.port)
                    writer.close()
                    return True
                async with session.get(replica.url + path, allow_redirects=False) as answer:
                    return answer.status < 400
        except (OSError, TimeoutError, aiohttp.ClientError):
            return False


def card_mac(name: str) -> str:
    return "02:00:" + hashlib.sha256(name.encode()).digest()[:4].hex(":")
