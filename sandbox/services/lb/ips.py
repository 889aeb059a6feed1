"""Addresses of load balancers. Each has a name that resolves to it."""

import ipaddress
import secrets

from ... import errors
from ...collection import Collection, equals
from ...machines.dns import Record
from ..addresses import free_address

IPV6_PREFIX = ipaddress.ip_network("2001:db8::/32")


class Ips(Collection):
    path = "/lb/v1/zones/{zone}/ips"
    noun = "ip"
    missing = "ips not Found"
    common = ("id", "project_id", "organization_id", "zone")
    mutable = ("reverse", "tags")
    defaults = {"tags": [], "lb_id": None}
    filters = {
        **{name: Collection.filters[name] for name in ("project_id", "organization_id", "tags")},
        "ip_address": equals("ip_address"),
        "ip_type": lambda ip, values: values[-1] == "all" or (":" in ip["ip_address"]) == (values[-1] == "ipv6"),
    }

    def prepare(self):
        for ip in self.store.all(self.kind):
            self._publish(ip)

    def shape(self, body):
        region = body["zone"][:-2]
        if body.get("is_ipv6"):
            address = str(IPV6_PREFIX.network_address + (secrets.randbits(32) << 64))
            digits = ipaddress.ip_address(address).exploded.replace(":", "")
            name = f"{'.'.join(reversed(digits))}.lb.{region}.scw.cloud"
        else:
            address = free_address(self, self.resource)
            name = f"{address.replace('.', '-')}.lb.{region}.scw.cloud"
        return {
            **{"ip_address": address, "reverse": body.get("reverse") or name, "region": region},
            **{"tags": body.get("tags") or [], "_name": name},
        }

    def add(self, body):
        ip = super().add(body)
        self._publish(ip)
        return ip

    def _publish(self, ip: dict):
        if ":" not in ip["ip_address"]:
            records = [Record(name, "A", ip["ip_address"]) for name in ("", "*")]
            self.machines.dns.publish(ip["_name"], records)

    def revise(self, ip, body):
        changes = super().revise(ip, body)
        if body.get("lb_id") and body["lb_id"] != ip["lb_id"]:
            from .lbs import Lbs  # it has addresses

            self.service(Lbs).fetch(body["lb_id"], ip["zone"])
            if ip["lb_id"]:
                raise errors.invalid_argument("lb_id", "constraint", "the IP is attached to another load balancer")
            changes["lb_id"] = body["lb_id"]
        return changes

    def removable(self, ip):
        if ip["lb_id"]:
            raise errors.precondition_failed("resource_still_in_use", "IP is attached to a load balancer")

    def remove(self, ip):
        self.machines.dns.withdraw(ip["_name"])
        return super().remove(ip)
