# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of rules in a data source of Cockpit.

The SDK has none of it: a data source of metrics manages them itself, by Mimir's API, and takes the API's keys
(scaleway.com/en/docs/cockpit/api-cli/create-alerts-programmatically).
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from ansible.module_utils.common.yaml import yaml_load

from ..cockpit import REGIONAL
from ..errors import ApiError, ResourceError
from ..resource import Reference, Resource
from ..values import UNKNOWN

PATH = "/prometheus/config/v1/rules"
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}
_PART = r"(\d+)(ms|[smhdwy])"
_DURATION = re.compile(rf"({_PART})+|0")


def milliseconds(value: str) -> int:
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(_PART, value))


def duration(value: str) -> str | None:
    return None if _DURATION.fullmatch(value) else f"{value!r} is not a duration such as 30s, 5m or 1h30m"


def rule(value: dict) -> str | None:
    kinds = [value[kind] for kind in ("alert", "record") if value.get(kind)]
    if len(kinds) != 1:
        return f"a rule has either alert or record: {value.get('expr')}"
    for option in ("for", "keep_firing_for"):
        if value.get(option) and (fault := duration(value[option])):
            return f"{kinds[0]}: {option}: {fault}"
    return None


def as_text(value) -> str:
    """YAML's value -> the text that a label or an annotation is."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class RuleGroup(Resource):
    api = REGIONAL
    noun = "rule_group"
    methods = {"list": "list_data_sources"}
    key = ("data_source_id", "namespace", "name")
    id_field = "name"
    references = {
        "data_source_id": Reference(
            REGIONAL, "list_data_sources", "data source", given={"types": ["metrics"]}, get="get_data_source"
        )
    }
    ordered = {"rules"}
    checks = {"interval": duration, "rules": rule}

    def __init__(self, client, params, **options):
        super().__init__(client, params, **options)
        self.url = self.options.pop("url", "")
        if "rules" in self.options:
            self.options["rules"] = [self.given(each) for each in self.options["rules"]]

    @staticmethod
    def given(each):
        """A rule without what the user left out, and with labels and annotations as texts."""
        return {
            option: {name: as_text(text) for name, text in value.items()} if isinstance(value, dict) else value
            for option, value in each.items()
            if value
        }

    # Calls -------------------------------------------------------------------------

    def ask(self, method: str, *path: str, body: dict | None = None):
        """What the data source answers: YAML, of which JSON is a part. None where there is nothing of it."""
        if not self.url:
            source = self.client.call(REGIONAL, "get_data_source", **self.scope("get_data_source"), **self.source())
            self.url = source["url"]
        headers = {"Content-Type": "application/yaml"} if body else {}
        data = json.dumps(body).encode() if body else b""
        where = PATH + "".join(f"/{quote(part, safe='')}" for part in (self.options["namespace"], *path))
        try:
            _response, answer = self.client.send(method, where, [], headers, data, base=self.url.rstrip("/"))
        except ApiError as error:
            if error.status == 404 and method != "POST":
                return None
            raise
        return yaml_load(answer) if isinstance(answer, str) else answer

    def source(self):
        return {"data_source_id": self.options["data_source_id"]}

    def read(self, answer):
        return answer | self.source() | {"namespace": self.options["namespace"]}

    def list(self, **_arguments):
        if self.options["data_source_id"] == UNKNOWN:  # a plan makes it: there are none in it
            return []
        return [self.read(group) for group in (self.ask("GET") or {}).get(self.options["namespace"], [])]

    def list_arguments(self):
        return {}

    def observe(self):
        if self.parent_unknown():
            return None
        self.require(self.key)
        return self.get(self.options)

    def get(self, record):
        found = self.ask("GET", record["name"])
        return found and self.read(found)

    # Plan --------------------------------------------------------------------------

    def check_options(self):
        super().check_options()
        if self.options.get("rules") == [] and self.params.get("state") != "absent":
            raise ResourceError(f"rules: {self.title()} cannot be empty (state: absent removes it)", field="rules")

    def normalise(self, option, value):
        if option == "interval":
            return milliseconds(value or "0")
        if option == "rules":
            return [self.in_full(each) for each in value or []]
        return super().normalise(option, value)

    @staticmethod
    def in_full(each):
        """A rule with everything that it leaves out, and durations as numbers: Mimir writes 90s as 1m30s."""
        times = {option: milliseconds(each.get(option) or "0") for option in ("for", "keep_firing_for")}
        texts = {option: (each.get(option) or "").strip() for option in ("alert", "record", "expr")}
        return times | texts | {option: each.get(option) or {} for option in ("labels", "annotations")}

    # Apply -------------------------------------------------------------------------

    def creation(self):
        if not self.options.get("rules"):
            raise ResourceError(f"rules: needed to create {self.title()}", field="rules")
        return {}

    def create(self):
        self.write({})
        return self.observe()

    def update(self, current, changes):
        self.write(current)

    def write(self, current):
        """A group is written as a whole."""
        group = {"name": self.options["name"]} | {
            option: self.options.get(option, current.get(option)) for option in ("interval", "rules")
        }
        self.ask("POST", body={key: value for key, value in group.items() if value})

    def delete(self, current):
        self.ask("DELETE", current["name"])
