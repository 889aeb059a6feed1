"""Servers of instance/v1: every one that is powered is a machine of its own, with cards, addresses and cloud-init.

Shapes: scaleway-sdk-python, scaleway/instance/v1/types.py. What is not served, and why: docs/sandbox.md#instance.
"""

import re
import uuid
from contextlib import ExitStack

from starlette.responses import PlainTextResponse, Response

from .. import errors
from ..call import Call
from ..collection import action, equals
from ..machines.instance import Card, Machine
from .block import Snapshots as BlockSnapshots
from .block import Volumes as BlockVolumes
from .instance_base import Zonal, not_a_value, random_mac
from .instance_ip import IPV4, Ips
from .instance_security_group import SecurityGroups
from .instance_storage import Images, PlacementGroups, Snapshots, Volumes, task
from .ipam import Ips as IpamIps
from .marketplace import local_images, server_types

ALLOWED = {
    "stopped": ["poweron", "backup"],
    "starting": ["stop_in_place", "backup"],
    "running": ["poweroff", "terminate", "reboot", "stop_in_place", "backup"],
    "stopping": ["stop_in_place", "backup"],
    "stopped in place": ["poweron", "poweroff", "terminate", "reboot", "backup"],
    "locked": [],
}
"""State -> what the answer's `allowed_actions` say. While stopping, nothing is accepted all the same."""
IMAGE_SIZE = 10_000_000_000
"""Of the block volume that a server gets from an image, in bytes."""
AUTHORIZED_KEY = "AUTHORIZED_KEY="
"""Tags that begin with this let a key into one server: spaces of the key are written as underscores."""
DOCKER = "docker"
"""Label of the image that has Docker; every other one is Debian 13."""


