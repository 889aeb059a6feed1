"""Load balancers, the private networks that they are in, and the machine behind each."""

import uuid

from ... import errors
from ...call import Call
from ...collection import Collection, Service, action, catalog, contains
from ...machines.balancer_configuration import Balancer
from ...machines.node import card_mac
from ..ipam import Ips as IpamIps
from ..vpc import PrivateNetworks as VpcNetworks
from .ips import Ips

LEVEL = "ssl_compatibility_level_"
MOST_NETWORKS = 8


class Lbs(Collection):
    path = "/lb/v1/zones/{zone}/lbs"
    noun = "lb"
    missing = "lbs not Found"
    update_method = "PUT"
    common = ("id", "name", "project_id", "organization_id", "created_at", "updated_at", "zone")
    required = ("type",)
    mutable = ("name", "description", "tags", "ssl_compatibility_level")
    defaults = {
        **{"description": "", "tags": [], "ssl_compatibility_level": f"{LEVEL}intermediate"},
        **{"subscriber": None, "instances": [], "_wanted": 0},
    }
    enums = {"ssl_compatibility_level": tuple(LEVEL + level for level in ("unknown", "modern", "intermediate", "old"))}
    initial, deleting = "to_create", "to_delete"
    filters = Collection.filters | {
        "name": contains("name"),
        "lb_ids": lambda lb, values: lb["id"] in values,
    }

    # The machine ----------------------------------------------------------------------------------------------------

    def refresh(self, id: str):
        """Let the machine follow what was changed; its instances are pending until it has."""
        with self.store.lock(self.kind, id):
            if (lb := self.store.get(self.kind, id)) is None or lb["status"] == self.deleting:
                return
            lb = self.change(lb, instances=self._instances(lb, "pending"), _wanted=lb["_wanted"] + 1)
        if lb["status"] != self.initial:
            self.later(lb, self.refreshed)

    def refreshed(self, lb: dict) -> dict | None:
        """The instances are ready, unless there is more to follow: then whoever does that says so."""
        wanted = self.fetch(lb["id"])["_wanted"]
        self.machines.balancers.apply(self.machine(lb["id"]))
        self._await_poll(lb)
        with self.store.lock(self.kind, lb["id"]):
            now = self.store.get(self.kind, lb["id"])
            if now and now["_wanted"] == wanted:
                return {"status": self.ready, "instances": self._instances(now, "ready")}
        return None

    def machine(self, id: str) -> Balancer:
        """What the machine of a load balancer is to be."""
        from .parts import backends, certificates, frontends  # they are parts of this

        lb, ipam = self.fetch(id), self.service(IpamIps)
        addresses = [ip["ip_address"] for ip in self._ips(lb) if ":" not in ip["ip_address"]]
        return Balancer(
            id=id,
            address=addresses[0] if addresses else None,
            compatibility=lb["ssl_compatibility_level"].removeprefix(LEVEL),
            frontends=tuple(frontends(self, id)),
            backends=tuple(backends(self.store, id)),
            certificates=certificates(self.store, id),
            private={
                network["private_network_id"]: ipam.fetch(network["ipam_ids"][0])["address"]
                for network in self.service(PrivateNetworks).of(id)
                if not network["_leaving"]
            },
        )

    def _instances(self, lb: dict, status: str) -> list[dict]:
        """The one instance that stands for the machine."""
        (instance,) = lb["instances"] or [
            {
                "id": str(uuid.uuid4()),
                "ip_address": "",
                "region": lb["region"],
                "zone": lb["zone"],
                "created_at": self.now(),
            }
        ]
        return [instance | {"status": status, "updated_at": self.now()}]

    # Life -----------------------------------------------------------------------------------------------------------

    def shape(self, body):
        ips = self.service(Ips)
        wanted = body.get("ip_ids") or ([body["ip_id"]] if body.get("ip_id") else [])
        for ip in (ips.fetch(id, body["zone"]) for id in wanted):
            if ip["lb_id"]:
                raise errors.invalid_argument("ip_ids", "constraint", f"{ip['ip_address']} is attached already")
        return super().shape(body) | {
            "type": self._type(body["type"]),
            "region": body["zone"][:-2],
            "ssl_compatibility_level": self._level(body),
            "_assign": [] if wanted else self._assigned(body),
            "_ip_ids": wanted,
        }

    def _type(self, name: str) -> str:
        known = [offered["name"] for offered in catalog("lb-types")]
        if name.upper() not in known:
            raise errors.invalid_argument("type", "constraint", f"must be one of {', '.join(known)}")
        return name.lower()

    def _level(self, body: dict) -> str:
        level = body.get("ssl_compatibility_level") or f"{LEVEL}unknown"
        return f"{LEVEL}intermediate" if level.endswith("unknown") else level

    def _assigned(self, body: dict) -> list[bool]:
        """Which addresses are made for a load balancer that brings none: for each, whether it is of version 6."""
        return [False] * (body.get("assign_flexible_ip") is not False) + [True] * bool(body.get("assign_flexible_ipv6"))

    def add(self, body):
        ips = self.service(Ips)
        with self.store.lock(self.kind):
            lb = super().add(body)
            place = {name: body[name] for name in ("zone", "project_id") if name in body}
            made = [ips.add(place | {"is_ipv6": is_ipv6}) for is_ipv6 in lb["_assign"]]
            for ip in [*(ips.fetch(id) for id in lb["_ip_ids"]), *made]:
                ips.change(ip, lb_id=lb["id"])
            return lb

    def started(self, lb, body):
        with self.store.lock(self.kind):  # until it has its addresses
            self.change(lb, status="creating", instances=self._instances(lb, "unknown"))
        self.machines.balancers.apply(self.machine(lb["id"]))
        return {"status": self.ready, "instances": self._instances(self.fetch(lb["id"]), "ready")}

    def resumed(self, lb):
        self.machines.balancers.apply(self.machine(lb["id"]))
        return {"status": self.ready, "instances": self._instances(lb, "ready")}

    def stopped(self, lb):
        networks = self.service(PrivateNetworks)
        for network in networks.of(lb["id"]):
            self.machines.balancers.disconnect(lb["id"], network["private_network_id"])
        self.service(IpamIps).leave(lb["id"])
        self.machines.balancers.remove(lb["id"])
        for kind in ("lb.acl", "lb.route", "lb.frontend", "lb.backend", "lb.certificate"):
            for part in self.store.find(kind, _lb=lb["id"]):
                self.store.delete(kind, part["id"], part["_scope"])

    def _finish_delete(self, lb):
        super()._finish_delete(lb)
        if self.store.get(self.kind, lb["id"]):
            return  # it could not be stopped
        ips = self.service(Ips)
        for ip in self._ips(lb):
            ip = ips.change(ip, lb_id=None)
            if lb.get("_release_ip"):
                ips.remove(ip)

    def _delete(self, lb, call):
        return super()._delete(self.change(lb, _release_ip=bool(call.flag("release_ip"))), call)

    def revise(self, lb, body):
        """Whole: what is left out is reset."""
        given = {"description": "", "tags": []} | super().revise(lb, body)
        return given | {"ssl_compatibility_level": self._level(body)}

    def _update(self, lb, call):
        super()._update(lb, call)
        self.refresh(lb["id"])
        return self.answer(self.fetch(lb["id"]), "update")

    def present(self, lb, verb):
        ips = self.service(Ips)
        networks = self.service(PrivateNetworks).of(lb["id"])
        counts = {
            f"{noun}_count": len(self.store.find(f"lb.{noun}", _lb=lb["id"]))
            for noun in ("frontend", "backend", "route")
        }
        return (
            super().present(lb, verb)
            | counts
            | {
                "private_network_count": len(networks),
                "ip": [ips.present(ip, "get") for ip in self._ips(lb)],
            }
        )

    def nested(self, id: str, with_instances: bool) -> dict:
        """A load balancer as its parts tell it, some of them without its instances."""
        shown = self.present(self.fetch(id), "list")
        return shown if with_instances else shown | {"instances": []}

    def _ips(self, lb: dict) -> list[dict]:
        """Those of version 4 first."""
        return sorted(self.store.find(self.service(Ips).kind, lb_id=lb["id"]), key=lambda ip: ":" in ip["ip_address"])

    @action("POST", "/{id}/migrate")
    def migrate(self, lb, call: Call):
        lb = self.change(lb, type=self._type(call.body.get("type") or ""), status="migrating")
        self.later(lb, self.refreshed)
        return self.answer(lb, "update")

    # Private networks -----------------------------------------------------------------------------------------------

    @action("POST", "/{id}/attach-private-network")
    def attach_private_network(self, lb, call: Call):
        return self.service(PrivateNetworks).attach(lb, call.body)

    @action("POST", "/{id}/detach-private-network")
    def detach_private_network(self, lb, call: Call):
        self.service(PrivateNetworks).detach(lb, call.body.get("private_network_id") or "")

    # What its servers are like --------------------------------------------------------------------------------------

    @action("GET", "/{id}/stats")
    def stats(self, lb, call: Call):
        return {"backend_servers_stats": self._stats(lb, call.argument("backend_id"))}

    @action("GET", "/{id}/backend-stats")
    def backend_stats(self, lb, call: Call):
        found = self._stats(lb, call.argument("backend_id"))
        return {"backend_servers_stats": self.page(call, found), "total_count": len(found)}

    def _stats(self, lb: dict, backend_id: str | None) -> list[dict]:
        return [
            {
                "instance_id": lb["instances"][0]["id"] if lb["instances"] else "",
                "backend_id": backend,
                "ip": address,
                "server_state": health.state,
                "server_state_changed_at": health.since.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "last_health_check_status": health.check,
            }
            for (backend, address), health in self.machines.balancers.health(self.machine(lb["id"])).items()
            if backend_id in (None, "", backend)
        ]


