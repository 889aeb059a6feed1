# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances as hosts: instance/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
name: instances
short_description: Scaleway instances as hosts
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Makes a host of every instance. Its configuration is a YAML file whose name ends in C(instances.yml) or C(instances.yaml).
  - A host is in a group for each of its tags (C(web); C(env=prod) becomes C(env_prod)), and in C(type_<type>),
    C(zone_<zone>) and C(state_<state>), with every character that has no place in a group's name written as C(_).
  - What the API tells of the instance is in the variable C(scaleway), with C(public_addresses) and C(private_addresses).
    Names and tags are data that others may choose; they are never evaluated as templates.
extends_documentation_fragment:
  - constructed
  - inventory_cache
  - stackway.scaleway.scaleway
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [instances, stackway.scaleway.instances]
  zones:
    description: Zones to look in. Default is E(SCW_DEFAULT_ZONE), then the profile's zone.
    type: list
    elements: str
    default: []
  tags:
    description: Only instances that have all of these tags.
    type: list
    elements: str
    default: []
  states:
    description: Only instances in one of these states. An empty list means all.
    type: list
    elements: str
    choices: [running, stopped, stopped in place, starting, stopping, locked]
    default: [running]
  hostnames:
    description:
      - What a host is called, the first of these that the instance has. Where two instances have the same, both are called
        by their IDs.
    type: list
    elements: str
    choices: [name, id, public_address, private_address]
    default: [name]
  address:
    description:
      - Which address becomes C(ansible_host). V(private) needs a way into the private network, such as O(bastion).
      - A host without a public address gets its private one where there is a bastion to reach it by.
      - A host without such an address gets its ID, which cannot be reached.
    type: str
    choices: [public, private]
    default: public
  private_network_id:
    description: ID of the private network whose addresses count, where instances are in several.
    type: str
  bastion:
    description:
      - Host to connect through, as ssh's ProxyJump takes it, such as V(bastion@203.0.113.5:61000). An empty one means none.
      - Left out, an instance without a public address is reached through the bastion of a public gateway that one of its
        private networks is connected to, in its zone.
      - ssh checks the key of a bastion against your own known hosts, and takes your own identity for it (C(~/.ssh/config)).
    type: str
  connection:
    description: Connection plugin of the hosts, if it is not the default one.
    type: str
  remote_user:
    description: User to log in as.
    type: str
    default: root
  tag_prefix:
    description: What the names of the groups of tags begin with, where tags must not reach groups with a meaning.
    type: str
    default: ""
"""

EXAMPLES = r"""
# inventories/prod/instances.yml: all running instances of the project
plugin: stackway.scaleway.instances
zones: [fr-par-1, fr-par-2]
tags: [prod]

---
# Through a bastion of our own, to private addresses
plugin: stackway.scaleway.instances
address: private
bastion: root@203.0.113.5
compose:
  backup_enabled: "'backup' in scaleway.tags"
