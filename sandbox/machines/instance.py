"""Virtual machines: containers that run systemd, sshd and cloud-init, with cards, addresses and security groups.

A machine is two containers: one that does nothing but hold the network namespace, as long as the machine is powered,
and the system itself, which may reboot in it. What the machine is to look like is said by a `Machine` at each start.
"""

import dataclasses
import io
import json
import os
import tarfile
import threading
import time
from pathlib import Path

from .engine import Engine, EngineError
from .firewall import Firewall
from .wires import Wires

BOOT_TIMEOUT = 30  # seconds
STOP_TIMEOUT = 20  # seconds


@dataclasses.dataclass(frozen=True)
class Card:
    """A private network card. `addresses` are with their prefix length; `gateway` is the one that leads to the world."""

    id: str
    network: str
    mac: str
    addresses: tuple
    gateway: str | None = None


@dataclasses.dataclass(frozen=True)
class Machine:
    """What a machine is to be: `memory` in bytes, public `addresses` (the first is the one it speaks from)."""

    id: str
    hostname: str
    image: str = "instance"
    cpus: int = 1
    memory: int = 2**30
    keys: tuple = ()
    user_data: bytes = b""
    mac: str = "de:00:00:00:00:01"
    addresses: tuple = ()
    group: str = "open"
    cards: tuple = ()


class Instances:
    def __init__(self, settings):
        self.engine = engine = Engine(settings)
        self.wires = Wires(engine)
        self.firewall = Firewall(engine, self.wires)
        self._wiring = threading.RLock()  # cards and groups of several machines change at a time

    def prepare(self):
        """Make the host ready for instances; their groups come next."""
        self.wires.prepare_host()
        self.firewall.prepare()

    def stop_all(self):
        """Stop the machines, and take back what they left on the host; their disks stay."""
        self.engine.stop_all()
        self._forget()

    def remove_all(self):
        """Delete everything of this sandbox that Docker has, and what is left of it on the host."""
        used = self.engine.has_network()
        self.engine.remove_all()
        if used:
            self._forget()

    def _forget(self):
        self.wires.forget_host()
        self.firewall.remove()

    def set_group(self, id, group):
        self.firewall.set_group(id, group)

    def remove_group(self, id):
        self.firewall.remove_group(id)

    def start(self, machine, patience=BOOT_TIMEOUT):
        """Boot the machine, new or powered off. True once its sshd listens, False if it does not within `patience` seconds.

        A user's cloud-init may well keep a host from ever getting there.
        """
        namespace = self.engine.container(f"{machine.id}-net") or self._hold_namespace(machine)
        if namespace.status != "running":
            namespace.start()
            namespace.reload()
        self._connect(machine, namespace)
        system = self.engine.container(machine.id) or self._install(machine, namespace)
        if system.status != "running":
            system.update(**_limits(machine))
            _put(system, "/", _seed(machine))
            system.start()
        return self._booted(namespace, patience)

    def connect(self, machine):
        """Bring addresses, private cards and group of a powered machine up to date; nothing happens to one that is off."""
        namespace = self.engine.container(f"{machine.id}-net")
        if namespace and namespace.status == "running":
            self._connect(machine, namespace)

    def disconnect(self, card):
        """Take a private card, given by its id, out of its machine."""
        with self._wiring:
            self.wires.remove_private(card)

    def reboot(self, machine):
        """Restart the system, gently if it listens; as `start` otherwise."""
        self.halt(machine.id)
        return self.start(machine)

    def halt(self, id):
        """Shut the system down; the machine stays powered and keeps its addresses."""
        if system := self.engine.container(id):
            system.stop(timeout=STOP_TIMEOUT)

    def stop(self, id):
        """Shut the system down and switch the machine off; its disk stays."""
        self.halt(id)
        if namespace := self.engine.container(f"{id}-net"):
            with self._wiring:
                self.firewall.leave(self.wires.public(id))
            namespace.stop(timeout=0)

    def delete(self, id):
        """Delete the machine and its disk; what does not exist is fine."""
        with self._wiring:
            self.firewall.leave(self.wires.public(id))
        self.engine.remove(id)
        self.engine.remove(f"{id}-net", volumes=[f"{id}-docker"])
        self.wires.sweep()

    def running(self, id):
        """Whether the system runs: it may have shut itself down."""
        system = self.engine.container(id)
        return bool(system) and system.status in ("running", "restarting")

    def _hold_namespace(self, machine):
        return self.engine.run(f"{machine.id}-net", "debian", command=["sleep", "infinity"], network_mode="none")

    def _connect(self, machine, namespace):
        pid = namespace.attrs["State"]["Pid"]
        with self._wiring:
            self.firewall.join(self.wires.public(machine.id), machine.group)
            self.wires.set_public(machine.id, pid, machine.addresses, machine.mac)
            for card in machine.cards:
                self.wires.set_private(card.id, pid, card.network, card.addresses, card.mac, gateway=card.gateway)

    def _install(self, machine, namespace):
        """The system's container, not yet started. Its first boot finds what a provider's DHCP would tell."""
        unified = Path("/sys/fs/cgroup/unified")  # beside version 1, on hosts that run both
        system = self.engine.create(
            machine.id,
            machine.image,
            network_mode=f"container:{namespace.id}",
            cap_add=["ALL"],
            cap_drop=["SYS_RESOURCE"],
            security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            cgroupns="host",
            tmpfs={"/run": "", "/run/lock": ""},
            volumes=[
                f"{unified if unified.is_dir() else unified.parent}:/sys/fs/cgroup:rw",
                f"{self.engine.volume(f'{machine.id}-docker')}:/var/lib/docker",
            ],
            restart_policy={"Name": "on-failure"},
            **_limits(machine),
        )
        files = {
            "hostname": f"{machine.hostname}\n",
            "hosts": f"127.0.0.1 localhost\n127.0.1.1 {machine.hostname}\n::1 localhost ip6-localhost\n",
            "resolv.conf": "".join(f"nameserver {server}\n" for server in [self.engine.gateway, *_resolvers()]),
        }
        _put(system, "/etc", {f"provider/{name}": (text.encode(), 0o644) for name, text in files.items()})
        return system

    def _booted(self, namespace, patience):
        tables = [Path(f"/proc/{namespace.attrs['State']['Pid']}/net/{name}") for name in ("tcp", "tcp6")]
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if any(":0016 " in line and " 0A " in line for table in tables for line in table.read_text().splitlines()):
                return True
            time.sleep(0.1)
        return False


