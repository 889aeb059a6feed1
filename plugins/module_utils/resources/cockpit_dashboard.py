# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dashboards of Cockpit's Grafana.

The SDK has none of it: Grafana manages them itself (grafana.com/docs/grafana/latest/developers/http_api/dashboard), and takes the
API's keys (scaleway.com/en/docs/cockpit/how-to/access-grafana-with-terraform).
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from urllib.parse import quote

from ..cockpit import GLOBAL
from ..errors import ApiError, ResourceError
from ..resource import Resource
from ..values import UNKNOWN

OWN = ("id", "uid", "version")
"""What Grafana keeps in a model itself."""
_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")


def uid(value: str) -> str | None:
    return None if _UID.fullmatch(value) else f"{value!r} must have 1 to 40 letters, digits, _ and -"


class Dashboard(Resource):
    api = GLOBAL
    noun = "dashboard"
    methods = {"list": "get_grafana"}
    key = ("uid",)
    id_field = "uid"
    checks = {"uid": uid}

    def __init__(self, client, params, **options):
        super().__init__(client, params, **options)
        self.asked = self.options.pop("url", "")

    @cached_property
    def home(self):
        """Where people see the project's dashboards."""
        return self.client.call(GLOBAL, "get_grafana", project_id=self.client.credentials.project_id)["grafana_url"]

    # Calls -------------------------------------------------------------------------

    def ask(self, method: str, path: str, query: dict | None = None, body: dict | None = None):
        """What Grafana answers; None where there is nothing."""
        headers = {"Content-Type": "application/json"} if body else {}
        data = json.dumps(body).encode() if body else b""
        pairs, base = list((query or {}).items()), (self.asked or self.home).rstrip("/")
        try:
            _response, answer = self.client.send(method, f"/api{path}", pairs, headers, data, base=base)
        except ApiError as error:
            if error.status == 404 and method != "POST":
                return None
            raise
        return answer

    def list(self, **_arguments):
        if "uid" in self.options:
            found = self.get(self.options)
            return [found] if found else []
        tag = {"tag": self.options["tag"]} if "tag" in self.options else {}
        found = self.ask("GET", "/search", {"type": "dash-db", "limit": 5000} | tag)
        return [
            {name: each.get(name) for name in ("uid", "title", "tags")} | {"url": self.address(each)} for each in found
        ]

    def get(self, record):
        found = self.ask("GET", f"/dashboards/uid/{quote(record['uid'], safe='')}")
        if found is None:
            return None
        model = found["dashboard"]
        told = {"uid": record["uid"], "title": model.get("title"), "tags": model.get("tags") or []}
        kept = {name: value for name, value in model.items() if name not in OWN}
        return told | {"url": self.address(found["meta"]), "version": model.get("version"), "model": kept}

    def address(self, told):
        """Grafana tells a path."""
        return self.home.rstrip("/") + (told.get("url") or "")

    # Plan --------------------------------------------------------------------------

    def check_options(self):
        super().check_options()
        model = self.options.get("model")
        if model is None:
            return
        if model.get("uid") not in (None, self.options.get("uid")):
            raise ResourceError(
                f"model: it says uid {model['uid']!r}, the option uid another (leave it out)", field="model"
            )
        if not model.get("title"):
            raise ResourceError("model: it has no title", field="model")
        self.options["model"] = {name: value for name, value in model.items() if name not in OWN}

    def predict(self):
        return super().predict() | {"url": UNKNOWN}

    # Apply -------------------------------------------------------------------------

    def creation(self):
        if "model" not in self.options:
            raise ResourceError(f"model: needed to create {self.title()}", field="model")
        return {}

    def create(self):
        self.write()
        return self.observe()

    def update(self, current, changes):
        self.write()

    def write(self):
        """A dashboard is written as a whole, over whatever version there is."""
        model = self.options["model"] | {"uid": self.options["uid"]}
        self.ask("POST", "/dashboards/db", body={"dashboard": model, "overwrite": True})

    def delete(self, current):
        self.ask("DELETE", f"/dashboards/uid/{quote(current['uid'], safe='')}")