keyed_groups:
  - key: scaleway.image.name
    prefix: image
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: .ansible/inventory
"""

from collections import Counter

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ..module_utils import client as client_module
from ..module_utils.client import Client
from ..module_utils.credentials import Credentials
from ..module_utils.errors import ApiError, StackwayError

INSTANCE = "instance.v1.InstanceV1API"
IPAM = "ipam.v1.IpamV1API"
GATEWAYS = "vpcgw.v2.VpcgwV2API"
TOLD = (
    "id", "name", "hostname", "state", "commercial_type", "arch", "zone", "project", "tags", "image", "public_ips",
    "private_nics", "security_group", "creation_date",
)  # fmt: skip
"""What of the API's answer is kept, and cached."""
BUILT_IN = {"all", "ungrouped"}


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "stackway.scaleway.instances"

    def verify_file(self, path):
        return super().verify_file(path) and path.endswith(("instances.yml", "instances.yaml"))

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        if client_module.IMPORT_ERROR:
            raise AnsibleParserError(f"the instances inventory needs scaleway: {client_module.IMPORT_ERROR}")
        self._read_config_data(path)
        key = self.get_cache_key(path)
        cached = self.get_option("cache")
        servers = self._cache.get(key) if cached and cache else None
        if servers is None:
            try:
                servers = self._fetch()
            except StackwayError as error:
                raise AnsibleParserError(str(error)) from error
            if cached:
                self._cache[key] = servers
        names = self._names(servers)
        for server in servers:
            self._add(server, names[server["id"]])

    # What there is -----------------------------------------------------------------

    def _fetch(self) -> list[dict]:
        """The instances of all zones, in the order of their names, with their addresses."""
        found = []
        for zone in self.get_option("zones") or [None]:
            options = self.get_options()
            client = Client(Credentials.load(options | {"zone": zone}), timeout=options["wait_timeout"])
            found += self._of_zone(client, client.credentials)
        return sorted(found, key=lambda server: (server["name"], server["id"]))

    def _of_zone(self, client, credentials) -> list[dict]:
        selected = {
            "zone": credentials.zone,
            "project": credentials.project_id,
            "tags": self.get_option("tags") or None,
        }
        states = self.get_option("states")
        servers = [
            {field: server[field] for field in TOLD}
            for server in client.list(INSTANCE, "list_servers", **selected)
            if not states or server["state"] in states
        ]
        private = (
            self._private_addresses(client, credentials) if any(server["private_nics"] for server in servers) else {}
        )
        for server in servers:
            public = [ip["address"] for ip in server["public_ips"] if ip["address"]]
            server["public_addresses"] = sorted(public, key=lambda address: ":" in address)
            server["private_addresses"] = [
                address for nic in server["private_nics"] for address in private.get(nic["id"], ())
            ]
        self._add_bastions(servers, client, credentials)
        return servers

    def _add_bastions(self, servers, client, credentials):
        """`bastion` of every server: the one to jump by, or empty."""
        given = self.get_option("bastion")
        hidden = [server for server in servers if server["private_addresses"] and not server["public_addresses"]]
        found = self._bastions(client, credentials) if given is None and hidden else {}
        for server in servers:
            networks = [nic["private_network_id"] for nic in server["private_nics"]] if server in hidden else []
            server["bastion"] = given or next((found[network] for network in networks if network in found), "")

    def _bastions(self, client, credentials) -> dict[str, str]:
        """Private network -> the bastion of its public gateway. None for who may not see gateways."""
        selected = {"zone": credentials.zone, "project_id": credentials.project_id}
        try:
            gateways = client.list(GATEWAYS, "list_gateways", **selected)
        except ApiError as error:
            if error.status != 403:
                raise
            self.display.warning(f"instances inventory: no bastion is looked for: {error}")
            return {}
        return {
            network["private_network_id"]: f"bastion@{gateway['ipv4']['address']}:{gateway['bastion_port']}"
            for gateway in gateways
            if gateway["bastion_enabled"] and gateway.get("ipv4")
            for network in gateway["gateway_networks"]
        }

    def _private_addresses(self, client, credentials) -> dict[str, list[str]]:
        """Card -> its addresses, those of version 4 first, without the length of the prefix."""
        ips = client.list(
            IPAM,
            "list_i_ps",
            region=credentials.zone.rpartition("-")[0],
            project_id=credentials.project_id,
            private_network_id=self.get_option("private_network_id"),
            resource_type="instance_private_nic",
        )
        found: dict[str, list[str]] = {}
        for ip in sorted(ips, key=lambda ip: ip["is_ipv6"]):
            if ip["resource"]:
                found.setdefault(ip["resource"]["id"], []).append(ip["address"].partition("/")[0])
        return found

    # What becomes of it ------------------------------------------------------------

    def _names(self, servers) -> dict[str, str]:
        """ID -> what the host is called."""
        wanted = {server["id"]: self._name(server) for server in servers}
        often = {name for name, count in Counter(wanted.values()).items() if count > 1}
        return {id: id if name in often else name for id, name in wanted.items()}

    def _name(self, server) -> str:
        known = {
            "name": server["name"],
            "id": server["id"],
            "public_address": next(iter(server["public_addresses"]), ""),
            "private_address": next(iter(server["private_addresses"]), ""),
        }
        return next(filter(None, (known[choice] for choice in self.get_option("hostnames"))), server["id"])

    def _add(self, server, name):
        self.inventory.add_host(name)
        # Never the name: ssh would take one that begins with a dash for an option.
        private = server["private_addresses"] if server["bastion"] else []
        address = next(iter([*server[f"{self.get_option('address')}_addresses"], *private]), server["id"])
        variables = {"scaleway": server, "ansible_host": address, "ansible_user": self.get_option("remote_user")}
        # By itself, Ansible keeps a connection for an address: in two private networks there may be two servers of one address.
        variables["ansible_control_path"] = f"%(directory)s/{server['id'].replace('-', '')[:10]}"
        if server["bastion"]:
            variables["ansible_ssh_common_args"] = f"-o ProxyJump={server['bastion']}"
        if connection := self.get_option("connection"):
            variables["ansible_connection"] = connection
        for variable, value in variables.items():
            self.inventory.set_variable(name, variable, value)

        for group in self._groups(server):
            self.inventory.add_child(self.inventory.add_group(group), name)
        strict = self.get_option("strict")
        known = self.inventory.get_host(name).get_vars()
        self._set_composite_vars(self.get_option("compose"), known, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), known, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), known, name, strict=strict)

    def _groups(self, server):
        named = [self.get_option("tag_prefix") + tag for tag in server["tags"]]
        kinds = {"type": server["commercial_type"], "zone": server["zone"], "state": server["state"]}
        named += [f"{kind}_{value.lower()}" for kind, value in kinds.items()]
        groups = {self._sanitize_group_name(name) for name in named if name}
        return sorted(groups - BUILT_IN)
