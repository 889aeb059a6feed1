"""Which variables an application gets, from its system's inventory alone: no account is asked, and no secret is read.

An expression is worked out as Ansible would, but for what only a run knows. That is told by its name, in <angle brackets>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible.plugins.filter.core import FilterModule
from jinja2.nativetypes import NativeEnvironment
from jinja2.runtime import Context, missing

ROOT = Path(__file__).parents[1]
ROLES = sorted((path.name for path in (ROOT / "roles").glob("*") if path.is_dir()), key=len, reverse=True)
LEAVE_AS_IT_IS = {"urlencode", "from_json", "trim"}  # filters that say nothing of where a value comes from


class Unknown:
    """What only a run knows, such as `rdb_endpoint`. What is looked up in it is unknown, too."""

    def __init__(self, name: str):
        self._name = name

    def __str__(self):
        return f"<{self._name}>"

    def __getattr__(self, key: str):
        if key.startswith("__"):
            raise AttributeError(key)
        return Unknown(f"{self._name}, {key}" if self._name.startswith("secret ") else f"{self._name}.{key}")

    def __getitem__(self, key):
        return Unknown(f"{self._name}[{key}]")

    def __floordiv__(self, number):
        return Unknown(f"{self._name} // {number}")


class Names(Context):
    """The names in an expression are those of the inventory."""

    def resolve_or_missing(self, key: str):
        found = super().resolve_or_missing(key)
        return self.environment.inventory.value(key) if found is missing else found


class Inventory:
    """The variables of one system, worked out when they are asked for; `group_names` are those of the server that asks."""

    def __init__(self, variables: dict[str, Any], group_names: list[str] | None = None):
        self.variables = variables | {"group_names": group_names or []}
        self.jinja = NativeEnvironment()
        self.jinja.context_class = Names
        self.jinja.inventory = self
        self.jinja.globals |= {"lookup": lookup, "hostvars": Hosts(self)}
        for name, function in (FilterModule().filters() | self.jinja.filters).items():
            self.jinja.filters[name] = known(name, function)

    def value(self, name: str):
        return self.render(self.variables[name]) if name in self.variables else Unknown(name)

    def render(self, value):
        if isinstance(value, str):
            return self.jinja.from_string(value).render() if "{{" in value else value
        if isinstance(value, dict):
            return {key: self.render(each) for key, each in value.items()}
        return [self.render(each) for each in value] if isinstance(value, list) else value

    def items(self, name: str) -> list | dict:
        """A list or dictionary, empty where there is none."""
        return self.value(name) if name in self.variables else []


class Hosts:
    """What one host has found out, the others see as `hostvars[...]`; a system's variables are the same on all of its hosts."""

    def __init__(self, inventory: Inventory):
        self._inventory = inventory

    def __getitem__(self, _host: str):
        return self

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return self._inventory.value(name)


def lookup(plugin: str, term: str, field: str = "", **_options) -> Unknown:
    kind = plugin.rpartition(".")[2]
    return Unknown(f"{kind} {term}" + (f", {field}" if field else ""))


def known(name: str, function):
    """The filter, which leaves alone what is unknown."""

    def filtered(value, *args, **kwargs):
        if isinstance(value, Unknown):
            return value if name in LEAVE_AS_IT_IS else Unknown(f"{value._name} | {name}")
        return function(value, *args, **kwargs)

    # What Jinja passes first, such as the environment, it passes to a filter that is marked so.
    return function if hasattr(function, "jinja_pass_arg") else filtered


@dataclass(frozen=True)
class Variable:
    name: str
    value: str
    owner: str  # a service of Compose, or a container
    place: str  # where the owner finds it


def variables(inventory: dict[str, Any]) -> Iterator[Variable]:
    """Every variable that every service and container of a system gets."""
    system = Inventory(inventory)
    for server in system.items("instance_servers"):
        if "app_compose" in server.get("tags", []):
            host = Inventory(inventory, server["tags"])
            shared = {"APP_VERSION": Unknown("app_compose_deployed.version")} | host.value("app_compose_environment")
            for service in host.value("app_compose_services"):
                for name, value in (shared | service.get("environment", {})).items():
                    yield Variable(name, str(value), service["name"], "Compose")
    secret = dict(system.items("serverless_secret_environment"))
    built = {image["name"] for image in system.items("serverless_images")}
    for container in system.items("serverless_containers"):
        image = container["image"]
        version = {"APP_VERSION": Unknown(f"serverless_deployed.{image}")} if image in built else {}
        plain = version | dict(system.items("serverless_environment")) | container.get("environment", {})
        for name, value in plain.items():
            yield Variable(name, str(value), container["name"], "container")
        for name, value in secret.get(container["name"], {}).items():
            yield Variable(name, str(value), container["name"], "container, secret")


def source(value: str) -> str:
    """Where a value comes from."""
    told = re.findall(r"<([^<>]*)>", value)
    return "; ".join(dict.fromkeys(map(_origin, told))) or "inventory"


def _origin(unknown: str) -> str:
    if unknown.startswith("secret "):
        path, _comma, field = unknown.removeprefix("secret ").partition(", ")
        return f"secret `{path}`" + (f", its `{field}`" if field else "")
    name = re.match(r"\w*", unknown)[0]
    role = next((role for role in ROLES if name.startswith(f"{role}_")), None)
    return f"role [{role}](../../roles/{role}/README.md), `{name}`" if role else f"`{unknown}`, of the environment"


def page(file: Path) -> str:
    """docs/variables/<system>.md for inventories/<system>.yml."""
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    for variable in variables(yaml.safe_load(file.read_text())):
        owners = rows.setdefault((variable.name, variable.value), {}).setdefault(variable.place, [])
        if variable.owner not in owners:
            owners.append(variable.owner)
    table = [
        f"| `{name}` | {_owners(places)} | {_code(value)} | {source(value)} |"
        for (name, value), places in sorted(rows.items())
    ]
    return "\n".join(
        [
            f"# The variables that {file.stem} gets",
            "",
            f"Written by `make docs` from [`inventories/{file.name}`](../../inventories/{file.name}), without an account; an environment may overlay",
            "values. What only a run knows stands in `<angle brackets>`. A secret is named by its path in Secret Manager.",
            "",
            "| variable | who gets it | value | where it comes from |",
            "| --- | --- | --- | --- |",
            *table,
            "",
        ]
    )


def _owners(places: dict[str, list[str]]) -> str:
    return "; ".join(f"{', '.join(f'`{owner}`' for owner in owners)} ({place})" for place, owners in places.items())


def _code(value: str) -> str:
    text = " ".join(value.split()).replace("|", "\\|")
    return f"`{text}`" if text else "empty"
