# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of Serverless Containers share."""

from __future__ import annotations

import re

try:
    from cryptography.exceptions import InvalidKey
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
except ImportError:  # reported where a secret has to be compared
    Argon2id = None

from .errors import ResourceError
from .resource import Reference, Resource
from .values import MASK

NAMESPACE = Reference("container.v1.ContainerV1API", "list_namespaces", "container namespace")
CONTAINER = Reference(
    "container.v1.ContainerV1API", "list_containers", "container", scope={"namespace_id": "namespace_id"}
)

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def duration(value: str) -> str | None:
    """What is wrong with a duration, or None."""
    return None if seconds(value) is not None else f"{value!r} is not a duration such as 30s or 5m"


def seconds(value: str) -> float | None:
    """`1m30s` -> 90.0; a bare number is seconds; None where it is no duration."""
    text = str(value)
    if re.fullmatch(r"\d+", text):
        return float(text)
    parts = _PART.findall(text)
    if not parts or "".join(map("".join, parts)) != text:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def as_sent(value: str) -> str:
    """A duration as the API takes it."""
    return f"{seconds(value):.9f}".rstrip("0").rstrip(".") + "s"


def as_text(value) -> str:
    """YAML's value -> an environment variable's."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


class WithEnvironment(Resource):
    """A noun with environment variables, some of which are secret: the API tells their Argon2id hashes.

    Either option is the whole set. A secret that is unchanged is not sent again: an empty value keeps it.
    """

    secrets = {"secret_environment_variables"}

    def __init__(self, client, params, *, check_mode=False):
        super().__init__(client, params, check_mode=check_mode)
        for option in ("environment_variables", "secret_environment_variables"):
            if option in self.options:
                self.options[option] = {key: as_text(value) for key, value in self.options[option].items()}

    def check_options(self):
        super().check_options()
        if empty := [key for key, value in self.options.get("secret_environment_variables", {}).items() if not value]:
            raise ResourceError(
                f"secret_environment_variables: {', '.join(empty)}: the API takes no empty value "
                "(leave the variable out, or set it in environment_variables)",
                field="secret_environment_variables",
            )

    def differs(self, option, current):
        if option == "environment_variables":
            return self.options[option] != (current.get(option) or {})
        return super().differs(option, current)

    def plan(self, current):
        changes = super().plan(current)
        wanted = self.options.get("secret_environment_variables")
        hashes = current.get("secret_environment_variables") or {}
        if wanted is not None and (
            wanted.keys() != hashes.keys() or not all(holds(hashes[key], value) for key, value in wanted.items())
        ):
            changes["secret_environment_variables"] = wanted
        return changes

    def update(self, current, changes):
        if wanted := changes.get("secret_environment_variables"):
            hashes = current.get("secret_environment_variables") or {}
            sent = {key: "" if key in hashes and holds(hashes[key], value) else value for key, value in wanted.items()}
            changes = changes | {"secret_environment_variables": sent}
        super().update(current, changes)

    def shown(self, values):
        """The keys of secrets, and not even their hashes."""
        return {
            name: dict.fromkeys(value or {}, MASK) if name == "secret_environment_variables" else value
            for name, value in values.items()
        }


def holds(phc: str, value: str) -> bool:
    """Whether this is the Argon2id hash, as the API tells it, of this value."""
    if not hasattr(Argon2id, "verify_phc_encoded"):
        raise ResourceError(
            "secret_environment_variables: comparing them needs cryptography >= 45: pip install -U cryptography"
        )
    try:
        Argon2id.verify_phc_encoded(value.encode(), phc)
    except InvalidKey:
        return False
    return True
