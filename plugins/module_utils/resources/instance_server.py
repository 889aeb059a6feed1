# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances: instance/v1."""

from __future__ import annotations

from functools import cached_property

from ..errors import ApiError, ResourceError
from ..formats import address
from ..resource import Reference, Resource
from ..values import NULL, UNKNOWN, UUID

BLOCK = "block.v1.BlockV1API"
MARKETPLACE = "marketplace.v2.MarketplaceV2API"
CLOUD_INIT = "cloud-init"  # the key of user data that cloud-init reads
STATES = {
    "running": "running",
    "stopped": "stopped",
    "stopped_in_place": "stopped in place",
}  # the API's word has spaces
STEPS = {
    ("stopped", "running"): ["poweron"],
    ("stopped in place", "running"): ["poweron"],
    ("running", "stopped"): ["poweroff"],
    ("stopped in place", "stopped"): ["poweron", "poweroff"],
    ("running", "stopped in place"): ["stop_in_place"],
    ("stopped", "stopped in place"): ["poweron", "stop_in_place"],
}
"""(state, state wanted) -> actions, each of which has to be over before the next."""
REACHES = {"poweron": "running", "reboot": "running", "poweroff": "stopped", "stop_in_place": "stopped in place"}
DIRECT = {"name", "tags", "protected", "boot_type", "dynamic_ip_required"}
"""Options that one update takes as they are, whatever the state."""
STOPPED = {"commercial_type", "placement_group_id"}
"""Options that change on a stopped instance alone."""


class Volume(Resource):
    """A block volume, to wait for."""

    api = BLOCK
    noun = "volume"
    failed = {"error", "locked"}


