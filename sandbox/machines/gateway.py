"""Public gateways, one container each: a router that translates addresses and forwards ports, and an SSH bastion."""

import ipaddress
import threading
from collections import defaultdict
from dataclasses import dataclass

from .engine import Engine, EngineError
from .instance import _put
from .wires import Wires

USER = "bastion"
SMTP_PORTS = "{ 25, 465, 587 }"

SSHD = """\
Port {port}
HostKey /etc/gateway/host_key
PidFile /run/bastion.pid
AllowUsers {user}
AuthorizedKeysFile /etc/gateway/authorized_keys
StrictModes no
AuthenticationMethods publickey
UsePAM no
AllowTcpForwarding local
AllowStreamLocalForwarding no
AllowAgentForwarding no
X11Forwarding no
PermitTTY no
PermitTunnel no
ForceCommand /usr/sbin/nologin
MaxStartups 100:30:200
# All who come from this host have one address: nobody waits for what another of them did.
PerSourcePenalties no
"""


@dataclass(frozen=True)
class Link:
    """A card in a private network, its address with prefix length; what comes from there may be masqueraded."""

    id: str
    network: str
    address: str
    mac: str
    masquerade: bool


@dataclass(frozen=True)
class Forward:
    """A public port that leads to a private address. `protocol` is tcp, udp or both."""

    public_port: int
    address: str
    port: int
    protocol: str


@dataclass(frozen=True)
class Gateway:
    """What a gateway is to be. `address` is public; `bastion` is the port of its sshd, None without one.

    `keys` are let in from `allowed` networks. `smtp`: whether mail to other servers passes.
    """

    id: str
    address: str
    bastion: int | None
    allowed: tuple[str, ...]
    keys: tuple[str, ...]
    smtp: bool
    links: tuple[Link, ...] = ()
    forwards: tuple[Forward, ...] = ()


class Gateways:
    def __init__(self, settings):
        self.engine = Engine(settings)
        self.wires = Wires(self.engine)
        self._applying = defaultdict(threading.Lock)  # one change of a gateway at a time

    def apply(self, gateway):
        """Bring a gateway, new or not, to what it is to be. Raises EngineError with what its tools complain about."""
        with self._applying[gateway.id]:
            self.wires.prepare_host()
            container = self.engine.container(self._name(gateway.id)) or self._create(gateway)
            if container.status != "running":
                container.start()
                container.reload()
            for link in gateway.links:
                pid = container.attrs["State"]["Pid"]
                self.wires.set_private(link.id, pid, link.network, [link.address], link.mac, _device(link))
            bastion = SSHD.format(port=gateway.bastion, user=USER) if gateway.bastion else ""
            files = {
                "firewall.nft": firewall(gateway),
                "authorized_keys": "".join(f"{key}\n" for key in gateway.keys),
                "sshd_config": bastion,
            }
            _put(container, "/etc", {f"gateway/{name}": (text.encode(), 0o644) for name, text in files.items()})
            status, output = container.exec_run("node")
            if status:
                raise EngineError(f"gateway {gateway.id}: {output.decode(errors='replace').strip()}")

    def disconnect(self, link):
        """Take the gateway off a private network; the link is given by its id."""
        self.wires.remove_private(link)

    def remove(self, id):
        with self._applying[id]:
            self.engine.remove(self._name(id))
            self.wires.sweep()

    def _name(self, id):
        return f"gateway-{id}"

    def _create(self, gateway):
        return self.engine.run(
            self._name(gateway.id),
            "gateway",
            address=gateway.address,
            cap_add=["NET_ADMIN"],
            security_opt=["no-new-privileges"],
            sysctls={"net.ipv4.ip_forward": "1"},
            tmpfs={"/run": ""},
            init=True,
        )


class SimulatedGateways:
    """Gateways that lead nowhere."""

    def __init__(self, settings):
        pass

    def nothing(self, *arguments):
        pass

    apply = disconnect = remove = nothing


def _device(link):
    """Name of the link's card inside, which says which link it is."""
    return f"pn{link.id.replace('-', '')[:10]}"


def firewall(gateway):
    """Rules of nftables. What no rule mentions comes in from the private networks alone."""
    allowed = ", ".join(cidr for cidr in gateway.allowed if ":" not in cidr)
    translated = [
        f"iifname eth0 ip daddr {gateway.address} {protocol} dport {forward.public_port} dnat to {forward.address}:{forward.port}"
        for forward in gateway.forwards
        for protocol in (("tcp", "udp") if forward.protocol == "both" else (forward.protocol,))
    ]
    masqueraded = [
        f"oifname eth0 ct original ip saddr {_subnet(link)} masquerade" for link in gateway.links if link.masquerade
    ]
    lines = [
        "table ip gateway",
        "delete table ip gateway",
        "table ip gateway {",
        f"set bastion {{ type ipv4_addr; flags interval; auto-merge; {allowed and f'elements = {{ {allowed} }}'} }}",
        "chain input { type filter hook input priority filter;",
        *([f"iifname eth0 tcp dport {gateway.bastion} ip saddr != @bastion drop"] if gateway.bastion else []),
        "}",
        "chain forward { type filter hook forward priority filter;",
        "ct state established,related accept",
        *([] if gateway.smtp else [f"oifname eth0 tcp dport {SMTP_PORTS} drop"]),
        "iifname eth0 ct status dnat accept",
        "iifname eth0 drop",
        "oifname != eth0 drop",  # gateways do not connect private networks with each other
        "}",
        "chain inward { type nat hook prerouting priority dstnat;",
        *translated,
        "}",
        "chain outward { type nat hook postrouting priority srcnat;",
        *masqueraded,
        # Also to those who have another way out: their answers have to come back here.
        "iifname eth0 oifname != eth0 ct status dnat masquerade",
        "}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _subnet(link):
    return ipaddress.ip_interface(link.address).network