class SimulatedInstances:
    """Instances without machines, for tests of the API alone."""

    def __init__(self, settings):
        pass

    def start(self, machine):
        return False

    reboot = start

    def running(self, id):
        return True

    def nothing(self, *arguments):
        pass

    prepare = set_group = remove_group = connect = disconnect = halt = stop = delete = nothing


def _limits(machine):
    period = 100_000  # microseconds
    return {
        "mem_limit": machine.memory,
        "memswap_limit": machine.memory,
        "cpu_period": period,
        "cpu_quota": period * min(machine.cpus, os.cpu_count()),
    }


def _seed(machine):
    """What cloud-init's NoCloud source reads. It runs the user data once for an instance id."""
    metadata = {"instance-id": machine.id, "local-hostname": machine.hostname, "public-keys": list(machine.keys)}
    folder = "var/lib/cloud/seed/nocloud-net"
    return {
        f"{folder}/meta-data": (json.dumps(metadata).encode(), 0o644),
        f"{folder}/user-data": (machine.user_data, 0o600),
    }


def _put(container, path, files):
    """Write `{name: (content, mode)}` below a path of the container, running or not."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), mode, int(time.time())
            archive.addfile(entry, io.BytesIO(content))
    if not container.put_archive(path, buffer.getvalue()):
        raise EngineError(f"could not write {', '.join(files)} into {container.name}")


def _resolvers():
    """The host's own name servers that a machine can reach, for when the sandbox's does not answer."""
    for path in ("/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"):
        lines = [line.split() for line in Path(path).read_text().splitlines()] if Path(path).exists() else []
        found = [
            words[1] for words in lines if words[:1] == ["nameserver"] and not words[1].startswith(("127.", "::1"))
        ]
        if found:
            return found[:2]
    return []
