# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read replicas of Managed Database instances: rdb/v1."""

from __future__ import annotations

from ..errors import ResourceError
from ..rdb import INSTANCE
from ..resource import Reference, Resource
from ..values import UNKNOWN
from .rdb_instance import interface

ENDPOINT_OPTIONS = {"direct_access", "private_network_id", "service_ip"}


class ReadReplica(Resource):
    """A replica has no name: it is the first, second, ... of its instance, in the order in which the API lists them."""

    api = "rdb.v1.RdbV1API"
    noun = "read_replica"
    methods = {"list": "get_instance"}
    key = ("instance_id", "number")
    references = {
        "instance_id": INSTANCE,
        "private_network_id": Reference("vpc.v2.VpcV2API", "list_private_networks", "private network"),
    }
    ready = {"ready"}
    failed = {"error", "locked"}
    immutable = {"same_zone"}
    create_with = {"direct_access": False}
    checks = {"service_ip": interface}

    def check_options(self):
        super().check_options()
        if self.options.get("number", 1) < 1:
            raise ResourceError(f"number: {self.options['number']} is less than 1", field="number")

    def resolve(self, option, reference, value):
        return value and super().resolve(option, reference, value)  # "" is no private network

    def read(self, answer):
        networks = [endpoint["private_network"] for endpoint in answer["endpoints"] if "private_network" in endpoint]
        private = networks[0] if networks else {}
        return answer | {
            "direct_access": any("direct_access" in endpoint for endpoint in answer["endpoints"]),
            "private_network_id": private.get("private_network_id", ""),
            "service_ip": private.get("service_ip", ""),
        }

    def read_answer(self, answer):
        return self.read(answer) if isinstance(answer, dict) and "endpoints" in answer else answer

    def list(self, **arguments):
        instance = self.client.call(self.api, "get_instance", **self.scope("get_instance"), **arguments)
        return [
            self.read(replica) | {"number": number, "instance_id": instance["id"]}
            for number, replica in enumerate(instance["read_replicas"], 1)
        ]

    def list_arguments(self):
        return {"instance_id": self.options["instance_id"]}

    def identity(self, name, record):
        return {"read_replica_id": record["id"]} if record else {}

    def get(self, record):
        found = super().get(record)
        known = {name: record[name] for name in ("number", "instance_id") if name in record}
        return found and known | found | {"number": self.options.get("number", record.get("number"))}

    def plan(self, current):
        changes = super().plan(current)
        self.endpoints(self.options | {name: self.options.get(name, current[name]) for name in ENDPOINT_OPTIONS})
        return changes

    def endpoints(self, wanted):
        """The endpoints that there are to be, as the API's specifications of them by kind."""
        if wanted.get("service_ip") and not wanted.get("private_network_id"):
            raise ResourceError(
                "service_ip: is an address in private_network_id, which is not given", field="service_ip"
            )
        specs = {"direct_access": {"direct_access": {}}} if wanted.get("direct_access") else {}
        if network := wanted.get("private_network_id"):
            address = {"service_ip": wanted["service_ip"]} if self.options.get("service_ip") else {"ipam_config": {}}
            specs["private_network"] = {"private_network": {"private_network_id": network} | address}
        if not specs:
            raise ResourceError(
                "direct_access, private_network_id: nobody could reach the replica: give one of them",
                fields=["direct_access", "private_network_id"],
            )
        return specs

    def creation(self):
        arguments = super().creation()
        specs = self.endpoints(self.options)
        if not self.parent_unknown() and (wanted := self.options["number"]) > 1:
            there = len(self.list(**self.list_arguments()))
            if wanted > there + 1 and not self.check_mode:
                raise ResourceError(
                    f"number: the instance has {there} read replicas: create number {there + 1} first", field="number"
                )
        return arguments | {"endpoint_spec": [*specs.values()]}

    def predict(self):
        return {"endpoints": [{"ip": UNKNOWN, "port": UNKNOWN}]} | super().predict()

    def create(self):
        created = super().create()
        return created | {"number": self.options["number"]}

    def update(self, current, changes):
        """Drop the endpoints that are not wanted, then make those that are missing."""
        wanted = self.endpoints({name: self.options.get(name, current[name]) for name in ENDPOINT_OPTIONS})
        moved = bool(changes.keys() & {"private_network_id", "service_ip"})
        for endpoint in current["endpoints"]:
            kind = "private_network" if "private_network" in endpoint else "direct_access"
            if kind not in wanted or (kind == "private_network" and moved):
                name = "delete_endpoint"
                self.client.call(self.api, name, **self.scope(name), endpoint_id=endpoint["id"])
                self.wait(current)
        there = {
            "direct_access": current["direct_access"],
            "private_network": current["private_network_id"] and not moved,
        }
        missing = [spec for kind, spec in wanted.items() if not there[kind]]
        if missing:
            name = "create_read_replica_endpoint"
            fields = self.scope(name) | self.identity(name, current) | {"endpoint_spec": missing}
            known = {endpoint["id"] for endpoint in current["endpoints"]}
            self.client.create(
                lambda: next((each for each in self.wait(current)["endpoints"] if each["id"] not in known), None),
                lambda: self.client.call(self.api, name, repeatable=False, **fields),
            )
