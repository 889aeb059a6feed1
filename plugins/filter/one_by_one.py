# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns "three of these" into three."""

from __future__ import annotations

DOCUMENTATION = r"""
name: one_by_one
short_description: One entry per thing in a list of things with counts
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - An entry with C(count) becomes as many entries without it, named C(name-1), C(name-2) and so on. One without stays as it is.
  - Named arguments of the filter are what entries hold that do not say otherwise.
options:
  _input:
    description: Dictionaries with C(name), and some with C(count).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
# [{name: web-1, type: DEV1-S}, {name: web-2, type: DEV1-S}, {name: db, type: GP1-S}]
servers: "{{ [{'name': 'web', 'count': 2, 'type': 'DEV1-S'}, {'name': 'db', 'type': 'GP1-S'}] | stackway.scaleway.one_by_one }}"
"""

RETURN = r"""
_value:
  description: The entries, none of them with C(count).
  type: list
  elements: dict
"""


def one_by_one(entries: list[dict], **defaults) -> list[dict]:
    several = []
    for entry in entries:
        kind = defaults | {key: value for key, value in entry.items() if key != "count"}
        numbers = range(1, int(entry["count"]) + 1) if "count" in entry else [None]
        several += [kind | {"name": f"{entry['name']}-{number}"} if number else kind for number in numbers]
    return several


class FilterModule:
    def filters(self):
        return {"one_by_one": one_by_one}
