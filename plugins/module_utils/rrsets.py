# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS records as people write them and as the API gives them back: one form of both, and the changes between two sets.

A record here is {name, type, data, ttl, comment}: the name relative to its zone ("" for the apex), the data canonical.
"""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict

from .values import UNKNOWN

TYPES = (
    *("A", "AAAA", "ALIAS", "CAA", "CNAME", "DNAME", "DS", "HINFO", "HTTPS", "LOC", "MX", "NAPTR", "NS", "PTR", "RP"),
    *("SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI"),
)
SHORTEST_TTL, LONGEST_TTL = 60, 2592000  # seconds
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_NAME = re.compile(rf"((\*|{_LABEL})(\.{_LABEL})*)?", re.IGNORECASE)
_TARGET = re.compile(rf"{_LABEL}(\.{_LABEL})+", re.IGNORECASE)
_STRINGS = re.compile(r'"((?:[^"\\]|\\.)*)"')


def relative(name: str, zone: str) -> str:
    """A record's name relative to its zone: "@" and the zone itself are "", and "www.<zone>." is "www".

    A complete name in another zone keeps its final dot, which `name_fault` refuses.
    """
    name, complete, zone = name.rstrip(".").lower(), name.endswith("."), zone.rstrip(".").lower()
    if name in ("@", zone):
        return ""
    inside = name.removesuffix(f".{zone}")
    return f"{name}." if complete and inside == name else inside


def name_fault(name: str) -> str | None:
    return (
        None
        if UNKNOWN in name or _NAME.fullmatch(name)
        else f"{name!r} is not a name in the zone, such as www or *.apps"
    )


def ttl_fault(ttl: int) -> str | None:
    return (
        None if SHORTEST_TTL <= ttl <= LONGEST_TTL else f"{ttl} is not between {SHORTEST_TTL} and {LONGEST_TTL} seconds"
    )


def canonical(rdtype: str, data: str) -> str:
    """The one spelling of a record's data. Raises ValueError with the fault in words. What check mode predicted passes."""
    data = " ".join(data.split()) if rdtype != "TXT" else data.strip()
    if UNKNOWN in data:
        return data
    if not data:
        raise ValueError("is empty")
    return _FORMS[rdtype](data) if rdtype in _FORMS else data


def _address(version: int):
    def form(data: str) -> str:
        try:
            address = ipaddress.ip_address(data)
        except ValueError:
            address = None
        if address is None or address.version != version:
            raise ValueError(f"{data!r} is not an IPv{version} address")
        return str(address)

    return form


def _target(data: str) -> str:
    """A complete host name; the final dot may be left out."""
    name = data.rstrip(".").lower()
    if not _TARGET.fullmatch(name):
        raise ValueError(f"{data!r} is not a complete host name such as www.example.com.")
    return f"{name}."


def _text(data: str) -> str:
    """The text alone: the API quotes it, and long ones are kept in several strings."""
    strings = _STRINGS.findall(data)
    if not strings or _STRINGS.sub("", data).strip():
        return data
    return re.sub(r"\\(.)", r"\1", "".join(strings))


def _numbers_then_target(count: int, example: str):
    def form(data: str) -> str:
        *numbers, target = data.split()
        if len(numbers) != count or not all(number.isdigit() and int(number) < 65536 for number in numbers):
            raise ValueError(f"{data!r} is not of the form {example!r}")
        return " ".join([*(str(int(number)) for number in numbers), "." if target == "." else _target(target)])

    return form


def _caa(data: str) -> str:
    flags, _space, rest = data.partition(" ")
    tag, _space, value = rest.partition(" ")
    value = value.strip('"')
    if not (flags.isdigit() and tag and value):
        raise ValueError(f"{data!r} is not of the form '0 issue \"letsencrypt.org\"'")
    return f'{int(flags)} {tag.lower()} "{value}"'


_FORMS = {
    "A": _address(4),
    "AAAA": _address(6),
    "ALIAS": _target,
    "CAA": _caa,
    "CNAME": _target,
    "DNAME": _target,
    "MX": _numbers_then_target(1, "10 mail.example.com."),
    "NS": _target,
    "PTR": _target,
    "SRV": _numbers_then_target(3, "10 5 443 host.example.com."),
    "TXT": _text,
}


def read(answer: dict) -> dict:
    """A record as the API gives it -> the form of this file, with its id."""
    rdtype = answer["type"].upper()
    try:
        data = canonical(rdtype, answer["data"])
    except ValueError:  # written by other means: comparable with nothing, but not in the way
        data = answer["data"]
    kept = {"name": answer["name"].lower(), "type": rdtype, "data": data, "ttl": answer["ttl"]}
    return kept | {"comment": answer.get("comment") or "", "id": answer["id"]}


def changes(current: list[dict], wanted: list[dict]) -> list[dict]:
    """The `changes` of one PATCH that turn `current` (with ids) into `wanted`; [] when there is no difference.

    A record keeps its id where a set keeps its size. Removals come first: a name that becomes a CNAME has to be free.
    """
    before, after = _sets(current), _sets(wanted)
    removals, replacements, additions = [], [], []
    for key in [*before, *(key for key in after if key not in before)]:
        present = {record["data"]: record for record in before[key]}
        desired = {record["data"]: record for record in after[key]}
        surplus = [
            record
            for record in before[key]
            if record is not present.get(record["data"]) or record["data"] not in desired
        ]
        for data, record in desired.items():
            if data in present:
                if _differs(present[data], record):
                    replacements.append(_replacement(present[data], record))
            elif surplus:
                replacements.append(_replacement(surplus.pop(0), record))
            else:
                additions.append(sent(record))
        removals += [{"delete": {"id": record["id"]}} for record in surplus]
    return [*removals, *replacements, *([{"add": {"records": additions}}] if additions else [])]


def _sets(records: list[dict]) -> defaultdict[tuple, list[dict]]:
    found = defaultdict(list)
    for record in records:
        found[record["name"], record["type"]].append(record)
    return found


def _differs(present: dict, desired: dict) -> bool:
    comment = desired.get("comment")
    return present["ttl"] != desired["ttl"] or (comment is not None and present["comment"] != comment)


def _replacement(present: dict, desired: dict) -> dict:
    comment = present["comment"] if desired.get("comment") is None else desired["comment"]
    return {"set": {"id": present["id"], "records": [sent(desired | {"comment": comment})]}}


def sent(record: dict) -> dict:
    """A record as the API wants it: the priority apart, a text without quotes."""
    data, priority = record["data"], 0
    if record["type"] in ("MX", "SRV"):
        priority = int(data.partition(" ")[0])
    if record["type"] == "MX":
        data = data.partition(" ")[2]
    fields = {"name": record["name"], "type": record["type"], "data": data, "ttl": record["ttl"]}
    return fields | {"priority": priority, "comment": record.get("comment") or None, "id": ""}
