"""What is on offer: engines with their settings, and node types."""

import re
import uuid

from ...call import Call
from ...collection import Service, action, catalog
from ...errors import invalid_argument, invalid_arguments, require

SETTING_FIELDS = (
    *("name", "default_value", "hot_configurable", "description", "property_type", "unit"),
    *("string_constraint", "int_min", "int_max", "float_min", "float_max"),
)
VOLUME_TYPES = {"lssd": "lssd", "sbs_5k": "sbs", "sbs_15k": "sbs"}
"""Volume type -> storage class."""
REPLICATION_SLOTS = "100"  # of which the real service keeps 25 for itself
CHUNK = 5 * 10**9
SBS_SIZES = 5 * 10**9, 10 * 10**12  # bytes


class Engines(Service):
    path = "/rdb/v1/regions/{region}/database-engines"

    @action("GET", "")
    def list(self, call: Call):
        name, version = call.argument("name"), call.argument("version")
        found = [
            {
                "name": engine,
                "logo_url": facts["logo_url"],
                "region": call.params["region"],
                "versions": [describe(each) for each in facts["versions"] if version in (None, "", each["version"])],
            }
            for engine, facts in catalog("rdb-engines")["engines"].items()
            if not name or name.lower() == engine.lower()
        ]
        found = [engine for engine in found if engine["versions"]]
        return {"engines": self.page(call, found), "total_count": len(found)}


class NodeTypes(Service):
    path = "/rdb/v1/regions/{region}/node-types"

    @action("GET", "")
    def list(self, call: Call):
        types = [
            {
                "name": node["name"],
                "stock_status": "available",
                "description": f"{node['vcpus']} vCPU, {node['memory'] // 2**30} GiB",
                "vcpus": node["vcpus"],
                "memory": node["memory"],
                "volume_constraint": None,
                "is_bssd_compatible": False,
                "disabled": False,
                "beta": False,
                "available_volume_types": [
                    {"type": kind, "class": VOLUME_TYPES[kind], "description": "", "chunk_size": CHUNK}
                    | dict(zip(("min_size", "max_size"), sizes, strict=True))
                    for kind, sizes in volume_sizes(node).items()
                ],
                "is_ha_required": False,
                "generation": node["generation"],
                "instance_range": node["range"],
                "region": call.params["region"],
            }
            for node in catalog("rdb-node-types")
        ]
        return {"node_types": self.page(call, types), "total_count": len(types)}


def describe(version: dict) -> dict:
    """A version as the catalogue of the API shows it."""
    return {
        field: version[field] for field in ("name", "version", "release_date", "end_of_life", "disabled", "beta")
    } | {
        "available_settings": list(settings_of(version["name"]).values()),
        "available_init_settings": list(init_settings_of(version["name"]).values()),
    }


def full(setting: dict) -> dict:
    found = {field: setting.get(field) for field in SETTING_FIELDS}
    if (constraint := found["string_constraint"] or "").startswith("@"):
        found["string_constraint"] = catalog("rdb-engines")["constraints"][constraint[1:]]
    return found


def versions() -> dict[str, dict]:
    """`PostgreSQL-17` -> its entry in the catalogue."""
    return {each["name"]: each for engine in catalog("rdb-engines")["engines"].values() for each in engine["versions"]}


def usable(engine: str) -> str:
    """The engine's name, if an instance can be created with it."""
    known = {name.lower(): name for name, version in versions().items() if not version["disabled"]}
    if engine.lower() not in known:
        raise invalid_argument("engine", "constraint", f"must be one of {', '.join(known.values())}")
    return known[engine.lower()]


def upgrades_of(engine: str) -> list[dict]:
    """The versions that an instance can be upgraded to, as `upgradable_version` shows them."""
    kind, _, current = engine.partition("-")
    newer = [
        version
        for name, version in versions().items()
        if name.startswith(kind) and "minor_version" in version and float(version["version"]) > float(current)
    ]
    return [
        {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, version["name"]))}
        | {field: version[field] for field in ("name", "version", "minor_version")}
        for version in sorted(newer, key=lambda version: float(version["version"]))
    ]