class PrivateNetworks(Collection):
    """Those of a load balancer, each with its address there."""

    path = "/lb/v1/zones/{zone}/lbs/{lb_id}/private-networks"
    parent = Lbs
    noun = "private_network"
    plural = "private_network"
    kind = "lb.private_network"
    missing = "privateNetwork not Found"
    key = "private_network_id"
    operations = ("list",)
    common = ("created_at", "updated_at")
    initial = "pending"
    defaults = {"_leaving": False}
    filters = {}

    def of(self, lb_id: str) -> list[dict]:
        return self.store.find(self.kind, _lb=lb_id)

    def attach(self, lb: dict, body: dict) -> dict:
        wanted = body.get("private_network_id") or ""
        self.service(VpcNetworks).fetch(wanted, lb["region"])
        present = [network["private_network_id"] for network in self.of(lb["id"])]
        if wanted in present:
            raise errors.invalid_argument("private_network_id", "constraint", "the load balancer is in it already")
        if len(present) >= MOST_NETWORKS:
            raise errors.quotas_exceeded(self.resource, MOST_NETWORKS, len(present))
        place = {"zone": lb["zone"], "lb_id": lb["id"]}
        network = self.add(place | {"private_network_id": wanted, "ipam_ids": body.get("ipam_ids") or []})
        return self.answer(network, "create")

    def shape(self, body):
        lb, ipam = self.parent_of(body), self.service(IpamIps)
        mac = card_mac(lb["id"], body["private_network_id"]).upper()
        owner = {"type": "lb_server", "id": lb["id"], "name": lb["name"], "mac_address": mac}
        given = [ipam.attach(id, owner) for id in body["ipam_ids"]]
        booked = given or [ipam.book(body["private_network_id"], owner)]
        return {
            "private_network_id": body["private_network_id"],
            "ipam_ids": [ip["id"] for ip in booked],
            "dhcp_config": {"ip_id": booked[0]["id"]},
            "_lb": lb["id"],
        }

    def started(self, network, body):
        self.machines.balancers.apply(self.service(Lbs).machine(network["_lb"]))
        return {"status": self.ready}

    def resumed(self, network):
        if network["_leaving"]:
            return self.detached(network)
        return self.started(network, {}) if network["status"] != self.ready else None

    def detach(self, lb: dict, private_network_id: str):
        network = self.fetch(private_network_id, f"{lb['zone']}/{lb['id']}")
        self.later(self.change(network, status="pending", _leaving=True), self.detached)

    def detached(self, network):
        ipam = self.service(IpamIps)
        self.machines.balancers.disconnect(network["_lb"], network["private_network_id"])
        for ip in ipam.of(network["_lb"]):
            if ip["id"] in network["ipam_ids"]:
                ipam.remove(ip) if ip.get("_managed") else ipam.change(ip, resource=None)
        self._await_poll(network)
        self.store.delete(self.kind, network["private_network_id"], network["_scope"])

    def present(self, network, verb):
        return super().present(network, verb) | {"lb": self.service(Lbs).nested(network["_lb"], verb == "create")}


class LbTypes(Service):
    path = "/lb/v1/zones/{zone}/lb-types"

    @action("GET", "")
    def list(self, call: Call):
        zone = call.params["zone"]
        types = [
            offered | {"stock_status": "available", "multicloud": True, "zone": zone, "region": zone[:-2]}
            for offered in catalog("lb-types")
        ]
        return {"lb_types": self.page(call, types), "total_count": len(types)}
