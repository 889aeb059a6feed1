# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flexible IPs of instances: instance/v1."""

from __future__ import annotations

import time

from ..errors import ApiError
from ..named import NamedByTag
from ..resource import Reference
from ..values import NULL, UNKNOWN

REVERSE_SECONDS, REVERSE_POLL = 60, 3.0  # how long a new record may take until the API sees it


class Ip(NamedByTag):
    api = "instance.v1.InstanceV1API"
    noun = "ip"
    references = {"server_id": Reference("instance.v1.InstanceV1API", "list_servers", "server")}
    failed = {"error"}
    immutable = {"type"}

    def read(self, answer):
        return answer | self.named(answer) | {"server_id": answer["server"]["id"] if answer["server"] else ""}

    def resolve(self, option, reference, value):
        return "" if value == "" else super().resolve(option, reference, value)

    def creation(self):
        self.require(self.key)
        given = {name: value for name, value in self.options.items() if name == "type"}
        if self.options.get("server_id"):
            given["server"] = self.options["server_id"]
        return given | {"project": self.client.credentials.project_id, "tags": self.all_tags(self.options)}

    def predict(self):
        return {"address": UNKNOWN} | super().predict()

    def create(self):
        made = super().create()
        if self.options.get("reverse"):
            self.update(made, {"reverse": self.options["reverse"]})
        return self.get(made) or made

    def update(self, current, changes):
        fields = {}
        if changes.keys() & {"tags", "name"}:
            fields["tags"] = self.all_tags(current | changes)
        if "server_id" in changes:
            fields["server"] = changes["server_id"] or NULL
        if fields:
            self.call("update", current, **fields)
        if "reverse" in changes:
            self.set_reverse(current, changes["reverse"] or NULL)

    def set_reverse(self, current, reverse):
        give_up = min(time.monotonic() + REVERSE_SECONDS, self.client.deadline)
        while True:
            try:
                return self.call("update", current, reverse=reverse)
            except ApiError as error:
                if error.status != 400 or "must resolve" not in str(error) or time.monotonic() + REVERSE_POLL > give_up:
                    raise
                self.client.progress(f"{self.title()}: waiting for {reverse} to resolve to it")
            time.sleep(REVERSE_POLL)
