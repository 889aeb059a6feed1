# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed Database instances: rdb/v1."""

from __future__ import annotations

import ipaddress
import math

from ..errors import ResourceError
from ..rdb import password
from ..resource import Reference, Resource
from ..values import UNKNOWN

LOCAL_SIZE = (
    "volume_size: the local storage of {} is as large as its node type has it "
    "(set volume_type to sbs_5k or sbs_15k, or leave volume_size out)"
)
ENDPOINT_OPTIONS = {"load_balancer", "private_network_id", "service_ip"}


def interface(value: str) -> str | None:
    try:
        ipaddress.ip_interface(value)
    except ValueError:
        return f"{value!r} is not an address with prefix length such as 10.8.0.10/22"
    return None if "/" in value else f"{value!r} lacks its prefix length, as in {value}/22"


def as_setting(value) -> str:
    """YAML's value -> the API's: settings are strings, booleans `on` and `off`."""
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


class Instance(Resource):
    api = "rdb.v1.RdbV1API"
    noun = "instance"
    references = {"private_network_id": Reference("vpc.v2.VpcV2API", "list_private_networks", "private network")}
    ready = {"ready"}
    failed = {"error", "locked", "disk_full"}
    immutable = {"engine"}
    secrets = {"password"}
    write_only = {"user_name", "init_settings"}
    create_with = {
        "user_name": "", "password": "", "is_ha_cluster": False, "disable_backup": False, "volume_size": 0,
        "backup_same_region": False,
    }  # fmt: skip
    checks = {"password": password, "service_ip": interface}

    def __init__(self, client, params, *, check_mode=False):
        super().__init__(client, params, check_mode=check_mode)
        if "settings" in self.options:
            self.options["settings"] = {
                name: None if value is None else as_setting(value) for name, value in self.options["settings"].items()
            }

    def read(self, answer):
        private = next((each for each in answer["endpoints"] if "private_network" in each), {}).get(
            "private_network", {}
        )
        return answer | {
            "settings": {setting["name"]: setting["value"] for setting in answer["settings"]},
            "volume_type": answer["volume"]["type"],
            "volume_size": answer["volume"]["size"],
            "load_balancer": any("load_balancer" in endpoint for endpoint in answer["endpoints"]),
            "private_network_id": private.get("private_network_id", ""),
            "service_ip": private.get("service_ip", ""),
            "backup_schedule": answer["backup_schedule"] | {"start_hour": self.start_hour(answer["backup_schedule"])},
        }

    def start_hour(self, schedule):
        """The API tells no start hour but the next run, which is at another hour of the day where there are several a day."""
        declared = self.options.get("backup_schedule", {}).get("start_hour")
        if not schedule.get("next_run_at"):
            return declared
        hour = int(schedule["next_run_at"][11:13])
        same = declared is not None and (hour - declared) % math.gcd(schedule["frequency"], 24) == 0
        return declared if same else hour

    def resolve(self, option, reference, value):
        return value and super().resolve(option, reference, value)  # "" is no private network

    def settled(self, record):
        """A full disk is a state to get out of by growing."""
        if record["status"] == "disk_full":
            return self.differs("volume_size", record) or self.differs("node_type", record)
        return super().settled(record)

    # Plan --------------------------------------------------------------------------

    def normalise(self, option, value):
        return value.lower() if option in ("node_type", "engine") and value else super().normalise(option, value)

    def differs(self, option, current):
        if option not in self.options:
            return False
        if option == "settings":
            return any(current["settings"].get(name) != value for name, value in self.options["settings"].items())
        return super().differs(option, current)

    def plan(self, current):
        changes = super().plan(current)
        name, size = self.title(), changes.get("volume_size")
        if size and size < current["volume_size"]:
            raise ResourceError(
                f"volume_size: {name} has {current['volume_size']} bytes, and a volume cannot shrink "
                "(restore a backup into a smaller instance, or leave it as it is)",
                field="volume_size",
            )
        if size and changes.get("volume_type", current["volume_type"]) == "lssd":
            raise ResourceError(LOCAL_SIZE.format(name), field="volume_size")
        network = self.options.get("private_network_id", current["private_network_id"])
        self.check_address(network)
        for option, wanted in (("is_ha_cluster", False), ("encryption", {"enabled": False})):
            if changes.get(option) == wanted:
                raise ResourceError(
                    f"{option}: can be added to {name}, not taken away (leave it as it is)", field=option
                )
        self.check_catalogue(changes, current["engine"])
        return changes

    def check_address(self, network):
        if self.options.get("service_ip") and not network:
            raise ResourceError(
                "service_ip: is an address in private_network_id, which is not given", field="service_ip"
            )

    def check_catalogue(self, wanted, engine):
        """Refuse what is not on offer, before anything is sent. Only what is about to change is looked up."""
        if node_type := wanted.get("node_type"):
            offered = self.client.list(
                self.api, "list_node_types", **self.scope("list_node_types"), include_disabled_types=False
            )
            names = [node["name"] for node in offered]
            if node_type.lower() not in map(str.lower, names):
                raise ResourceError(
                    f"node_type: {node_type} is not offered in {self.client.credentials.region} (take one of {', '.join(names)})",
                    field="node_type",
                )
        if "settings" in wanted or "engine" in wanted:
            engines = self.client.list(self.api, "list_database_engines", **self.scope("list_database_engines"))
            versions = {
                version["name"]: version for each in engines for version in each["versions"] if not version["disabled"]
            }
            found = next((name for name in versions if name.lower() == engine.lower()), None)
            if found is None:
                raise ResourceError(
                    f"engine: {engine} is not offered in {self.client.credentials.region} (take one of {', '.join(versions)})",
                    field="engine",
                )
            known = {setting["name"] for setting in versions[found]["available_settings"]}
            if unknown := sorted(wanted.get("settings", {}).keys() - known):
                raise ResourceError(
                    f"settings: {', '.join(unknown)}: no setting of {found} (it has {', '.join(sorted(known))})",
                    field="settings",
                )

    # Apply -------------------------------------------------------------------------

    def creation(self):
        if self.options.get("user_name") and not self.options.get("password"):
            raise ResourceError("password: needed with user_name, or nobody could log in", field="password")
        local = self.options.get("volume_type", "lssd") == "lssd"
        if local and self.options.get("volume_size"):
            raise ResourceError(LOCAL_SIZE.format(self.title()), field="volume_size")
        if not local and not self.options.get("volume_size"):
            raise ResourceError(
                "volume_size: needed to create a volume of block storage, in bytes", field="volume_size"
            )
        self.check_address(self.options.get("private_network_id"))
        arguments = super().creation()
        self.check_catalogue(self.options, arguments["engine"])
        private = {"private_network_id": self.options.get("private_network_id")}
        if address := self.options.get("service_ip"):
            private["service_ip"] = address
        else:
            private["ipam_config"] = {}
        wanted = [{"private_network": private}] if private["private_network_id"] else []
        if self.options.get("load_balancer", not wanted):
            wanted.append({"load_balancer": {}})
        initial = [
            {"name": name, "value": as_setting(value)} for name, value in self.options.get("init_settings", {}).items()
        ]
        disabled = bool(self.options.get("backup_schedule", {}).get("disabled"))
        return arguments | {"init_endpoints": wanted, "init_settings": initial, "disable_backup": disabled}

    def predict(self):
        endpoint = {"ip": UNKNOWN, "port": UNKNOWN}
        return {"endpoint": endpoint, "endpoints": [endpoint], "settings": {}} | super().predict()

    def create(self):
        created = self.wait(super().create(), fresh=True)
        if changes := self.plan(created):
            self.update(created, changes)
        return created

    def update(self, current, changes):
        for target in ("node_type", "volume_type", "volume_size"):
            if target in changes:
                self.upgrade(current, target, **{target: changes[target]})
        if "is_ha_cluster" in changes:
            self.upgrade(current, "is_ha_cluster", enable_ha=True)
        if "encryption" in changes:
            self.upgrade(current, "encryption", enable_encryption=True)
        if "settings" in changes:
            merged = current["settings"] | changes["settings"]
            settings = [{"name": name, "value": value} for name, value in merged.items() if value is not None]
            self.call_settings(current, settings)
        if changes.keys() & ENDPOINT_OPTIONS:
            self.update_endpoints(current)
        rest = {
            option: changes[option]
            for option in ("name", "tags", "backup_same_region", "logs_policy")
            if option in changes
        }
        schedule = {"disabled": "is_backup_schedule_disabled"} | {
            field: f"backup_schedule_{field}" for field in ("frequency", "retention", "start_hour")
        }
        for field, value in (changes.get("backup_schedule") or {}).items():
            rest[schedule[field]] = value
        if rest:
            super().update(current, rest)
            self.wait(current)

    def upgrade(self, current, option, **target):
        """One aspect at a time, on a ready instance. Where an answer is lost, the instance tells whether it changed."""
        name, fields = "upgrade_instance", {"instance_id": current["id"]} | target
        self.client.create(
            lambda: None if self.differs(option, found := self.wait(current)) else found,
            lambda: self.client.call(self.api, name, repeatable=False, **self.scope(name), **fields),
        )
        self.wait(current)

    def call_settings(self, current, settings):
        name = "set_instance_settings"
        self.client.call(self.api, name, **self.scope(name), **self.identity(name, current), settings=settings)
        self.wait(current)

    def update_endpoints(self, current):
        """Drop the endpoints that are not wanted, then make those that are missing."""
        wanted = {option: self.options.get(option, current[option]) for option in ENDPOINT_OPTIONS}
        moved = any(wanted[option] != current[option] for option in ("private_network_id", "service_ip"))
        if "service_ip" not in self.options and wanted["private_network_id"] == current["private_network_id"]:
            moved = False
        for endpoint in current["endpoints"]:
            if moved if "private_network" in endpoint else not wanted["load_balancer"]:
                name = "delete_endpoint"
                self.client.call(self.api, name, **self.scope(name), endpoint_id=endpoint["id"])
                self.wait(current)
        if moved and wanted["private_network_id"]:
            address = (
                {"service_ip": self.options["service_ip"]} if self.options.get("service_ip") else {"ipam_config": {}}
            )
            self.create_endpoint(
                current, private_network={"private_network_id": wanted["private_network_id"]} | address
            )
        if wanted["load_balancer"] and not current["load_balancer"]:
            self.create_endpoint(current, load_balancer={})

    def create_endpoint(self, current, **spec):
        name, (kind,) = "create_endpoint", spec
        fields = {"instance_id": current["id"], "endpoint_spec": spec}
        self.client.create(
            lambda: next((found for found in self.wait(current)["endpoints"] if kind in found), None),
            lambda: self.client.call(self.api, name, repeatable=False, **self.scope(name), **fields),
        )
        self.wait(current)
