# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data sources of Cockpit: cockpit/v1."""

from __future__ import annotations

from ..cockpit import REGIONAL, days
from ..resource import Resource
from ..values import UNKNOWN

PUSH_PATHS = {"metrics": "/api/v1/push", "logs": "/loki/api/v1/push", "traces": "/otlp/v1/traces"}


class Source(Resource):
    api = REGIONAL
    noun = "data_source"
    key = ("type", "name")
    immutable = {"type"}
    checks = {"retention_days": days}

    def list_arguments(self):
        types = [self.options["type"]] if "type" in self.options else None
        origin = self.options.get("origin", "custom")
        return {"project_id": self.client.credentials.project_id, "origin": origin, "types": types}

    def read(self, answer):
        return answer | {"push_url": answer["url"] + PUSH_PATHS[answer["type"]]}

    def predict(self):
        return super().predict() | {"url": UNKNOWN, "push_url": UNKNOWN}
