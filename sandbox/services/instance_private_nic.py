"""Cards of servers in private networks: instance/v1 and instance/v2alpha1.

Shapes: scaleway-sdk-python, scaleway/instance/v1/types.py and v2alpha1/types.py.
"""

from .. import errors
from ..call import Call
from ..collection import Service, action, equals, has_all
from .instance import Servers
from .instance_base import Zonal, random_mac
from .ipam import Ips as IpamIps
from .marketplace import server_types
from .vpc import PrivateNetworks


class PrivateNics(Zonal):
    """Cards in private networks, with an address of either version from IPAM."""

    path = "/instance/v1/zones/{zone}/servers/{server_id}/private_nics"
    parent = Servers
    noun = "private_nic"
    common = ("id", "creation_date", "modification_date", "zone")
    required = ("private_network_id",)
    mutable = ("tags",)
    nullable = ("tags",)
    defaults = {"tags": [], "state": "available"}

    def of(self, server_id: str) -> list[dict]:
        return self.store.find(self.kind, server_id=server_id)

    def add(self, body):
        nic = super().add(body)
        server = self.parent_of(body)
        resource = {"type": "instance_private_nic", "id": nic["id"], "name": server["name"]}
        resource["mac_address"] = nic["mac_address"].upper()
        ipam = self.service(IpamIps)
        try:
            booked = [ipam.attach(id, resource) for id in body.get("ipam_ip_ids") or body.get("ip_ids") or []]
            for is_ipv6 in () if booked else (False, True):
                ipam.book(nic["private_network_id"], resource, is_ipv6=is_ipv6)
        except errors.ApiError:
            self.remove(nic)
            raise
        self.servers.reconnect(server)
        return nic

    def shape(self, body):
        network = self.service(PrivateNetworks).fetch(body["private_network_id"])
        if network["region"] != body["zone"][:-2]:
            raise errors.not_found("private_network", network["id"])
        others = self.of(body["server_id"])
        if any(nic["private_network_id"] == network["id"] for nic in others):
            raise errors.invalid_argument("private_network_id", "constraint", "the server is in this network already")
        most = server_types()[self.parent_of(body)["commercial_type"]]["capabilities"]["private_network"]
        if len(others) >= most:
            raise errors.quotas_exceeded(self.resource, most, len(others))
        return {
            "server_id": body["server_id"],
            "private_network_id": network["id"],
            "mac_address": "02:00:00:" + random_mac(3),
            "tags": body.get("tags") or [],
        }

    def revise(self, nic, body):
        return {"tags": body["tags"] or []} if "tags" in body else {}

    def present(self, nic, verb):
        return super().present(nic, verb) | {"ipam_ip_ids": [ip["id"] for ip in self.service(IpamIps).of(nic["id"])]}

    def answer(self, record, verb):
        answer = super().answer(record, verb)
        return answer[self.noun] if verb == "update" else answer  # the one answer without an envelope

    def remove(self, nic):
        self.service(IpamIps).leave(nic["id"])
        return super().remove(nic)

    def stopped(self, nic):
        self.machines.instances.disconnect(nic["id"])


class PrivateNetworkInterfaces(Service):
    """The same cards, as v2alpha1 tells them."""

    path = "/instance/v2alpha1/zones/{zone}/private-network-interfaces"

    @action("GET", "")
    def list(self, call: Call):
        nics = [nic for nic in self.store.all(self.nics.kind) if nic["zone"] == call.params["zone"]]
        nics = [nic for nic in nics if call.allows(self._project(nic))]
        selected = {
            "server_ids": lambda nic, values: nic["server_id"] in ",".join(values).split(","),
            "project_id": lambda nic, values: self._project(nic) in values,
            "private_network_id": equals("private_network_id"),
            "tags": has_all("tags"),
        }
        for name, values in call.query.items():
            if name in selected:
                nics = [nic for nic in nics if selected[name](nic, values)]
        shown = [self._shown(nic) for nic in self.page(call, nics)]
        return {"private_network_interfaces": shown, "total_count": len(nics)}

    @action("POST", "")
    def create(self, call: Call):
        body = {name: value for name, value in call.body.items() if value is not None} | {"zone": call.params["zone"]}
        for field in ("server_id", "private_network_id"):
            if not body.get(field):
                raise errors.invalid_argument(field, "required", "is required")
        self.nics.parent_of(body)
        return self._shown(self.nics.add(body)) | {"status": "attaching"}

    @action("GET", "/{nic_id}")
    def get(self, call: Call):
        return self._shown(self._fetch(call))

    @action("PATCH", "/{nic_id}")
    def update(self, call: Call):
        nic = self._fetch(call)
        return self._shown(self.nics.change(nic, **self.nics.revise(nic, call.body)))

    @action("DELETE", "/{nic_id}")
    def delete(self, call: Call):
        self.nics.remove(self._fetch(call))

    @property
    def nics(self):
        return self.service(PrivateNics)

    def _fetch(self, call: Call) -> dict:
        nic = self.nics.fetch(call.params["nic_id"])
        if nic["zone"] != call.params["zone"]:
            raise self.nics.not_found(nic["id"])
        return nic

    def _project(self, nic: dict) -> str:
        return self.nics.project_of(nic)

    def _shown(self, nic: dict) -> dict:
        known = self.nics.present(nic, "get")
        return {
            **{field: known[field] for field in ("id", "private_network_id", "server_id", "mac_address", "tags")},
            "project_id": self._project(nic),
            "security_group_id": "",
            "status": known["state"],
            "ip_ids": known["ipam_ip_ids"],
            "created_at": _as_z(known["creation_date"]),
            "updated_at": _as_z(known["modification_date"]),
        }


def _as_z(date: str) -> str:
    return date.replace("+00:00", "Z")
