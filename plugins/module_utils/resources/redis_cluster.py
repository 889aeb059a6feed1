# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Managed Redis clusters: redis/v1."""

from __future__ import annotations

from ..errors import ResourceError
from ..formats import cidr
from ..resource import Reference, Resource
from ..values import UNKNOWN

LARGEST_STANDALONE = 2  # nodes; more are in cluster mode
ENDPOINT_OPTIONS = {"public_network", "private_network_id", "service_ips"}


def as_setting(value) -> str:
    """YAML's value -> the API's: settings are strings, booleans `true` and `false`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Cluster(Resource):
    api = "redis.v1.RedisV1API"
    noun = "cluster"
    references = {"private_network_id": Reference("vpc.v2.VpcV2API", "list_private_networks", "private network")}
    ready = {"ready"}
    failed = {"error", "locked", "suspended"}
    secrets = {"password"}
    create_with = {"tls_enabled": False}
    checks = {"acl_rules": lambda rule: None if rule["ip_cidr"] == UNKNOWN else cidr(rule["ip_cidr"])}

    def __init__(self, client, params, *, check_mode=False):
        super().__init__(client, params, check_mode=check_mode)
        self.immutable = {"tls_enabled", "cluster_size"}
        if "cluster_settings" in self.options:
            self.options["cluster_settings"] = {
                name: None if value is None else as_setting(value)
                for name, value in self.options["cluster_settings"].items()
            }
        for rule in self.options.get("acl_rules") or []:
            rule["description"] = rule.get("description") or ""

    def read(self, answer):
        private = next((each for each in answer["endpoints"] if "private_network" in each), {}).get(
            "private_network", {}
        )
        return answer | {
            "cluster_settings": {setting["name"]: setting["value"] for setting in answer["cluster_settings"]},
            "public_network": any("public_network" in endpoint for endpoint in answer["endpoints"]),
            "private_network_id": private.get("id", ""),
            "service_ips": private.get("service_ips", []),
        }

    def resolve(self, option, reference, value):
        return value and super().resolve(option, reference, value)  # "" is no private network

    # Plan --------------------------------------------------------------------------

    def normalise(self, option, value):
        return value.lower() if option == "node_type" and value else super().normalise(option, value)

    def differs(self, option, current):
        wanted = self.options.get(option)
        if option == "cluster_settings":
            return any(current[option].get(name) != value for name, value in wanted.items())
        if option == "version":  # the beginning of one will do: 8, or 8.6
            return not f"{current['version']}.".startswith(f"{wanted}.")
        return super().differs(option, current)

    def plan(self, current):
        changes = super().plan(current)
        self.check_network(current)
        size = current["cluster_size"]
        if size > LARGEST_STANDALONE and changes.get("cluster_size", 0) > size:
            self.immutable = self.immutable - {"cluster_size"}
        if size > LARGEST_STANDALONE:
            self.immutable = self.immutable | ENDPOINT_OPTIONS
        if "user_name" in changes and "password" not in self.options:
            raise ResourceError("password: needed with another user_name, which has none yet", field="password")
        self.check_catalogue(changes | {"version": changes.get("version", current["version"])})
        return changes

    def check_network(self, current):
        network = self.options.get("private_network_id", current.get("private_network_id"))
        if self.options.get("service_ips") and not network:
            raise ResourceError(
                "service_ips: are addresses in private_network_id, which is not given", field="service_ips"
            )
        is_public = self.options.get("public_network", current.get("public_network", not network))
        if self.options.get("acl_rules") and not is_public:
            raise ResourceError(
                "acl_rules: hold for the public endpoint, which this cluster does not have", field="acl_rules"
            )

    def check_catalogue(self, wanted):
        """Refuse what is not on offer, before anything is sent. Only what is about to change is looked up."""
        zone = self.client.credentials.zone
        if node_type := wanted.get("node_type"):
            name = "list_node_types"
            offered = self.client.list(self.api, name, **self.scope(name), include_disabled_types=False)
            names = [node["name"] for node in offered]
            if node_type.lower() not in map(str.lower, names):
                raise ResourceError(
                    f"node_type: {node_type} is not offered in {zone} (take one of {', '.join(names)})",
                    field="node_type",
                )
        if settings := wanted.get("cluster_settings"):
            known = {setting["name"] for setting in self.version(wanted["version"])["available_settings"]}
            if unknown := sorted(settings.keys() - known):
                raise ResourceError(
                    f"cluster_settings: {', '.join(unknown)}: no setting of Redis {wanted['version']} "
                    f"(it has {', '.join(sorted(known))})",
                    field="cluster_settings",
                )

    def version(self, wanted):
        """The newest version on offer that begins so."""
        name = "list_cluster_versions"
        flags = {"include_disabled": False, "include_beta": False, "include_deprecated": True}
        offered = self.client.list(self.api, name, **self.scope(name), **flags)
        found = [each for each in offered if f"{each['version']}.".startswith(f"{wanted}.")]
        if not found:
            versions = ", ".join(each["version"] for each in offered)
            raise ResourceError(
                f"version: {wanted} is not offered in {self.client.credentials.zone} (take one of {versions})",
                field="version",
            )
        return max(found, key=lambda each: tuple(map(int, each["version"].split("."))))

    # Apply -------------------------------------------------------------------------

    def creation(self):
        self.check_network({})
        arguments = super().creation()
        self.check_catalogue(self.options)
        settings = {
            name: value for name, value in self.options.get("cluster_settings", {}).items() if value is not None
        }
        network = self.options.get("private_network_id")
        endpoints = [self.private_endpoint(network)] if network else []
        if self.options.get("public_network", not network):
            endpoints.append({"public_network": {}})
        return arguments | {
            "version": self.version(arguments["version"])["version"],
            "cluster_settings": [{"name": name, "value": value} for name, value in settings.items()],
            "endpoints": endpoints,
        }

    def private_endpoint(self, network):
        addresses = self.options.get("service_ips")
        return {"private_network": {"id": network} | ({"service_ips": addresses} if addresses else {"ipam_config": {}})}

    def predict(self):
        return {"endpoints": [{"ips": [UNKNOWN], "port": UNKNOWN}], "cluster_settings": {}} | super().predict()

    def update(self, current, changes):
        if "version" in changes:
            self.migrate(current, "version", self.version(changes["version"])["version"])
        for aspect in ("node_type", "cluster_size"):
            if aspect in changes:
                self.migrate(current, aspect, changes[aspect])
        if "cluster_settings" in changes:
            merged = current["cluster_settings"] | changes["cluster_settings"]
            settings = [{"name": name, "value": value} for name, value in merged.items() if value is not None]
            self.settle(current, "set_cluster_settings", settings=settings)
        if changes.keys() & ENDPOINT_OPTIONS:
            self.update_endpoints(current)
        if "acl_rules" in changes:
            self.settle(current, "set_acl_rules", acl_rules=changes["acl_rules"])
        rest = {option: changes[option] for option in ("name", "tags", "user_name") if option in changes}
        if "user_name" in rest:
            rest["password"] = self.options["password"]
        if rest:
            super().update(current, rest)

    def settle(self, current, name, **fields):
        """Make one change, and wait for it: the API wants one at a time."""
        self.client.call(self.api, name, **self.scope(name), cluster_id=current["id"], **fields)
        self.wait(current)

    def migrate(self, current, aspect, value):
        """Where an answer is lost, the cluster tells whether it changed."""
        name, fields = "migrate_cluster", {"cluster_id": current["id"], aspect: value}
        self.client.create(
            lambda: None if self.differs(aspect, found := self.wait(current)) else found,
            lambda: self.client.call(self.api, name, repeatable=False, **self.scope(name), **fields),
        )
        self.wait(current)

    def update_endpoints(self, current):
        """Make the endpoints that are missing, then drop those that are not wanted: a cluster always has one."""
        wanted = {option: self.options.get(option, current[option]) for option in ENDPOINT_OPTIONS}
        moved = wanted["private_network_id"] != current["private_network_id"]
        moved = moved or ("service_ips" in self.options and self.differs("service_ips", current))
        gone = [
            endpoint
            for endpoint in current["endpoints"]
            if (moved if "private_network" in endpoint else not wanted["public_network"])
        ]
        if wanted["public_network"] and not current["public_network"]:
            self.add_endpoint(current, {"public_network": {}})
        same_network = moved and wanted["private_network_id"] == current["private_network_id"]
        if moved and wanted["private_network_id"] and not same_network:
            self.add_endpoint(current, self.private_endpoint(wanted["private_network_id"]))
        for endpoint in gone:
            self.client.call(self.api, "delete_endpoint", **self.scope("delete_endpoint"), endpoint_id=endpoint["id"])
            self.wait(current)
        if same_network:
            self.add_endpoint(current, self.private_endpoint(wanted["private_network_id"]))

    def add_endpoint(self, current, endpoint):
        """Where the answer is lost, an endpoint of this kind that was not there before tells that it was added."""
        name, (kind,) = "add_endpoints", endpoint
        fields = {"cluster_id": current["id"], "endpoints": [endpoint]}
        known = {each["id"] for each in current["endpoints"]}
        self.client.create(
            lambda: next(
                (each for each in self.wait(current)["endpoints"] if kind in each and each["id"] not in known), None
            ),
            lambda: self.client.call(self.api, name, repeatable=False, **self.scope(name), **fields),
        )
        self.wait(current)