class Servers(Zonal):
    path = "/instance/v1/zones/{zone}/servers"
    noun = "server"
    required = ("commercial_type",)
    mutable = ("name", "tags", "protected", "boot_type", "dynamic_ip_required")
    nullable = ("tags", "placement_group", "public_ip", "public_ips")
    failed = "locked"
    enums = {"boot_type": ("local", "rescue", "bootscript")}
    defaults = {
        "tags": [], "state": "stopped", "state_detail": "", "protected": False, "boot_type": "local",
        "dynamic_ip_required": True, "enable_ipv6": False, "routed_ip_enabled": True, "ipv6": None, "private_ip": None,
        "extra_networks": [], "bootscript": None, "location": None, "maintenances": [], "filesystems": [],
        "_dynamic_ip": None, "_user_data": {}, "_placement_group": None, "_booted": False,
    }  # fmt: skip
    filters = Zonal.filters | {
        "commercial_type": equals("commercial_type"),
        "servers": lambda server, values: server["id"] in ",".join(values).split(","),
    }

    # Creation -------------------------------------------------------------------------------------------------------

    def within(self, body):
        groups, placement = [(SecurityGroups, self._group(body))], body.get("placement_group")
        if placement:
            groups.append((PlacementGroups, self.service(PlacementGroups).fetch(placement, body["zone"])))
        return groups

    def _group(self, body: dict) -> dict:
        groups, project = self.service(SecurityGroups), body.get("project") or self.organization_id
        if body.get("security_group"):
            return groups.fetch(body["security_group"], body["zone"])
        return groups.default(body["zone"], project)

    def shape(self, body):
        """Everything is looked up before anything is made: a refused server leaves nothing behind."""
        zone, offered = body["zone"], self._type(body["commercial_type"], body["zone"])
        image = self._image(body, offered)
        project = body.get("project") or self.organization_id
        group = self._group(body)
        ips = [self.service(Ips).fetch(id, zone) for id in self._wanted_ips(body)]
        server = {
            **{field: body[field] for field in self.mutable if field in body},
            "id": str(uuid.uuid4()),
            "name": body.get("name", ""),
            "zone": zone,
            "project": project,
            "tags": body.get("tags") or [],
            "hostname": body.get("name", ""),
            "commercial_type": body["commercial_type"],
            "arch": offered["arch"],
            "end_of_service": offered["end_of_service"],
            "mac_address": "de:00:" + random_mac(),
            "image": self.service(Images).present(image, "get") if image else None,
            "_label": (image or {}).get("_label"),
            "_security_group": group["id"],
            "_placement_group": body.get("placement_group"),
        }
        if "admin_password_encryption_ssh_key_id" in body:
            server["admin_password_encryption_ssh_key_id"] = body["admin_password_encryption_ssh_key_id"] or None
        server["_volumes"] = self._make_volumes(server, self._plan_volumes(body, offered, image), offered)
        for ip in ips:
            self.service(Ips).give(ip, server)
        return server

    def _type(self, name: str, zone: str) -> dict:
        """What the zone offers under this commercial type."""
        offered = server_types().get(name)
        if not offered:
            raise not_a_value("commercial_type")
        if zone not in offered["zones"]:
            raise errors.invalid_argument("commercial_type", "constraint", f"{name} is not available in {zone}")
        return offered

    def _image(self, body: dict, offered: dict) -> dict | None:
        """The image, by id or by the label of the marketplace."""
        given = body.get("image")
        if not given:
            if not any(key in (body.get("volumes") or {}).get("0", {}) for key in ("id", "base_snapshot")):
                raise errors.invalid_argument("image", "required", "is required without a root volume")
            return None
        if not _is_uuid(given):
            given = self._labelled(given, body, offered)
        image = self.service(Images).fetch(given, body["zone"])
        if image["arch"] != offered["arch"]:
            raise errors.invalid_argument(
                "image", "constraint", f"is for {image['arch']}, the type is {offered['arch']}"
            )
        return image

    def _labelled(self, label: str, body: dict, offered: dict) -> str:
        local = (body.get("volumes") or {}).get("0", {}).get("volume_type") == "l_ssd"
        wanted = {"label": label.replace("-", "_"), "zone": body["zone"], "arch": offered["arch"]}
        wanted["type"] = "instance_local" if local else "instance_sbs"
        for image in local_images().values():
            if all(image[field] == value for field, value in wanted.items()):
                return image["id"]
        raise errors.not_found("instance_image", label)

    def _wanted_ips(self, body: dict) -> list[str]:
        return body.get("public_ips") or ([body["public_ip"]] if body.get("public_ip") else [])

    # Volumes --------------------------------------------------------------------------------------------------------

    def _plan_volumes(self, body: dict, offered: dict, image: dict | None) -> dict[str, dict]:
        """Index -> template, with what the request leaves open filled in."""
        plan = self._given_volumes(body.get("volumes") or {})
        if image:
            local = image["root_volume"]["volume_type"] == "l_ssd"
            root = plan.setdefault("0", {})
            root.setdefault("volume_type", "l_ssd" if local else "sbs_volume")
            if root["volume_type"] == "l_ssd" and not local:
                raise errors.invalid_argument("volumes", "constraint", "the image is for block volumes")
            largest = offered["volumes_constraint"]["max_size"]
            everything = root["volume_type"] == "l_ssd" and not body.get("volumes")
            root.setdefault("size", largest if everything else IMAGE_SIZE)
            root["_image"] = image
        return dict(sorted(plan.items(), key=lambda entry: int(entry[0])))

    @staticmethod
    def _given_volumes(given: dict[str, dict]) -> dict[str, dict]:
        """Index -> template as a request has them, without its nulls."""
        for index in given:
            if not re.fullmatch(r"\d{1,2}", index, re.ASCII):
                raise errors.invalid_argument("volumes", "format", f"{index!r} is no index of a volume")
        return {
            index: {field: value for field, value in template.items() if value is not None}
            for index, template in given.items()
        }

    def _make_volumes(self, server: dict, plan: dict, offered: dict) -> dict[str, dict]:
        """Take or make the volumes of a plan; index -> `{id, volume_type, boot}`."""
        found = {index: self._existing(template, server) for index, template in plan.items()}
        sizes = [
            (found[index] or template).get("size", 0)
            for index, template in plan.items()
            if (found[index] or template).get("volume_type") == "l_ssd"
        ]
        self._check_local(sum(sizes), offered)
        taken = {}
        for index, template in plan.items():
            volume = found[index] or self._new(template, index, server)
            kind = volume.get("volume_type", "sbs_volume")
            if kind == "sbs_volume":
                self.service(BlockVolumes).attach(volume["id"], server["id"])
            else:
                self.service(Volumes).change(volume, _server=server["id"])
            taken[index] = {"id": volume["id"], "volume_type": kind, "boot": bool(template.get("boot"))}
        return taken

    def _check_local(self, size: int, offered: dict):
        limits = offered["volumes_constraint"]
        if not limits["min_size"] <= size <= limits["max_size"]:
            words = (
                f"the local volumes of this type must have between {limits['min_size']} and {limits['max_size']} bytes"
            )
            raise errors.invalid_argument("volumes", "constraint", f"{words}, not {size}")

    def _existing(self, template: dict, server: dict) -> dict | None:
        """The volume that a template names, free or of this server; its record of either product."""
        if not template.get("id"):
            return None
        block = self.store.get(self.service(BlockVolumes).kind, template["id"], server["zone"])
        if block:
            if {held["product_resource_id"] for held in block["references"]} - {server["id"]}:
                raise errors.invalid_argument("volumes", "constraint", f"volume {block['id']} is already attached")
            return self.service(BlockVolumes).permitted(block)
        volume = self.service(Volumes).fetch(template["id"], server["zone"])
        if volume["_server"] not in (None, server["id"]):
            raise errors.invalid_argument("volumes", "constraint", f"volume {volume['id']} is already attached")
        return volume

    def _new(self, template: dict, index: str, server: dict) -> dict:
        image, kind = template.get("_image"), template.get("volume_type", "l_ssd")
        default = image["name"] if image else f"{server['name']}-{index}"
        owner = {"zone": server["zone"], "project": server["project"]}
        if kind != "sbs_volume":
            name = default if image else template.get("name", default)
            size = {field: template[field] for field in ("size", "base_snapshot") if field in template}
            return self.service(Volumes).add(owner | size | {"name": name, "volume_type": kind})
        blocks = self.service(BlockVolumes)
        name = template.get("name") or f"{default}_sbs_volume_{index}"
        body = owner | {"project_id": server["project"], "name": name}
        if template.get("base_snapshot"):
            size = {"size": template["size"]} if template.get("size") else {}
            return blocks.add(body | {"from_snapshot": {"snapshot_id": template["base_snapshot"]} | size})
        volume = blocks.add(body | {"from_empty": {"size": template.get("size", IMAGE_SIZE)}})
        return blocks.change(volume, parent_snapshot_id=image["root_volume"]["id"]) if image else volume

    def _release_volume(self, held: dict, delete_local: bool = False):
        if held["volume_type"] == "sbs_volume":
            self.service(BlockVolumes).detach(held["id"])
        elif volume := self.store.get(self.service(Volumes).kind, held["id"]):
            volumes = self.service(Volumes)
            volume = volumes.change(volume, _server=None)
            if delete_local:
                volumes.remove(volume)

    def _set_volumes(self, server: dict, plan: dict) -> dict:
        """The whole map: what it leaves out is detached."""
        plan = {
            index: template
            for index, template in self._given_volumes(plan).items()
            if template.get("id") or template.get("volume_type")
        }
        kept = {template["id"] for template in plan.values() if template.get("id")}
        taken = self._make_volumes(server, plan, self._type(server["commercial_type"], server["zone"]))
        for held in server["_volumes"].values():
            if held["id"] not in kept:
                self._release_volume(held)
        return taken

    @action("POST", "/{id}/attach-volume")
    def attach_volume(self, server, call: Call):
        index = str(max((int(index) for index in server["_volumes"]), default=-1) + 1)
        template = {"id": call.body.get("volume_id"), "boot": call.body.get("boot")}
        if not template["id"]:
            raise errors.invalid_argument("volume_id", "required", "is required")
        plan = {held: {"id": volume["id"], "boot": volume["boot"]} for held, volume in server["_volumes"].items()}
        return self.answer(self.change(server, _volumes=self._set_volumes(server, plan | {index: template})), "update")

    @action("POST", "/{id}/detach-volume")
    def detach_volume(self, server, call: Call):
        id = call.body.get("volume_id")
        left = {index: held for index, held in server["_volumes"].items() if held["id"] != id}
        if len(left) == len(server["_volumes"]):
            words = f"Volume {id} is not attached to this server"
            raise errors.invalid_argument("volume_id", "constraint", words)
        self._release_volume(next(held for held in server["_volumes"].values() if held["id"] == id))
        return self.answer(self.change(server, _volumes=left), "update")

    def _get(self, server, call):
        """A server may have shut itself down since."""
        if server["state"] == "running" and not self.machines.instances.running(server["id"]):
            server = self.change(server, state="stopped in place", state_detail="stopped in place", _booted=False)
        return super()._get(server, call)

    # Update and answers ---------------------------------------------------------------------------------------------

    def revise(self, server, body):
        zone, changes = server["zone"], super().revise(server, body)
        if "tags" in body:
            changes["tags"] = body["tags"] or []
        if "commercial_type" in body and body["commercial_type"] != server["commercial_type"]:
            changes |= self._retyped(server, body["commercial_type"])
        if "security_group" in body:
            changes["_security_group"] = self.service(SecurityGroups).fetch(body["security_group"]["id"], zone)["id"]
        if "placement_group" in body:
            group = body["placement_group"]
            changes["_placement_group"] = self.service(PlacementGroups).fetch(group, zone)["id"] if group else None
        if "admin_password_encryption_ssh_key_id" in body:
            changes["admin_password_encryption_ssh_key_id"] = body["admin_password_encryption_ssh_key_id"] or None
        wanted = {ip["id"]: ip for ip in map(self.service(Ips).fetch, self._wanted_ips(body))}
        if "volumes" in body:
            changes["_volumes"] = self._set_volumes(server, body["volumes"])
        if "public_ips" in body or "public_ip" in body:
            for ip in self.service(Ips).of(server["id"]):
                if ip["id"] not in wanted:
                    self.service(Ips).give(ip, None)
            for ip in wanted.values():
                self.service(Ips).give(ip, server)
        return changes

    def _update(self, server, call):
        security, placement = (call.body.get(field) for field in ("security_group", "placement_group"))
        with ExitStack() as held:
            for collection, id in ((SecurityGroups, security and security["id"]), (PlacementGroups, placement)):
                if id:
                    groups = self.service(collection)
                    held.enter_context(groups.held(groups.fetch(id, server["zone"])))
            answer = super()._update(server, call)
        with_ip = self._with_dynamic_ip(server)
        return self.answer(with_ip, "update") if with_ip["_dynamic_ip"] != server["_dynamic_ip"] else answer

    def updated(self, server, changes):
        self.reconnect(server)

    def _retyped(self, server: dict, name: str) -> dict:
        offered = self._type(name, server["zone"])
        if server["state"] != "stopped":
            raise errors.precondition_failed("resource_not_usable", "the server must be stopped to change its type")
        if offered["arch"] != server["arch"]:
            raise not_a_value("commercial_type")
        volumes = [self.store.get(self.service(Volumes).kind, held["id"]) for held in server["_volumes"].values()]
        self._check_local(sum(volume["size"] for volume in volumes if volume), offered)
        return {"commercial_type": name}

    def present(self, server, verb):
        group = self.store.get(self.service(SecurityGroups).kind, server["_security_group"])
        placement = server["_placement_group"]
        groups = self.service(PlacementGroups)
        ips = self._public_ips(server)
        return super().present(server, verb) | {
            "volumes": {index: self._volume(held, server) for index, held in server["_volumes"].items()},
            "public_ip": ips[0] if ips else None,
            "public_ips": ips,
            "private_nics": [self.nics.present(nic, "list") for nic in self.nics.of(server["id"])],
            "security_group": {"id": group["id"], "name": group["name"]},
            "placement_group": groups.present(groups.fetch(placement), "get") if placement else None,
            "allowed_actions": ALLOWED[server["state"]],
            "dns": f"{server['id']}.pub.instances.scw.cloud",
        }

    def _volume(self, held: dict, server: dict) -> dict:
        shown = {"boot": held["boot"], "volume_type": held["volume_type"], "id": held["id"], "zone": server["zone"]}
        if held["volume_type"] == "sbs_volume":
            return shown | {"state": "available"}
        volumes = self.service(Volumes)
        return shown | volumes.present(volumes.fetch(held["id"]), "get")

    def _public_ips(self, server: dict) -> list[dict]:
        shown = [_public_ip(server, ip) for ip in self.service(Ips).of(server["id"])]
        if dynamic := server["_dynamic_ip"]:
            state = "attached" if server["_booted"] else "pending"
            fields = {"type": IPV4, "tags": [], "state": state}
            shown.insert(0, _public_ip(server, dynamic | fields) | {"dynamic": True})
        return shown

    def removable(self, server):
        if server["protected"]:
            raise errors.precondition_failed("resource_protected", "the server is protected against deletion")
        if server["state"] not in ("stopped", "locked"):
            raise errors.precondition_failed("resource_not_usable", "the server must be stopped to be deleted")

    def remove(self, server):
        """Volumes and IPs stay, and are free at once."""
        self._release(server)
        return super().remove(server)

    def stopped(self, server):
        self.machines.instances.delete(server["id"])

    def _release(self, server: dict, delete_local: bool = False):
        for held in server["_volumes"].values():
            self._release_volume(held, delete_local)
        for ip in self.service(Ips).of(server["id"]):
            self.service(Ips).give(ip, None)
        for nic in self.nics.of(server["id"]):
            self.service(IpamIps).leave(nic["id"])

    # Power ----------------------------------------------------------------------------------------------------------

    @action("GET", "/{id}/action")
    def list_actions(self, server, call: Call):
        return {"actions": ALLOWED[server["state"]]}

    @action("POST", "/{id}/action")
    def act(self, server, call: Call):
        name = call.body.get("action")
        moves = {
            "poweron": ("starting", "allocating node", self._power_on),
            "poweroff": ("stopping", "stopping", self._power_off),
            "stop_in_place": ("stopping", "stopping in place", self._halt),
            "reboot": ("starting", "rebooting", self._reboot),
            "terminate": ("stopping", "terminating", None),
        }
        if name not in (*moves, "backup"):
            raise not_a_value("action")
        if name == "backup":
            return self._backup(server, call)
        if name not in ALLOWED[server["state"]] or server["state"] in ("starting", "stopping"):
            words = f"{name} is not possible while the server is {server['state']}"
            raise errors.precondition_failed("resource_not_usable", words)
        if name == "terminate" and server["protected"]:
            raise errors.precondition_failed("resource_protected", "the server is protected against deletion")
        state, detail, work = moves[name]
        server = self.change(server, state=state, state_detail=detail)
        if work:
            self.later(server, work)
        else:
            self._in_background(self._terminate, server)
        return 202, {"task": self._task(server)}

    def _task(self, server: dict) -> dict:
        path = f"servers/{server['id']}"
        return task(server, "servers", started_at=self.now()) | {"href_from": f"/{path}/action"}

    def _power_on(self, server):
        server = self._with_dynamic_ip(server)
        booted = self.machines.instances.start(self.machine(server))
        return self._running(server, booted)

    def _with_dynamic_ip(self, server: dict) -> dict:
        """The server with an address for as long as it runs, if it wants one and has no flexible IP of version 4."""
        ips = self.service(Ips)
        with self.store.lock(ips.kind):  # nobody else takes the address, or gives the server one
            server = self.fetch(server["id"])
            powered = server["state"] in ("starting", "running")
            wanted = (
                powered and server["dynamic_ip_required"] and all(ip["type"] != IPV4 for ip in ips.of(server["id"]))
            )
            if wanted == bool(server["_dynamic_ip"]):
                return server
            dynamic = {"id": str(uuid.uuid4()), "address": ips.free_address()} if wanted else None
            return self.change(server, _dynamic_ip=dynamic)

    def _reboot(self, server):
        return self._running(server, self.machines.instances.reboot(self.machine(server)))

    def _running(self, server: dict, booted: bool) -> dict:
        location = {
            "zone_id": server["zone"],
            "platform_id": "14",
            "cluster_id": "1",
            "hypervisor_id": "1",
            "node_id": "1",
        }
        detail = "booted" if booted else "booting kernel"
        return {"state": "running", "state_detail": detail, "location": location, "_booted": booted}

    def _power_off(self, server):
        self.machines.instances.stop(server["id"])
        return {"state": "stopped", "state_detail": "", "location": None, "_dynamic_ip": None, "_booted": False}

    def _halt(self, server):
        self.machines.instances.halt(server["id"])
        return {"state": "stopped in place", "state_detail": "stopped in place", "_booted": False}

    def _terminate(self, server):
        """Local volumes go with the server; block volumes and flexible IPs stay."""
        for nic in self.nics.of(server["id"]):
            self.machines.instances.disconnect(nic["id"])
        self.machines.instances.delete(server["id"])
        self._await_poll(server)
        self._release(self.fetch(server["id"]), delete_local=True)
        self.store.delete(self.kind, server["id"], server["_scope"])

    def _backup(self, server: dict, call: Call):
        """An image of all volumes."""
        body = {"zone": server["zone"], "project": server["project"]}
        taken = {}
        for index, held in server["_volumes"].items():
            if held["volume_type"] == "sbs_volume":
                snapshot = self.service(BlockSnapshots).add(
                    body | {"project_id": body["project"], "volume_id": held["id"]}
                )
            else:
                snapshot = self.service(Snapshots).add(body | {"volume_id": held["id"]})
            taken[index] = {"id": snapshot["id"]}
        root = taken.pop("0")["id"]
        fields = {
            "name": call.body.get("name", ""),
            "arch": server["arch"],
            "root_volume": root,
            "extra_volumes": taken,
        }
        image = self.service(Images).add(body | fields | {"_from_server": server["id"]})
        return 202, {"task": self._task(server) | {"href_result": f"/images/{image['id']}"}}

    def resume(self):
        for server in self.store.find(self.kind, state="running"):
            self.change(server, state="starting", state_detail="starting")
        super().resume()

    def resumed(self, server):
        """Bring back what ran, and finish what was under way."""
        if server["state"] == "stopping" and server["state_detail"] == "terminating":
            self._terminate(server)
            return None
        if server["state"] == "stopping":
            in_place = server["state_detail"] == "stopping in place"
            return self._halt(server) if in_place else self._power_off(server)
        return self._power_on(server) if server["state"] == "starting" else None

    # The machine ----------------------------------------------------------------------------------------------------

    def machine(self, server: dict) -> Machine:
        """What the machine of a server is to be."""
        offered = server_types()[server["commercial_type"]]
        ipam = self.service(IpamIps)
        addresses = [ip["address"] for ip in self._public_ips(server) if ip["family"] == "inet"]
        return Machine(
            id=server["id"],
            hostname=re.sub(r"[^a-z0-9.-]+", "-", server["hostname"].lower()).strip("-.") or "instance",
            image="instance-docker" if server["_label"] == DOCKER else "instance",
            cpus=offered["ncpus"],
            memory=offered["ram"],
            keys=tuple(self._keys(server)),
            user_data=server["_user_data"].get("cloud-init", "").encode(errors="surrogateescape"),
            mac=server["mac_address"],
            addresses=tuple(addresses),
            group=server["_security_group"],
            cards=tuple(
                Card(
                    nic["id"],
                    nic["private_network_id"],
                    nic["mac_address"],
                    tuple(ip["address"] for ip in ipam.of(nic["id"])),
                    self._gateway_of(nic["private_network_id"]),
                )
                for nic in self.nics.of(server["id"])
            ),
        )

    def _gateway_of(self, private_network_id: str) -> str | None:
        """Where the network's default route leads, if a public gateway announces one."""
        for network in self.store.find("vpc-gw.gateway_network", private_network_id=private_network_id):
            if network["push_default_route"] and network["status"] == "ready":
                return self.service(IpamIps).fetch(network["ipam_ip_id"])["address"].partition("/")[0]
        return None

    def _keys(self, server: dict):
        """Public keys that the server lets in: those of its project, and its own."""
        for key in self.store.find("iam.ssh_key", project_id=server["project"]):
            if not key["disabled"]:
                yield key["public_key"]
        for tag in server["tags"]:
            if tag.startswith(AUTHORIZED_KEY):
                yield tag.removeprefix(AUTHORIZED_KEY).replace("_", " ")

    def reconnect(self, server: dict):
        """Let a powered machine have the addresses, cards and group that its server has now."""
        server = self._with_dynamic_ip(server)
        if server["state"] in ("starting", "running"):
            self.machines.instances.connect(self.machine(server))

    # User data ------------------------------------------------------------------------------------------------------

    @action("GET", "/{id}/user_data")
    def list_user_data(self, server, call: Call):
        return {"user_data": sorted(server["_user_data"])}

    @action("GET", "/{id}/user_data/{key}")
    def get_user_data(self, server, call: Call):
        value = server["_user_data"].get(call.params["key"])
        if value is None:
            return Response(status_code=404, media_type="text/plain")
        return PlainTextResponse(value.encode(errors="surrogateescape"))

    @action("PATCH", "/{id}/user_data/{key}")
    def set_user_data(self, server, call: Call):
        value = call.content.decode(errors="surrogateescape")
        self.change(server, _user_data=server["_user_data"] | {call.params["key"]: value})

    @action("DELETE", "/{id}/user_data/{key}")
    def delete_user_data(self, server, call: Call):
        if call.params["key"] not in server["_user_data"]:
            return Response(status_code=404, media_type="text/plain")
        left = {key: value for key, value in server["_user_data"].items() if key != call.params["key"]}
        self.change(server, _user_data=left)
        return None

    @action("GET", "/{id}/compatible-types")
    def compatible_types(self, server, call: Call):
        volumes = [self.store.get(self.service(Volumes).kind, held["id"]) for held in server["_volumes"].values()]
        size = sum(volume["size"] for volume in volumes if volume)
        return {
            "compatible_types": [
                name
                for name, offered in server_types().items()
                if offered["arch"] == server["arch"] and size <= offered["volumes_constraint"]["max_size"]
                if server["zone"] in offered["zones"]
            ]
        }


def _public_ip(server: dict, ip: dict) -> dict:
    """An IP as its server tells it. One of version 6 is a prefix, in which the server's card makes its address."""
    version4 = ip["type"] == IPV4
    card = server["mac_address"].split(":")
    address = ip["address"] if version4 else ip["prefix"].split("/")[0] + "{}{}:{}ff:fe{}:{}{}".format(*card)
    return {
        "id": ip["id"],
        "address": address,
        "dynamic": False,
        "gateway": "62.210.0.1" if version4 else "fe80::1",
        "netmask": "32" if version4 else "64",
        "family": "inet" if version4 else "inet6",
        "provisioning_mode": "dhcp" if version4 else "slaac",
        "tags": ip["tags"],
        "state": ip["state"],
        "ipam_id": ip["id"],
    }


def _is_uuid(value: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value))
