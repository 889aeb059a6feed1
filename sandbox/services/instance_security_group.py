"""Security groups of instance/v1, which the host's packet filter enforces on every server.

Shapes: scaleway-sdk-python, scaleway/instance/v1/types.py. What is not served, and why: docs/sandbox.md#instance.
"""

import ipaddress
import threading
import uuid

from .. import errors
from ..call import Call
from ..collection import ZONES, action, equals
from ..machines.firewall import Group, Rule
from .instance_base import SERVER, Zonal, not_a_value

POLICIES = ("accept", "drop")
PROTOCOLS = ("TCP", "UDP", "ICMP", "ANY")
MAIL_PORTS = (25, 465, 587)


class SecurityGroups(Zonal):
    path = "/instance/v1/zones/{zone}/security_groups"
    noun = "security_group"
    mutable = (
        "name", "description", "tags", "stateful", "enable_default_security",
        "inbound_default_policy", "outbound_default_policy", "project_default",
    )  # fmt: skip
    nullable = ("tags",)
    defaults = {
        "description": None, "tags": [], "stateful": True, "enable_default_security": True, "state": "available",
        "inbound_default_policy": "accept", "outbound_default_policy": "accept", "project_default": False, "_rules": [],
    }  # fmt: skip
    enums = {"inbound_default_policy": POLICIES, "outbound_default_policy": POLICIES}
    filters = Zonal.filters | {"project_default": equals("project_default")}

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self._enforcing = threading.Lock()

    def prepare(self):
        """Every zone has the default group of the default project; those of other projects come with their first use."""
        self.machines.instances.prepare()
        for zone in ZONES:
            self.default(zone, self.organization_id)
        for group in self.store.all(self.kind):
            self._enforce(group)

    def default(self, zone: str, project: str) -> dict:
        """The group of servers that name none."""
        with self.store.lock(self.kind):
            for group in self.store.find(self.kind, project=project, zone=zone):
                if group["project_default"]:
                    return group
            body = {"zone": zone, "project": project, "name": "Default security group", "project_default": True}
            return self.add(body | {"description": "Auto generated security group."})

    # Hooks ----------------------------------------------------------------------------------------------------------

    def add(self, body):
        group = super().add(body)
        self._enforce(group)
        return group

    def shape(self, body):
        return super().shape(body) | {"tags": body.get("tags") or []}

    def revise(self, group, body):
        changes = super().revise(group, body)
        if "tags" in body:
            changes["tags"] = body["tags"] or []
        return changes | self._syncing(group)

    def updated(self, group, changes):
        with self._enforcing:  # of changes in quick succession the last is in force, whichever comes here last
            self._enforce(self.store.get(self.kind, group["id"], group["_scope"]) or group)
        return {"state": "available"}

    def resumed(self, group):
        return {"state": "available"}

    def present(self, group, verb):
        servers = self.store.find(SERVER, _security_group=group["id"])
        return super().present(group, verb) | {
            "servers": [{"id": server["id"], "name": server["name"]} for server in servers],
            "organization_default": group["project_default"],
        }

    def removable(self, group):
        if self.store.find(SERVER, _security_group=group["id"]):
            raise errors.precondition_failed("resource_still_in_use", "the security group is in use")

    def stopped(self, group):
        self.machines.instances.remove_group(group["id"])

    def _syncing(self, group) -> dict:
        """Changes take a moment where servers have the group."""
        return {"state": "syncing"} if self.store.find(SERVER, _security_group=group["id"]) else {}

    # Rules ----------------------------------------------------------------------------------------------------------

    @action("GET", "/{id}/rules")
    def list_rules(self, group, call: Call):
        rules = self._all_rules(group)
        return 200, {"rules": self.page(call, rules, self.page_size)}, {"X-Total-Count": str(len(rules))}

    @action("PUT", "/{id}/rules")
    def set_rules(self, group, call: Call):
        """All rules at once. Those that came from us and cannot be edited stay as they are."""
        known = {rule["id"] for rule in group["_rules"]}
        given = [rule for rule in call.body.get("rules") or [] if rule.get("editable") is not False]
        rules = [_rule(rule, rule["id"] if rule.get("id") in known else None) for rule in given]
        return {"rules": self._all_rules(self._with_rules(group, rules))}

    @action("POST", "/{id}/rules")
    def create_rule(self, group, call: Call):
        rule = _rule(call.body)
        group = self._with_rules(group, [*group["_rules"], rule])
        return 201, {"rule": self._shown(group, group["_rules"][-1])}

    @action("GET", "/{id}/rules/{rule_id}")
    def get_rule(self, group, call: Call):
        rules = {rule["id"]: rule for rule in self._all_rules(group)}
        if call.params["rule_id"] not in rules:
            raise errors.not_found("instance_security_group_rule", call.params["rule_id"])
        return {"rule": rules[call.params["rule_id"]]}

    @action("PATCH", "/{id}/rules/{rule_id}")
    def update_rule(self, group, call: Call):
        index = self._index(group, call.params["rule_id"])
        rules = list(group["_rules"])
        rules[index] = _rule(rules[index] | call.body, rules[index]["id"])
        return {"rule": self._shown(group, self._with_rules(group, rules)["_rules"][index])}

    @action("PUT", "/{id}/rules/{rule_id}")
    def set_rule(self, group, call: Call):
        index = self._index(group, call.params["rule_id"])
        rules = list(group["_rules"])
        rules[index] = _rule(call.body, rules[index]["id"])
        return {"rule": self._shown(group, self._with_rules(group, rules)["_rules"][index])}

    @action("DELETE", "/{id}/rules/{rule_id}")
    def delete_rule(self, group, call: Call):
        index = self._index(group, call.params["rule_id"])
        self._with_rules(group, group["_rules"][:index] + group["_rules"][index + 1 :])

    def _index(self, group, id: str) -> int:
        for index, rule in enumerate(group["_rules"]):
            if rule["id"] == id:
                return index
        raise errors.not_found("instance_security_group_rule", id)

    def _with_rules(self, group, rules: list) -> dict:
        rules = [rule | {"position": position} for position, rule in enumerate(rules, 1)]
        group = self.change(group, _rules=rules, **self._syncing(group))
        self.later(group, self.updated, {})
        return group

    def _all_rules(self, group) -> list[dict]:
        rules = _mail_rules() if group["enable_default_security"] else []
        return [self._shown(group, rule) for rule in rules + group["_rules"]]

    def _shown(self, group, rule) -> dict:
        return {"dest_ip_range": None, "editable": True, "zone": group["zone"]} | rule

    def _enforce(self, group):
        """Let the packet filter have the group as it is now."""
        rules = tuple(_enforced(rule) for rule in self._all_rules(group))
        accepts = {direction: group[f"{direction}_default_policy"] == "accept" for direction in ("inbound", "outbound")}
        self.machines.instances.set_group(group["id"], Group(rules, group["stateful"], **accepts))


