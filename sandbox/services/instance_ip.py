"""Flexible IPs of instance/v1. Those of version 4 are addresses of the sandbox's own network, and lead to the server.

Shapes: scaleway-sdk-python, scaleway/instance/v1/types.py. What is not served, and why: docs/sandbox.md#instance.
"""

import ipaddress
import secrets

from .. import errors
from ..collection import equals
from .instance_base import SERVER, Zonal
from .ipam import Ips as IpamIps

IPV4, IPV6 = "routed_ipv4", "routed_ipv6"
DOCUMENTATION_PREFIX = ipaddress.ip_network("2001:db8::/32")


class Ips(Zonal):
    path = "/instance/v1/zones/{zone}/ips"
    noun = "ip"
    common = ("id", "project", "organization", "zone")
    mutable = ("reverse", "tags")
    nullable = ("server", "reverse", "tags")
    defaults = {"reverse": None, "tags": [], "state": "detached", "type": IPV4, "_server": None}
    enums = {"type": (IPV4, IPV6)}
    filters = Zonal.filters | {"type": equals("type")}

    # For services ---------------------------------------------------------------------------------------------------

    def free_address(self) -> str:
        """An address of the second quarter of the sandbox's network, which is routed to instances."""
        pool = list(ipaddress.ip_network(self.settings.subnet).subnets(prefixlen_diff=2))[1]
        taken = {ip["address"] for ip in self.store.all(self.kind)}
        taken |= {(server["_dynamic_ip"] or {}).get("address") for server in self.store.all(SERVER)}
        size = pool.num_addresses // 2  # hosts without an API have the other half
        for offset in range(1, size):
            if str(pool[offset]) not in taken:
                return str(pool[offset])
        raise errors.quotas_exceeded(self.resource, size - 1, len(taken))

    def of(self, server_id: str) -> list[dict]:
        """The IPs of a server, in the order of their creation, version 4 first."""
        return sorted(self.store.find(self.kind, _server=server_id), key=lambda ip: ip["type"])

    def give(self, ip: dict, server: dict | None) -> dict:
        """Attach the IP to a server, or to none; whatever had it before loses it."""
        ipam = self.service(IpamIps)
        holder = server and {"type": "instance_server", "id": server["id"], "name": server["name"]}
        holder = holder and holder | {"mac_address": server["mac_address"].upper()}
        ipam.change(ipam.fetch(ip["id"]), resource=holder)
        return self.change(ip, _server=server and server["id"], state="attached" if server else "detached")

    def fetch(self, id, scope=None):
        """By id, or by address."""
        try:
            address = str(ipaddress.ip_address(id))
        except ValueError:
            return super().fetch(id, scope)
        found = [ip for ip in self.store.find(self.kind, address=address) if scope in (None, ip["_scope"])]
        if not found:
            raise self.not_found(f"{address}/32")
        return self.permitted(found[0])

    # Hooks ----------------------------------------------------------------------------------------------------------

    def add(self, body):
        ip = super().add(body)
        self.service(IpamIps).publish(ip["id"], ip["zone"], ip["project"], ip["address"] or ip["prefix"])
        if body.get("server"):
            ip = self._move(ip, self.servers.fetch(body["server"], body["zone"]))
        return ip

    def shape(self, body):
        kept = {"tags": body.get("tags") or [], "type": body.get("type", IPV4)}
        if kept["type"] == IPV4:
            return kept | {"address": self.free_address(), "prefix": None}
        network = DOCUMENTATION_PREFIX.network_address + (secrets.randbits(32) << 64)
        return kept | {"address": None, "prefix": f"{network}/64"}

    def revise(self, ip, body):
        changes = {"tags": body["tags"] or []} if "tags" in body else {}
        if "reverse" in body:
            changes["reverse"] = self._reverse(ip, body["reverse"])
        if "server" in body:
            server = self.servers.fetch(body["server"], ip["zone"]) if body["server"] else None
            moved = self._move(ip, server)
            changes |= {"_server": moved["_server"], "state": moved["state"]}
        return changes

    def present(self, ip, verb):
        return super().present(ip, verb) | {"server": self.server_of(ip), "ipam_id": ip["id"]}

    def remove(self, ip):
        if ip["_server"]:
            ip = self._move(ip, None)
        ipam = self.service(IpamIps)
        ipam.remove(ipam.fetch(ip["id"]))
        return super().remove(ip)

    def _move(self, ip: dict, server: dict | None) -> dict:
        """Attach or detach, and let the machines know."""
        before = self.store.get(SERVER, ip["_server"]) if ip["_server"] else None
        ip = self.give(ip, server)
        for affected in filter(None, (before, server)):
            self.servers.reconnect(affected)
        return ip

    def _reverse(self, ip: dict, name: str | None) -> str | None:
        """A reverse has to resolve to the address."""
        if name and ip["address"] not in self.machines.dns.resolve(name, "A"):
            raise errors.invalid_argument(
                "reverse",
                "constraint",
                f"Your reverse must resolve. Ensure the command 'dig +short {name}' matches your IP address "
                f"'{ip['address']}'. If it does, please contact our support.",
            )
        return name or None
