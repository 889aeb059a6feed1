# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load balancers: lb/v1."""

from __future__ import annotations

from ..errors import ApiError, ResourceError
from ..resource import Reference, Resource
from ..values import UNKNOWN, UUID

API = "lb.v1.LbV1ZonedAPI"
LB = Reference(API, "list_lbs", "load balancer")


class Lb(Resource):
    api = API
    noun = "lb"
    references = {"ip_ids": Reference(API, "list_i_ps", "address of load balancers")}
    ready = {"ready"}
    failed = {"error", "locked", "stopped"}
    write_only = {"assign_flexible_ip", "assign_flexible_ipv6", "release_ip"}
    create_with = {"description": ""}

    def read(self, answer):
        if "ip" not in answer:  # to another question than what the load balancer is like
            return answer
        addresses = [ip["ip_address"] for ip in answer["ip"]]
        return answer | {
            "ip_ids": [ip["id"] for ip in answer["ip"]],
            "address": next((address for address in addresses if ":" not in address), ""),
        }

    def settled(self, record):
        """Ready is not enough: its instances have to have taken over what was changed last."""
        instances = record.get("instances") or []
        return super().settled(record) and all(instance["status"] == "ready" for instance in instances)

    def normalise(self, option, value):
        return value.lower() if option == "type" and value else super().normalise(option, value)

    def resolve(self, option, reference, value):
        """An address may be called by its name, which is a tag."""
        if value == UNKNOWN or UUID.fullmatch(value):
            return value
        project = self.client.credentials.project_id
        found = self.client.list(self.api, reference.method, **self.scope(reference.method), project_id=project)
        ids = [ip["id"] for ip in found if value == ip["ip_address"] or f"name={value}" in (ip["tags"] or [])]
        if len(ids) != 1:
            problem = "does not exist" if not ids else f"is the name of {len(ids)}: {', '.join(ids)}"
            raise ResourceError(f"{option}: {reference.noun} {value!r} {problem} (create it first)", field=option)
        return ids[0]

    def plan(self, current):
        changes = super().plan(current)
        if "ip_ids" in changes and set(current["ip_ids"]) - set(changes["ip_ids"]):
            raise ResourceError(
                f"ip_ids: {self.title()} cannot lose an address (leave it in the list, or make another load balancer)",
                field="ip_ids",
            )
        return changes

    def predict(self):
        return super().predict() | {"address": UNKNOWN, "ip": [], "instances": []}

    def update(self, current, changes):
        if "type" in changes:
            self.call("migrate", current, type=changes["type"])
            self.wait(current)
        for ip_id in set(changes.get("ip_ids", ())) - set(current["ip_ids"]):
            name = "update_ip"
            self.client.call(self.api, name, **self.scope(name), ip_id=ip_id, lb_id=current["id"])
        whole = ("name", "description", "tags", "ssl_compatibility_level")
        if any(option in changes for option in whole):
            super().update(current, {option: (current | changes)[option] for option in whole})

    def delete(self, current):
        """It leaves its private networks first: their addresses are given back then."""
        where = self.scope("list_lb_private_networks") | {"lb_id": current["id"]}
        try:
            for network in self.client.list(self.api, "list_lb_private_networks", **where):
                self.client.call(
                    self.api, "detach_private_network", **where, private_network_id=network["private_network_id"]
                )
            if current["status"] not in self.failed:
                self.wait(current)
            self.call("delete", current, release_ip=self.options.get("release_ip", False))
        except ApiError as error:
            if error.status != 404:
                raise


class OfLb(Resource):
    """A part of a load balancer, whose change is done once the load balancer has taken it over."""

    api = API
    references = {"lb_id": LB}
    key = ("lb_id", "name")

    def settle(self):
        Lb(self.client, {}).wait({"id": self.options["lb_id"]})

    def check_options(self):
        super().check_options()
        self.require(("lb_id",))

    def create(self):
        self.settle()
        created = super().create()
        self.settle()
        return created

    def update(self, current, changes):
        """The API takes parts whole: what an update leaves out would be reset."""
        name = self.method("update")
        accepted = self.client.parameters(self.api, name)
        merged = current | changes
        whole = {field: merged[field] for field in accepted if merged.get(field) is not None and field != "zone"}
        self.call("update", current, **whole)
        self.settle()

    def delete(self, current):
        super().delete(current)
        self.settle()
