"""Network cards: links from the network namespace of a machine to the host.

A public card is routed: its host end leads to the addresses one by one, as /32 routes, so that all traffic of an
instance, to its neighbours too, passes the host's packet filter (firewall.py). A private card is a port of a bridge on
which the host has no address, so that the networks of two sandboxes, or of two VPCs, may overlap.

A namespace is named by a process in it. Cards vanish with it.
"""

import contextlib
import hashlib
import json
from itertools import count
from pathlib import Path

from .engine import EngineError, exclusively, privileged

PRIVATE_METRIC = "100"


class Wires:
    def __init__(self, engine):
        self.engine = engine
        self.public_prefix = f"sp{engine.tag}"
        self.private_prefix = f"sv{engine.tag}"
        self.bridge_prefix = f"sb{engine.tag}"

    # The host

    def prepare_host(self):
        """Let the host route between public cards, the sandbox's network and the world."""
        self.engine.ensure_network()
        bridge = self.engine.bridge
        privileged(
            *("sysctl", "-qw", "net.ipv4.ip_forward=1"),
            # Containers believe the flexible IPs to be on their own link: the host answers for them, at once.
            *(f"net.ipv4.conf.{bridge}.proxy_arp=1", f"net.ipv4.neigh.{bridge}.proxy_delay=0"),
        )
        for rule in self._exceptions():
            try:
                privileged("iptables", "-C", "DOCKER-USER", *rule)
            except EngineError:
                privileged("iptables", "-I", "DOCKER-USER", *rule)

    def forget_host(self):
        """Take back what `prepare_host` and the cards left on the host."""
        for rule in self._exceptions():
            with contextlib.suppress(EngineError):
                privileged("iptables", "-D", "DOCKER-USER", *rule)
        for link in _links():
            if link.startswith((self.public_prefix, self.private_prefix, self.bridge_prefix)):
                _delete(link)

    def _exceptions(self):
        """Docker forwards only what it knows; through br_netfilter that goes for frames crossing a bridge as well."""
        for prefix in (self.public_prefix, self.bridge_prefix):
            yield "-i", f"{prefix}+", "-j", "ACCEPT"
            yield "-o", f"{prefix}+", "-j", "ACCEPT"

    # Public cards

    def public(self, machine):
        """Name of the host's end of the machine's public card."""
        return self.public_prefix + _short(machine)

    def set_public(self, machine, pid, addresses, mac, device="ens2"):
        """Give the machine exactly these public addresses (IPv4), the first being the one it speaks from."""
        link, gateway = self.public(machine), self.engine.gateway
        if not _cabled(link, pid, device):
            if not addresses:
                return
            self._pair(link, pid, device, mac)
            privileged("sysctl", "-qw", f"net.ipv4.conf.{link}.rp_filter=1")
        routed = {route["dst"] for route in json.loads(privileged("ip", "-j", "route", "show", "dev", link))}
        for address in routed - set(addresses):
            privileged("ip", "route", "del", f"{address}/32", "dev", link)
            _inside(pid, "ip", "addr", "del", f"{address}/32", "dev", device)
        for address in addresses:
            _inside(pid, "ip", "addr", "replace", f"{address}/32", "dev", device)
            privileged("ip", "route", "replace", f"{address}/32", "dev", link, "src", gateway)
        if addresses:
            _inside(pid, "ip", "route", "replace", gateway, "dev", device)
            _inside(pid, "ip", "route", "replace", "default", "via", gateway, "dev", device, "src", addresses[0])

    # Private cards

    def set_private(self, card, pid, network, addresses, mac, device=None, gateway=None):
        """Connect the machine to a private network. `addresses` are with their prefix length: `10.0.0.5/22`.

        Inside, the card is called `device`, or by the next free of `ens5`, `ens6`, ..., and keeps its name. `gateway` is the
        address there that leads to the world, for a machine that has no public card.
        """
        link, bridge = self.private_prefix + _short(card), self.bridge_prefix + _short(network)
        with self._bridges():
            if bridge not in _links():
                privileged("ip", "link", "add", bridge, "type", "bridge")
                with contextlib.suppress(EngineError):  # a host without IPv6 has no such setting, and needs none
                    privileged("sysctl", "-qw", f"net.ipv6.conf.{bridge}.disable_ipv6=1")
                privileged("ip", "link", "set", bridge, "up")
            known = {found["address"]: found["ifname"] for found in json.loads(_inside(pid, "ip", "-j", "link"))}
            device = device or known.get(mac) or _next_device(known.values())
            if not _cabled(link, pid, device):
                self._pair(link, pid, device, mac)
                privileged("ip", "link", "set", link, "master", bridge)
        for address in addresses:
            if ":" in address:
                _inside(pid, "sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=0")
            _inside(pid, "ip", "addr", "replace", address, "dev", device, *(["nodad"] if ":" in address else []))
        self._set_default_route(pid, device, gateway)

    def _set_default_route(self, pid, device, gateway):
        """A public card's route has no metric, and goes before this one."""
        routes = json.loads(_inside(pid, "ip", "-j", "route", "show", "default", "dev", device))
        for route in routes:
            if route.get("gateway") != gateway:
                _inside(pid, "ip", "route", "del", "default", "via", route["gateway"], "dev", device)
        if gateway:
            _inside(pid, "ip", "route", "replace", "default", "via", gateway, "dev", device, "metric", PRIVATE_METRIC)

    def remove_private(self, card):
        link = self.private_prefix + _short(card)
        with self._bridges():
            _delete(link)
        self.sweep()

    def sweep(self):
        """Remove the bridges that no card is left on."""
        with self._bridges():
            for bridge in _links():
                if bridge.startswith(self.bridge_prefix) and not any(Path(f"/sys/class/net/{bridge}/brif").iterdir()):
                    _delete(bridge)

    def _bridges(self):
        """Nobody else looks which bridges there are, or changes that."""
        return exclusively(f"bridges-{self.engine.tag}")

    def _pair(self, link, pid, device, mac):
        """A cable: `link` on the host, `device` in the namespace, both up."""
        _delete(link)
        privileged("ip", "link", "add", link, "type", "veth", "peer", "name", device, "address", mac, "netns", str(pid))
        privileged("ip", "link", "set", link, "up")
        _inside(pid, "ip", "link", "set", "lo", "up")
        _inside(pid, "ip", "link", "set", device, "up")


def _inside(pid, *command):
    return privileged("nsenter", "-t", str(pid), "-n", *command)


def _cabled(link, pid, device):
    """Whether both ends are there. The kernel takes a namespace apart some time after its last process."""
    return link in _links() and f"{device}:" in Path(f"/proc/{pid}/net/dev").read_text()


def _next_device(taken):
    return next(name for name in map("ens{}".format, count(5)) if name not in taken)


def _links():
    return {path.name for path in Path("/sys/class/net").iterdir()}


def _delete(link):
    """Delete a link, which may go by itself: with its peer, or with a namespace, some time after the last process in it."""
    if link not in _links():
        return
    try:
        privileged("ip", "link", "del", link)
    except EngineError:
        if link in _links():
            raise


def _short(id):
    """Names of interfaces have room for 15 characters, seven of which are a prefix."""
    return hashlib.sha256(id.encode()).hexdigest()[:8]