def _mail_rules() -> list[dict]:
    """What `enable_default_security` stands for: no mail leaves a server."""
    pairs = [(ip_range, port) for ip_range in ("0.0.0.0/0", "::/0") for port in MAIL_PORTS]
    return [
        {
            "id": f"11111111-2222-4333-8444-{position:012}", "protocol": "TCP", "direction": "outbound", "action": "drop",
            "ip_range": ip_range, "dest_port_from": port, "dest_port_to": None, "position": position, "editable": False,
        }
        for position, (ip_range, port) in enumerate(pairs, 1)
    ]  # fmt: skip


def _rule(body: dict, id: str | None = None) -> dict:
    """A rule as sent -> as kept. A single host loses its prefix length, a single port its end."""
    protocol = str(body.get("protocol", "TCP")).upper()
    for name, value, values in (
        ("protocol", protocol, PROTOCOLS),
        ("direction", body.get("direction"), ("inbound", "outbound")),
        ("action", body.get("action"), POLICIES),
    ):
        if value not in values:
            raise not_a_value(name)
    first, last = (_port(body.get(name), name) for name in ("dest_port_from", "dest_port_to"))
    if protocol == "ICMP" and first:
        raise errors.invalid_argument("dest_port_from", "constraint", "ICMP has no ports")
    if last and (not first or last < first):
        raise errors.invalid_argument("dest_port_to", "constraint", "must not be below dest_port_from")
    return {
        "id": id or str(uuid.uuid4()), "protocol": protocol, "direction": body["direction"], "action": body["action"],
        "ip_range": _range(body.get("ip_range") or "0.0.0.0/0"),
        "dest_port_from": first, "dest_port_to": None if last == first else last,
    }  # fmt: skip


def _port(value, name: str) -> int | None:
    if value in (None, 0):
        return None
    if not isinstance(value, int) or not 1 <= value <= 65535:
        raise errors.invalid_argument(name, "constraint", "must be between 1 and 65535")
    return value


def _range(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        raise errors.invalid_argument("ip_range", "format", str(error)) from None
    return str(network.network_address if network.num_addresses == 1 else network)


def _enforced(rule: dict) -> Rule:
    first = rule["dest_port_from"]
    ports = (first, rule["dest_port_to"] or first) if first else ()
    return Rule(rule["direction"], rule["action"] == "accept", rule["protocol"], rule["ip_range"], ports)
