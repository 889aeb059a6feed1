# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of load balancers: lb/v1."""

from __future__ import annotations

from ..named import NamedByTag
from ..values import UNKNOWN
from .lb import API


class Ip(NamedByTag):
    api = API
    noun = "ip"
    methods = {"list": "list_i_ps", "delete": "release_ip"}
    immutable = {"is_ipv6"}

    def read(self, answer):
        return answer | self.named(answer) | {"is_ipv6": ":" in answer["ip_address"]}

    def creation(self):
        self.require(self.key)
        given = {"is_ipv6": self.options.get("is_ipv6", False), "tags": self.all_tags(self.options)}
        if "reverse" in self.options:
            given["reverse"] = self.options["reverse"]
        return given | {"project_id": self.client.credentials.project_id}

    def predict(self):
        return {"ip_address": UNKNOWN} | super().predict()

    def update(self, current, changes):
        fields = {"reverse": changes["reverse"]} if "reverse" in changes else {}
        if changes.keys() & {"tags", "name"}:
            fields["tags"] = self.all_tags(current | changes)
        self.call("update", current, **fields)
