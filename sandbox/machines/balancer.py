"""Load balancers: one HAProxy each, in a container, with the certificates that an ACME authority gave to it."""

import contextlib
import csv
import io
import os
import shutil
import socket
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .acme import DIRECTORY
from .authority import Authority
from .balancer_configuration import CHALLENGE_PORT, configuration, server_name
from .engine import Engine, EngineError
from .node import card_mac, write
from .wires import Wires

ANSWER_SECONDS = 30
TRUSTED = "/usr/local/share/ca-certificates/sandbox.crt"


@dataclass(frozen=True)
class Health:
    """What the balancer says of a server: `state` is one of running, stopped, starting, stopping; `check` passed, failed,
    neutral (none is made), unknown (none was made yet)."""

    state: str = "stopped"
    check: str = "unknown"
    since: datetime = field(default_factory=lambda: datetime.now(UTC))


class Balancers:
    def __init__(self, settings):
        self.settings = settings
        self.engine = Engine(settings)
        self.wires = Wires(self.engine)
        self.authority = Authority(settings)
        self.home = settings.home / "balancers"
        self._applying = defaultdict(threading.RLock)  # one change of a balancer at a time
        self._cabled = {}  # balancer -> process and networks for which it was done

    def apply(self, balancer):
        """Bring a balancer, new or not, to what it is to be, without a connection being lost.

        Raises EngineError with what HAProxy says; it goes on with what it had then.
        """
        with self._applying[balancer.id]:
            self._write(balancer)
            container = self.engine.container(self._name(balancer.id))
            if container is None:
                container = self._create(balancer)
            elif container.status == "running":
                self._save_states(balancer.id)
            if container.status != "running":
                container.start()
                container.reload()
            self._connect(container, balancer)
            self._reload(balancer.id, container)

    def disconnect(self, id, network):
        self._cabled.pop(id, None)
        self.wires.remove_private(f"{id}/{network}")

    def remove(self, id):
        with self._applying[id]:
            self.engine.remove(self._name(id))
            self.wires.sweep()
            shutil.rmtree(self._home(id), ignore_errors=True)

    def obtain(self, balancer, names):
        """A certificate for these names, with its key and chain in PEM: the balancer answers the authority's challenges.

        Raises EngineError with what the authority says.
        """
        with self._applying[balancer.id]:
            self.apply(balancer.challenged())
            try:
                return self._request(balancer.id, names)
            finally:
                self.apply(balancer)

    def health(self, balancer):
        """{(backend, address): Health} of all servers."""
        known = {}
        with contextlib.suppress(OSError):  # it is not there yet: nothing is known
            known = {
                (row["pxname"], row["svname"]): _health(row)
                for row in csv.DictReader(io.StringIO(self._ask(balancer.id, "haproxy.sock", "show stat -1 4 -1")[2:]))
            }
        return {
            (backend.id, address): known.get((backend.id, server_name(address)), Health())
            for backend in balancer.backends
            for address in backend.servers
        }

    def connections(self, balancer):
        """Share of the connections that it can take which are open, from 0 to 1."""
        try:
            lines = self._ask(balancer.id, "haproxy.sock", "show info").splitlines()
        except OSError:  # it is not there yet
            return 0.0
        told = dict(line.split(": ", 1) for line in lines if ": " in line)
        return int(told["CurrConns"]) / int(told["Maxconn"])

    # Inside

    def _name(self, id):
        return f"balancer-{id}"

    def _home(self, id):
        return self.home / id

    def _create(self, balancer):
        volumes = {
            str(self._home(balancer.id).resolve()): {"bind": "/etc/balancer", "mode": "rw"},
            str(self.authority.certificate_file.resolve()): {"bind": TRUSTED, "mode": "ro"},
        }
        return self.engine.run(
            self._name(balancer.id),
            "balancer",
            address=balancer.address,
            dns=[self.engine.gateway],
            security_opt=["no-new-privileges"],
            volumes=volumes,
        )

    def _write(self, balancer):
        home = self._home(balancer.id)
        for folder in (self.home, home, home / "run", home / "certificates"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for id, content in balancer.certificates.items():
            write(home / "certificates" / f"{id}.pem", content.encode(), 0o600)
        (home / "states").touch()
        write(home / "haproxy.cfg", configuration(balancer).encode())
        for file in (home / "certificates").iterdir():
            if file.stem not in balancer.certificates:
                file.unlink()

    def _connect(self, container, balancer):
        """Give the running container its private addresses. They vanish with its network namespace when it stops."""
        pid = container.attrs["State"]["Pid"]
        if not balancer.private or self._cabled.get(balancer.id) == (pid, balancer.private):
            return
        self.wires.prepare_host()
        for network, address in balancer.private.items():
            card, mac = f"{balancer.id}/{network}", card_mac(balancer.id, network)
            self.wires.set_private(card, pid, network, [address], mac, f"pn{network.replace('-', '')[:10]}")
        self._cabled[balancer.id] = pid, balancer.private

    def _save_states(self, id):
        """Keep who is up: the process that takes over would believe everybody to be."""
        with contextlib.suppress(OSError):
            write(self._home(id) / "states", self._ask(id, "haproxy.sock", "show servers state").encode())

    def _reload(self, id, container):
        answer = self.engine.await_answer(container, lambda: self._ask(id, "master.sock", "reload"))
        if not answer.startswith("Success=1"):
            raise EngineError(f"HAProxy refuses its configuration: {answer}")

    def _ask(self, id, name, question):
        # A path to a socket has room for 107 characters: the way through an open directory is always short enough.
        directory = os.open(self._home(id) / "run", os.O_PATH)
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ANSWER_SECONDS)
                connection.connect(f"/proc/self/fd/{directory}/{name}")
                connection.sendall(f"{question}\n".encode())
                with connection.makefile("rb") as answer:
                    return answer.read().decode()
        finally:
            os.close(directory)

    def _request(self, id, names):
        container = self.engine.container(self._name(id))
        command = [
            *("lego", "--accept-tos", "--email", f"{id}@lb.sandbox.internal", "--server", DIRECTORY),
            *("--path", "/etc/balancer/acme", "--http", "--http.port", f"127.0.0.1:{CHALLENGE_PORT}"),
            *(part for name in names for part in ("--domains", name)),
            "run",
        ]
        status, output = container.exec_run(command, environment={"LEGO_CA_CERTIFICATES": TRUSTED})
        if status:
            raise EngineError(output.decode(errors="replace").strip().rpartition("\n")[2])
        files = [f"/etc/balancer/acme/certificates/{names[0]}.{kind}" for kind in ("key", "crt")]
        return container.exec_run(["cat", *files]).output.decode()


class SimulatedBalancers:
    """Balancers without machines, whose servers nobody has looked at."""

    def __init__(self, settings):
        self.authority = Authority(settings)

    def nothing(self, *arguments):
        pass

    apply = disconnect = remove = nothing

    def obtain(self, balancer, names):
        certificate, key = self.authority.issue(*names)
        return key.read_text() + certificate.read_text()

    def connections(self, balancer):
        return 0.0

    def health(self, balancer):
        return {(backend.id, address): Health() for backend in balancer.backends for address in backend.servers}


def _health(row):
    status, check = row["status"], row["check_status"]
    since = datetime.now(UTC) - timedelta(seconds=int(row["lastchg"] or 0))
    if status.startswith(("UP", "no check")):
        state = "stopping" if "/" in status else "running"
    else:
        state = "starting" if "/" in status else "stopped"
    if status == "no check":
        return Health(state, "neutral", since)
    check = check.removeprefix("* ")
    result = "passed" if check.endswith(("OK", "OKC")) else "unknown" if check in ("", "UNK", "INI") else "failed"
    return Health(state, result, since)