class Server(Resource):
    api = "instance.v1.custom_api.InstanceUtilsV1API"
    noun = "server"
    methods = {"create": "_create_server", "update": "_update_server"}
    references = {
        "volumes": Reference(BLOCK, "list_volumes", "block volume", given={"include_deleted": False}, get="get_volume"),
        "private_networks": Reference(
            "vpc.v2.VpcV2API", "list_private_networks", "private network", get="get_private_network"
        ),
        "security_group_id": Reference("instance.v1.InstanceV1API", "list_security_groups", "security group"),
        "placement_group_id": Reference("instance.v1.InstanceV1API", "list_placement_groups", "placement group"),
        "public_ips": Reference("instance.v1.InstanceV1API", "list_ips", "flexible IP"),
    }
    status_field = "state"
    ready = set(STATES.values())
    failed = {"locked"}
    immutable = {"image"}
    secrets = {"cloud_init", "user_data"}
    create_with = {"protected": False, "dynamic_ip_required": False}

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.may_stop = self.options.pop("may_stop", True)

    # Reading -----------------------------------------------------------------------

    def read(self, answer):
        """The options as the instance has them; `_answer` is the API's own word, which is what the task returns."""
        if "volumes" not in answer:  # to another question than what the instance is like
            return answer
        volumes = sorted(answer["volumes"].items(), key=lambda entry: int(entry[0]))
        root = dict(volumes).get("0") or {}
        return answer | {
            "_answer": answer,
            "image": (answer["image"] or {}).get("id", ""),
            "root_volume": {field: root[field] for field in ("id", "volume_type", "size") if field in root},
            "volumes": [volume["id"] for index, volume in volumes if index != "0"],
            "public_ips": [ip["id"] for ip in answer["public_ips"] if not ip["dynamic"]],
            "private_networks": [nic["private_network_id"] for nic in answer["private_nics"]],
            "security_group_id": answer["security_group"]["id"],
            "placement_group_id": (answer["placement_group"] or {}).get("id", ""),
            "power_state": answer["state"].replace(" ", "_"),
        }

    def report(self, record):
        return record and record.get("_answer", record)

    def identity(self, name, record):
        # The core would also pass options that are references and parameters, which here are another thing in the API.
        return {"server_id": record["id"]} if record else {}

    def resolve(self, option, reference, value):
        if value in ("", UNKNOWN) or UUID.fullmatch(value):
            return value
        if option == "public_ips":
            return self.ip_called(value)
        return super().resolve(option, reference, value)

    def ip_called(self, value):
        """The ID of the flexible IP with this address or name."""
        by_address = address(value) is None
        arguments = {} if by_address else {"tags": [f"name={value}"]}
        arguments["project"] = self.client.credentials.project_id
        ips = self.client.list(self.api, "list_ips", **self.scope("list_ips"), **arguments)
        found = [ip["id"] for ip in ips if not by_address or ip["address"] == value]
        if len(found) != 1:
            problem = "does not exist" if not found else f"is the name of {len(found)}: {', '.join(found)}"
            raise ResourceError(f"public_ips: flexible IP {value!r} {problem}", field="public_ips")
        return found[0]

    def check_options(self):
        super().check_options()
        for key, value in (self.options.get("user_data") or {}).items():
            if not isinstance(value, str):
                raise ResourceError(f"user_data: the value of {key!r} must be a text", field="user_data")
            if key == CLOUD_INIT:
                raise ResourceError("user_data: give cloud-init's as cloud_init", field="user_data")

    # Planning ----------------------------------------------------------------------

    def comparable(self):
        return [*super().comparable(), *(option for option in ("cloud_init", "user_data") if option in self.options)]

    def differs(self, option, current):
        if option == "power_state":
            return self.options[option] == "rebooted" or super().differs(option, current)
        if option == "image":
            return not self.is_image(current)
        if option == "root_volume":
            return self.root_differs(current["root_volume"])
        if option in ("cloud_init", "user_data"):
            return bool(self.data_to_change(current))
        return super().differs(option, current)

    def plan(self, current):
        changes = super().plan(current)
        if "root_volume" in changes:
            self.check_growth(current["root_volume"])
        if "commercial_type" in changes:
            self.check_type(current)
        if current["state"] == "running" and not self.may_stop:
            changes = {option: value for option, value in changes.items() if option not in STOPPED}
        return changes

    def is_image(self, current):
        """Whether the instance was made from this image: an ID, or a label, of which older releases are known by name."""
        wanted, image = self.options["image"].replace("-", "_"), current["_answer"]["image"]
        if not image or self.options["image"] == image["id"]:
            return bool(image)
        try:
            return self.client.call(MARKETPLACE, "get_local_image", local_image_id=image["id"])["label"] == wanted
        except ApiError as error:
            if error.status != 404:
                raise
        images = self.client.list(MARKETPLACE, "list_images", include_eol=True)
        return any(known["label"] == wanted and known["name"] == image["name"] for known in images)

    def root_differs(self, root):
        wanted = self.options["root_volume"]
        if wanted["volume_type"] != root.get("volume_type"):
            return True
        if wanted.get("size") and "size" not in root:  # block volumes tell theirs themselves
            root["size"] = self.client.call(BLOCK, "get_volume", **self.scope("get_server"), volume_id=root["id"])[
                "size"
            ]
        return bool(wanted.get("size")) and wanted["size"] != root["size"]

    def check_growth(self, root):
        wanted, remedy = self.options["root_volume"], "(make a new instance, or leave it as it is)"
        if wanted["volume_type"] != root.get("volume_type"):
            problem = f"volume_type of {self.title()} is {root.get('volume_type')} and cannot change"
            raise ResourceError(f"root_volume: {problem} {remedy}", field="root_volume")
        if root["volume_type"] == "l_ssd" or wanted["size"] < root["size"]:
            problem = f"size of {self.title()} is {root['size']} and cannot become {wanted['size']}"
            raise ResourceError(f"root_volume: {problem} {remedy}", field="root_volume")

    def check_type(self, current):
        """Refuse a type that the zone does not have, or that the instance cannot become."""
        name = self.options["commercial_type"]
        offered = self.offered(name)
        if offered["arch"] != current["arch"]:
            raise ResourceError(
                f"commercial_type: {name} is for {offered['arch']}, {self.title()} for {current['arch']} (make a new instance)",
                field="commercial_type",
            )

    def offered(self, name):
        """What the zone tells of a type."""
        page, known = 1, {}
        while answer := self.client.call(
            self.api, "list_servers_types", **self.scope("get_server"), page=page, per_page=100
        )["servers"]:
            known |= answer
            page += 1
        if name not in known:
            near = [other for other in known if other.split("-")[0] == name.split("-")[0]] or known
            raise ResourceError(
                f"commercial_type: {self.client.credentials.zone} has no {name} (take one of {', '.join(sorted(near))})",
                field="commercial_type",
            )
        return known[name]

    def data_to_change(self, current):
        """{key: text, or None to remove it} of the user data that differ."""
        wanted = dict(self.options.get("user_data") or {})
        if "cloud_init" in self.options:
            wanted[CLOUD_INIT] = self.options["cloud_init"]
        kept = set(self.call("list_server_user_data", current)["user_data"]) if wanted else set()
        return {
            key: value or None
            for key, value in wanted.items()
            if (key in kept) != bool(value) or (key in kept and self.data(current, key) != value)
        }

    def data(self, current, key):
        # Its text as it is: the client would take a text that happens to be JSON for an answer in JSON.
        get = self.client.method(self.api, "get_server_user_data")
        return get(server_id=current["id"], key=key, zone=self.client.credentials.zone).content.decode()

    def method(self, verb):
        return verb if verb.endswith(("user_data", "_volume", "_nic", "_action")) else super().method(verb)

    # Applying ----------------------------------------------------------------------

    def creation(self):
        for option in ("name", "commercial_type", "image"):
            if not self.options.get(option):
                raise ResourceError(f"{option}: needed to create {self.title()}", field=option)
        given = super().creation()
        given["image"] = self.image_id
        root = {field: value for field, value in (self.options.get("root_volume") or {}).items() if value}
        given["volumes"] = {"0": {"boot": False} | root} if root else None
        given["security_group"] = self.options.get("security_group_id")
        given["placement_group"] = self.options.get("placement_group_id") or None
        return {name: value for name, value in given.items() if value is not None}

    @cached_property
    def image_id(self):
        """The image that a label means for this type, which the zone has, and root volume."""
        label, name = self.options["image"], self.options["commercial_type"]
        self.offered(name)
        if UUID.fullmatch(label):
            return label
        local = (self.options.get("root_volume") or {}).get("volume_type") == "l_ssd"
        kind = "instance_local" if local else "instance_sbs"
        try:
            found = self.client.list(
                MARKETPLACE,
                "list_local_images",
                image_label=label.replace("-", "_"),
                type=kind,
                **self.scope("get_server"),
            )
        except ApiError as error:
            if error.status != 404:
                raise
            raise ResourceError(f"image: the marketplace has no {label!r}", field="image") from error
        fitting = [image["id"] for image in found if name in image["compatible_commercial_types"]]
        if not fitting:
            problem = (
                f"{label!r} with a root volume of type {'l_ssd' if local else 'sbs_volume'} is not made for {name}"
            )
            raise ResourceError(f"image: {problem}", field="image")
        return fitting[0]

    def create(self):
        made = super().create()
        self.bring_about(
            made, {name: value for name, value in self.options.items() if name not in self.settled_by_creation()}
        )
        return made

    @staticmethod
    def settled_by_creation():
        created = {"commercial_type", "image", "root_volume", "public_ips", "security_group_id", "placement_group_id"}
        return created | DIRECT

    def update(self, current, changes):
        self.bring_about(current, changes)

    def bring_about(self, current, changes):
        """The order matters: cloud-init reads its data at the first boot, and a type changes on a stopped instance."""
        if changes.keys() & {"cloud_init", "user_data"}:
            self.set_data(current)
        self.set_fields(current, changes)
        if "root_volume" in changes:
            self.grow_root(current)
        if "volumes" in changes:
            self.set_volumes(current, changes["volumes"])
        state = current["state"]
        wanted = changes.get("power_state") or self.options.get("power_state", "running")
        if changes.keys() & STOPPED:
            state = self.move(current, state, "stopped")
            self.set_stopped(current, changes)
        if wanted == "rebooted" and state == "running":
            self.act(current, "reboot")
        else:
            self.move(current, state, STATES.get(wanted, "running"))
        if "private_networks" in changes:
            self.set_networks(current, changes["private_networks"])

    def set_data(self, current):
        for key, value in self.data_to_change(current).items():
            if value is None:
                self.call("delete_server_user_data", current, key=key)
            else:
                self.call("set_server_user_data", current, key=key, content=value.encode())

    def set_fields(self, current, changes):
        fields = {option: value for option, value in changes.items() if option in DIRECT | {"public_ips"}}
        if "security_group_id" in changes:  # the API takes the name, and does not look at it
            fields["security_group"] = {"id": changes["security_group_id"], "name": ""}
        if fields:
            self.call("update", current, **fields)

    def set_stopped(self, current, changes):
        fields = {option: value for option, value in changes.items() if option == "commercial_type"}
        if "placement_group_id" in changes:
            fields["placement_group"] = changes["placement_group_id"] or NULL
        self.call("update", current, **fields)

    def grow_root(self, current):
        scope, id = self.scope("get_server"), current["root_volume"]["id"]
        self.client.call(BLOCK, "update_volume", **scope, volume_id=id, size=self.options["root_volume"]["size"])
        self.wait_for_volume(id, "in_use")

    def wait_for_volume(self, id, status):
        volume = Volume(self.client, {"id": id})
        volume.ready = {status}
        return volume.wait({"id": id})

    def set_volumes(self, current, wanted):
        for id in current["volumes"]:
            if id not in wanted:
                self.call("detach_server_volume", current, volume_id=id)
        for id in wanted:
            if id not in current["volumes"]:
                self.once("attach_server_volume", current, "volumes", id, volume_id=id, volume_type="sbs_volume")

    def set_networks(self, current, wanted):
        for nic in current["private_nics"]:
            if nic["private_network_id"] not in wanted:
                self.call("delete_private_nic", current, private_nic_id=nic["id"])
        for id in wanted:
            if id not in current["private_networks"]:
                self.once("create_private_nic", current, "private_networks", id, private_network_id=id)

    def once(self, verb, current, option, id, **fields):
        """Attach something; where the answer is lost, look whether the instance has it before trying again."""
        self.client.create(
            lambda: current if id in self.get(current)[option] else None,
            lambda: self.call(verb, current, repeatable=False, **fields),
        )

    # Power -------------------------------------------------------------------------

    def move(self, current, state, wanted):
        """Bring the instance from a state to another; the state it is in then."""
        for action in STEPS[state, wanted] if state != wanted else ():
            self.act(current, action)
        return wanted

    def act(self, current, action):
        before = self.get(current)[self.status_field]
        self.client.create(
            lambda: current if self.get(current)[self.status_field] != before else None,
            lambda: self.call("server_action", current, repeatable=False, action=action),
        )
        waiting = type(self)(self.client, self.params)
        waiting.ready = {REACHES[action]}
        waiting.wait(current)

    def check_removal(self, current):
        if current.get("protected"):
            raise ResourceError(
                f"protected: {self.title()} is protected (set protected: false first)", field="protected"
            )

    def delete(self, current):
        """Remove the root volume before the instance, which is what tells that it is to go."""
        current = current if self.settled(current) else self.wait(current)
        if current is None:
            return
        root = current["root_volume"]
        if root and root["volume_type"] == "l_ssd" and current["state"] != "stopped":
            self.call("server_action", current, action="terminate")  # takes its local volumes along
            return
        self.move(current, current["state"], "stopped")
        if root:
            self.call("detach_server_volume", current, volume_id=root["id"])
            self.delete_volume(root)
        super().delete(current)

    def delete_volume(self, volume):
        scope = self.scope("get_server")
        if volume["volume_type"] == "sbs_volume":
            self.wait_for_volume(volume["id"], "available")
            self.client.call(BLOCK, "delete_volume", **scope, volume_id=volume["id"])
        else:
            self.client.call(self.api, "delete_volume", **scope, volume_id=volume["id"])
