"""What is on offer: versions with their settings, and node types."""

import re
from datetime import UTC, datetime

from ...call import Call
from ...collection import Service, action, catalog
from ...errors import invalid_argument, invalid_arguments, require

LOGO = "https://s3.fr-par.scw.cloud/scw-rkv-logos/logo.svg"


class Versions(Service):
    path = "/redis/v1/zones/{zone}/cluster-versions"

    @action("GET", "")
    def list(self, call: Call):
        wanted, deprecated = call.argument("version"), call.flag("include_deprecated")
        found = [
            describe(each, call.params["zone"])
            for each in catalog("redis")["versions"]
            if (deprecated or not is_retired(each)) and each["version"].startswith(wanted or "")
        ]
        return {"versions": self.page(call, found), "total_count": len(found)}


class NodeTypes(Service):
    path = "/redis/v1/zones/{zone}/node-types"

    @action("GET", "")
    def list(self, call: Call):
        types = [
            node
            | {
                "stock_status": "available",
                "description": f"{node['vcpus']} vCPU, {node['memory'] // 2**30} GiB",
                "disabled": False,
                "beta": False,
                "zone": call.params["zone"],
            }
            for node in catalog("redis")["node_types"]
        ]
        return {"node_types": self.page(call, types), "total_count": len(types)}


def is_retired(version: dict) -> bool:
    return datetime.fromisoformat(version["end_of_life_at"]) < datetime.now(UTC)


def describe(version: dict, zone: str) -> dict:
    shown = {"version": version["version"], "end_of_life_at": version["end_of_life_at"], "logo_url": LOGO, "zone": zone}
    settings = [setting | {"deprecated": False} for setting in settings_of(version["version"]).values()]
    released = {"released_at": version["released_at"]} if version["released_at"] else {}
    return shown | released | {"available_settings": settings}


def settings_of(version: str) -> dict[str, dict]:
    """{name: what the API says of the setting}"""
    left_out = next(each for each in catalog("redis")["versions"] if each["version"] == version).get("without", ())
    return {setting["name"]: setting for setting in catalog("redis")["settings"] if setting["name"] not in left_out}


def usable(version: str) -> str:
    """The version, if a cluster can be made of it. Those of yesterday still can, whether or not the real API lets them."""
    known = [each["version"] for each in catalog("redis")["versions"]]
    if version not in known:
        raise invalid_argument("version", "constraint", f"must be one of {', '.join(known)}")
    return version


def node_type(name: str) -> dict:
    for node in catalog("redis")["node_types"]:
        if node["name"].lower() == name.lower():
            return node
    known = ", ".join(node["name"] for node in catalog("redis")["node_types"])
    raise invalid_argument("node_type", "constraint", f"unknown node type, must be one of {known}")


def check_settings(version: str, given: list[dict]):
    """Refuse settings that are not known, and values that they do not take."""
    require("settings", given, "name", "value")
    known = settings_of(version)
    wrong = [
        {"argument_name": f"settings.{each['name']}", "reason": "constraint", "help_message": fault}
        for each in given
        if (fault := _fault(known.get(each["name"]), str(each["value"])))
    ]
    if wrong:
        raise invalid_arguments(wrong)


def _fault(setting: dict | None, value: str) -> str | None:
    if setting is None:
        return "is no setting of this version"
    if setting["type"] == "BOOLEAN":
        return None if value in ("true", "false") else "must be true or false"
    if setting["type"] == "STRING":
        matches = value in ("", '""') or re.fullmatch(setting["regex"], value)
        return None if matches else f"must match {setting['regex']}"
    try:
        number = int(value)
    except ValueError:
        return "must be a number"
    lowest, highest = setting["min_value"] or 0, setting["max_value"]
    if setting["min_value"] is not None and setting["min_value"] < 0:
        lowest = setting["min_value"]
    return None if lowest <= number <= highest else f"must be between {lowest} and {highest}"


def parameters(version: str, settings: list[dict]) -> dict[str, str]:
    """All settings of a cluster, the API's defaults included."""
    values = {name: setting["default_value"] for name, setting in settings_of(version).items()}
    return values | {setting["name"]: str(setting["value"]) for setting in settings}
