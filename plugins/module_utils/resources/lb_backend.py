# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends of load balancers: lb/v1."""

from __future__ import annotations

from ..formats import address, port
from .lb import OfLb

CHECKS = ("tcp_config", "http_config", "https_config", "mysql_config", "pgsql_config", "ldap_config", "redis_config")


def seconds(value):
    """A duration as the API writes it (`0.500s`) -> seconds."""
    return float(value.removesuffix("s")) if value else value


class Backend(OfLb):
    noun = "backend"
    create_with = {
        **{"forward_port_algorithm": "roundrobin", "sticky_sessions": "none", "sticky_sessions_cookie_name": ""},
        **{"server_ip": [], "health_check": {}},
    }
    checks = {"forward_port": port, "server_ip": address}

    def read(self, answer):
        return answer | {"server_ip": answer["pool"], "lb_id": answer["lb"]["id"]} if "pool" in answer else answer

    def normalise(self, option, value):
        value = super().normalise(option, value)
        if option == "timeout_queue":
            return seconds(value)
        if option == "health_check" and value and "transient_check_delay" in value:
            return value | {"transient_check_delay": seconds(value["transient_check_delay"])}
        return value

    def creation(self):
        given = super().creation()
        default = {"port": given["forward_port"], "check_max_retries": 2, "check_send_proxy": False}
        return given | {"health_check": self.check(default)}

    def check(self, known):
        """The health check that is wanted: what the user said, the rest as it is; of one kind alone."""
        wanted = {name: value for name, value in self.options.get("health_check", {}).items() if value is not None}
        if any(kind in wanted for kind in CHECKS):
            known = {name: value for name, value in known.items() if name not in CHECKS}
        return known | wanted

    def update(self, current, changes):
        if "health_check" in changes:
            name = "update_health_check"
            self.client.call(
                self.api, name, **self.scope(name), backend_id=current["id"], **self.check(current["health_check"])
            )
        if changes.keys() - {"health_check", "server_ip"}:
            super().update(current, changes)
        if "server_ip" in changes:
            name = "set_backend_servers"
            where = self.scope(name) | {"backend_id": current["id"]}
            self.client.call(self.api, name, **where, server_ip=changes["server_ip"])
        self.settle()

    def health(self, record):
        """What the load balancer says of the backend's servers, by their addresses."""
        name = "list_backend_stats"
        where = self.scope(name) | {"lb_id": record["lb"]["id"], "backend_id": record["id"]}
        told = ("server_state", "last_health_check_status", "server_state_changed_at")
        return {
            found["ip"]: {field: found[field] for field in told} for found in self.client.list(self.api, name, **where)
        }
