"""Containers of one sandbox: its images, its network, its addresses.

Everything made here carries the label `stackway.sandbox=<name>`, by which `stop_all` and `remove_all` find it again.
"""

import contextlib
import fcntl
import functools
import hashlib
import io
import ipaddress
import os
import re
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker

LABEL = "stackway.sandbox"
START_SECONDS = 60
"""How long a server in a container may take to answer, on a busy machine."""
RECIPES = Path(__file__).parent.parent / "images"
PREFIX = "stackway-sandbox/"
"""Names of the images start with this; recipes refer to each other by it: `FROM stackway-sandbox/debian`."""
DEBIAN = os.environ.get("SANDBOX_DEBIAN_IMAGE")
"""An image to pull (`debian:trixie-slim`) instead of making the base image from Debian's archive."""


class EngineError(Exception):
    """A machine or an image could not be made; the message is the tool's own."""


def privileged(*command, stdin=None):
    """Run a command of the host as root; its output as text.

    Raises: EngineError with what the command wrote to its standard error.
    """
    command = command if os.geteuid() == 0 else ("sudo", "-n", *command)
    done = subprocess.run(command, input=stdin, capture_output=True, text=True)
    if done.returncode:
        raise EngineError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


@contextlib.contextmanager
def exclusively(what):
    """Hold a lock of this user: two sandboxes do not make the same thing twice."""
    with (Path(tempfile.gettempdir()) / f"stackway-{os.getuid()}-{what}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Engine:
    """The Docker side of a sandbox. `settings` gives `name` and `subnet`."""

    def __init__(self, settings):
        self.name = settings.name
        self.subnet = ipaddress.ip_network(settings.subnet)
        self.gateway = str(self.subnet[1])
        self.labels = {LABEL: self.name}
        self.tag = hashlib.sha256(self.name.encode()).hexdigest()[:5]
        """Short and unique among the sandboxes of this machine: names of interfaces have room for 15 characters."""
        self.bridge = f"sw{self.tag}"

    @functools.cached_property
    def client(self):
        return docker.from_env(timeout=120)

    # Images

    def ensure_image(self, name):
        """Build the image of `sandbox/images/<name>` unless it is there and its recipe has not changed; its full name.

        The id of an image that Docker has (`sha256:...`) is taken as it is.
        """
        if name.startswith("sha256:"):
            return name
        full, recipe = PREFIX + name, self._recipe(name)
        with exclusively(f"image-{name}"):
            if self._label_of(full) != recipe:
                for parent in self._parents(name):
                    self.ensure_image(parent)
                self._build(name, full, {"stackway.recipe": recipe})
        return full

    def save(self, name, file):
        """Write the image of `sandbox/images/<name>` as an archive that `docker load` takes."""
        full, unfinished = self.ensure_image(name), Path(f"{file}.new")
        with unfinished.open("wb") as archive:
            for chunk in self.client.images.get(full).save(named=f"{full}:latest"):
                archive.write(chunk)
        unfinished.rename(file)

    def _recipe(self, name):
        """Hash of everything the image is made from, its parents included."""
        digest = hashlib.sha256((DEBIAN or "").encode())
        for file in sorted(path for path in (RECIPES / name).rglob("*") if path.is_file()):
            digest.update(str(file.relative_to(RECIPES)).encode() + b"\0" + file.read_bytes())
        for parent in self._parents(name):
            digest.update(self._recipe(parent).encode())
        return digest.hexdigest()

    def _parents(self, name):
        dockerfile = RECIPES / name / "Dockerfile"
        recipe = dockerfile.read_text() if dockerfile.exists() else ""
        return re.findall(rf"^FROM {re.escape(PREFIX)}(\S+)", recipe, re.MULTILINE)

    def _label_of(self, image):
        try:
            return self.client.images.get(image).labels.get("stackway.recipe")
        except docker.errors.ImageNotFound:
            return None

    def _build(self, name, full, labels):
        if (RECIPES / name / "Dockerfile").exists():
            source = {"path": str(RECIPES / name)}
        elif DEBIAN:
            source = {"fileobj": io.BytesIO(f"FROM {DEBIAN}\n".encode())}
        else:
            build = RECIPES / name / "build"
            command = [str(build)] if os.geteuid() == 0 else ["sudo", "-n", str(build)]
            with tempfile.TemporaryFile() as archive, tempfile.TemporaryFile() as errors:
                if subprocess.run(command, stdout=archive, stderr=errors).returncode:
                    errors.seek(0)
                    raise EngineError(f"{build}: {errors.read().decode().strip()}")
                archive.seek(0)
                changes = [f"LABEL {key}={value}" for key, value in labels.items()]
                self.client.api.import_image_from_data(archive, repository=full, tag="latest", changes=changes)
            return
        try:
            self.client.images.build(**source, tag=full, labels=labels, rm=True, forcerm=True)
        except docker.errors.BuildError as error:
            output = "".join(line.get("stream", "") for line in error.build_log)
            raise EngineError(f"image {name}: {error}\n{output[-2000:]}") from error

    # Network

    def ensure_network(self):
        """The sandbox's own network. The host owns its first address, at which the servers of the sandbox listen.

        Docker hands out addresses of the first quarter only; the second holds the flexible IPs, which are routed.
        Masquerading is the sandbox's own (wires.py), since Docker's would hide instances from each other.
        """
        with exclusively(f"network-{self.name}"):
            if found := self.client.networks.list(names=[f"^{self.name}$"]):
                return found[0]
            pool = docker.types.IPAMPool(
                subnet=str(self.subnet), iprange=str(next(self.subnet.subnets(new_prefix=18))), gateway=self.gateway
            )
            return self.client.networks.create(
                self.name,
                driver="bridge",
                labels=self.labels,
                ipam=docker.types.IPAMConfig(pool_configs=[pool]),
                options={
                    "com.docker.network.bridge.name": self.bridge,
                    "com.docker.network.bridge.enable_ip_masquerade": "false",
                    # Docker 28 refuses traffic that other interfaces of the host send to its containers.
                    "com.docker.network.bridge.gateway_mode_ipv4": "nat-unprotected",
                },
            )

    def has_network(self):
        return bool(self.client.networks.list(names=[f"^{self.name}$"]))

    def _free_address(self):
        """First address from .1.0 up that no container of the sandbox has, stopped ones included."""
        taken = set()
        for container in self.containers():
            networks = container.attrs["NetworkSettings"]["Networks"] or {}
            taken.add(((networks.get(self.name) or {}).get("IPAMConfig") or {}).get("IPv4Address"))
        pool = (self.subnet[offset] for offset in range(256, 2**14))
        return str(next(address for address in pool if str(address) not in taken))

    # Containers

    def create(self, name, image, *, labels=None, **options):
        """The container `<sandbox>-<name>` of one of our images, not yet started; one of the same name is replaced.

        `options` are those of docker-py's `containers.create`.
        """
        full = self.ensure_image(image)
        self.remove(name)
        labels = (labels or {}) | self.labels | {"stackway.machine": name}
        return self.client.containers.create(full, name=f"{self.name}-{name}", labels=labels, **options)

    def run(self, name, image, *, address=None, **options):
        """Start a container on the sandbox's network, or on the one that `network_mode` says; as `create` otherwise.

        It keeps its address as long as it exists: `address`, else one chosen here.
        """
        if "network_mode" in options:
            container = self.create(name, image, **options)
        else:
            self.ensure_network()
            self.ensure_image(image)
            with exclusively(f"network-{self.name}"):
                endpoint = self.client.api.create_endpoint_config(ipv4_address=address or self._free_address())
                networking = {"network": self.name, "networking_config": {self.name: endpoint}}
                container = self.create(name, image, **networking, **options)
        container.start()
        container.reload()
        return container

    def container(self, name):
        """The container of that name, or None."""
        try:
            return self.client.containers.get(f"{self.name}-{name}")
        except docker.errors.NotFound:
            return None

    def await_answer(self, container, ask, failures=OSError):
        """What `ask` returns, once it raises none of the `failures` any more: the server in the container is about to start.

        Raises EngineError with the failure and the server's last words when the container stops, or after START_SECONDS.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return ask()
            except failures as failure:
                container.reload()
                if container.status != "running" or time.monotonic() > deadline:
                    words = container.logs(tail=20).decode(errors="replace")
                    raise EngineError(f"{container.name} does not answer: {failure}\n{words}") from failure
            time.sleep(0.1)  # nothing tells when a server begins to listen: it is asked again

    def address(self, container):
        """Its fixed address on the sandbox's network."""
        return container.attrs["NetworkSettings"]["Networks"][self.name]["IPAMConfig"]["IPv4Address"]

    def usage(self, name):
        """(seconds of processor time since its start, bytes of memory) of a container that runs; None for another."""
        try:
            told = self.client.api.stats(f"{self.name}-{name}", stream=False, one_shot=True)
        except docker.errors.NotFound:
            return None
        memory = told["memory_stats"]
        if "usage" not in memory:  # it has ended
            return None
        cached = memory.get("stats", {}).get("inactive_file", 0)  # files that could be forgotten
        return told["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9, memory["usage"] - cached

    def volume(self, name):
        """Ensure the volume `<sandbox>-<name>`; its full name."""
        return self.client.volumes.create(f"{self.name}-{name}", labels=self.labels).name

    def remove(self, name, volumes=()):
        """Delete the container and the named volumes; what does not exist is fine."""
        if container := self.container(name):
            self._remove(container)
        for volume in volumes:
            with contextlib.suppress(docker.errors.NotFound):
                self.client.volumes.get(f"{self.name}-{volume}").remove(force=True)

    @staticmethod
    def _remove(container):
        with contextlib.suppress(docker.errors.NotFound):
            try:
                container.remove(force=True, v=True)
            except docker.errors.APIError as error:
                if error.status_code != 409:
                    raise
                container.wait(timeout=START_SECONDS, condition="removed")  # another thread is about to

    def containers(self, running=False):
        return self.client.containers.list(
            all=not running, filters={"label": f"{LABEL}={self.name}"}, ignore_removed=True
        )

    def stop_all(self, timeout=5):
        """Stop every container of the sandbox; their disks stay."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda container: container.stop(timeout=timeout), self.containers(running=True)))

    def remove_all(self):
        """Delete every container, volume and network of the sandbox. Images stay: they belong to the machine."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self._remove, self.containers()))
        for network in self.client.networks.list(filters={"label": f"{LABEL}={self.name}"}):
            network.remove()
        for volume in self.client.volumes.list(filters={"label": f"{LABEL}={self.name}"}):
            volume.remove(force=True)