def node_type(name: str) -> dict:
    for node in catalog("rdb-node-types"):
        if node["name"] == name.lower():
            return node
    known = ", ".join(node["name"] for node in catalog("rdb-node-types"))
    raise invalid_argument("node_type", "constraint", f"unknown node type, must be one of {known}")


def volume_sizes(node: dict) -> dict[str, tuple[int, int]]:
    """Volume type -> smallest and largest size in bytes. Local storage is as large as the node type has it."""
    local = {"lssd": (node["lssd"], node["lssd"])} if "lssd" in node else {}
    return local | {"sbs_5k": SBS_SIZES, "sbs_15k": SBS_SIZES}


def volume(node: dict, kind: str, size: int) -> dict:
    """The volume that an instance gets: {type, size, class}."""
    sizes = volume_sizes(node)
    if kind not in sizes:
        raise invalid_argument(
            "volume_type", "constraint", f"{node['name']} has no {kind}, it must be one of {', '.join(sizes)}"
        )
    smallest, largest = sizes[kind]
    if kind == "lssd":
        size = smallest  # whatever was asked for: the node type has what it has
    elif size % CHUNK or not smallest <= size <= largest:
        help_message = f"must be a multiple of {CHUNK} bytes between {smallest} and {largest}"
        raise invalid_argument("volume_size", "constraint", help_message)
    return {"type": kind, "size": size, "class": VOLUME_TYPES[kind]}


# Settings


def settings_of(engine: str) -> dict[str, dict]:
    """{name: what the API says of the setting}"""
    kind, _, version = engine.partition("-")
    rows = [row for row in catalog("rdb-engines")["settings"] if row["engine"] == kind and version in row["versions"]]
    return {row["name"]: full(row) for row in sorted(rows, key=lambda row: row["name"])}


def init_settings_of(engine: str) -> dict[str, dict]:
    """Those that can be given at creation only."""
    facts = catalog("rdb-engines")["engines"][engine.partition("-")[0]]
    return {setting["name"]: full(setting) for setting in facts["init_settings"]}


def defaults_of(engine: str, node: dict) -> list[dict]:
    """The settings that a new instance is given, by its node type."""
    names = sorted(node["settings"]) if engine.startswith("PostgreSQL") else ["max_connections"]
    return [{"name": name, "value": node["settings"][name]} for name in names]


def check_settings(known: dict[str, dict], given: list[dict]):
    """Refuse settings that are not known, and values that they do not take."""
    require("settings", given, "name", "value")
    wrong = [
        {"argument_name": f"settings.{each['name']}", "reason": "constraint", "help_message": fault}
        for each in given
        if (fault := _fault(known.get(each["name"]), each["value"]))
    ]
    if wrong:
        raise invalid_arguments(wrong)


def _fault(setting: dict | None, value: str) -> str | None:
    if setting is None:
        return "is no setting of this engine and version"
    kind = setting["property_type"]
    if kind == "BOOLEAN":
        return None if value in ("on", "off") else "must be on or off"
    if kind == "STRING":
        pattern = setting["string_constraint"]
        return None if not pattern or not value or re.search(pattern, value) else f"must match {pattern[:80]}"
    lowest, highest = setting[f"{kind.lower()}_min"], setting[f"{kind.lower()}_max"]
    try:
        number = int(value) if kind == "INT" else float(value)
    except ValueError:
        return "must be a number"
    if (lowest is not None and number < lowest) or (highest is not None and number > highest):
        return f"must be between {lowest} and {highest}"
    return None


def parameters(engine: str, settings: list[dict]) -> dict[str, str]:
    """Settings of an instance -> postgresql.conf, the API's own defaults included."""
    values = {name: setting["default_value"] for name, setting in settings_of(engine).items()}
    values |= {setting["name"]: setting["value"] for setting in settings}
    units = {name: setting["unit"] or "" for name, setting in settings_of(engine).items()}
    audited = ["pgaudit"] if values.get("rdb.enable_pgaudit") == "on" else []
    return {name: value + units[name] for name, value in values.items()} | {
        "shared_preload_libraries": ",".join(["pg_stat_statements", *audited]),
        "wal_level": "logical" if values.get("rdb.enable_logical_replication") == "on" else "replica",
        "max_replication_slots": REPLICATION_SLOTS,
        "max_wal_senders": REPLICATION_SLOTS,
    }
