# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns what was found of a system into what is wrong with it, and what to do."""

from __future__ import annotations

DOCUMENTATION = r"""
name: diagnosis
short_description: What is wrong with what was found, and what to do
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Compares what modules of this collection found of one part of a system with what is declared. Role C(doctor) does.
options:
  _input:
    description: What was found, as the part wants it.
    type: raw
    required: true
  part:
    description: Part of the system.
    type: str
    required: true
    choices: [servers, networks, database, redis, containers, triggers, queues, load_balancer, zones, records, certificates, email, secrets]
"""

EXAMPLES = r"""
# [{check: server web, state: ok, seen: running, remedy: ""}]
findings: "{{ found.servers | stackway.scaleway.diagnosis('servers', names=['web'], answers={}) }}"
"""

RETURN = r"""
_value:
  description: Dictionaries with C(check), C(state) (V(ok), V(warn) or V(fail)), C(seen) and C(remedy).
  type: list
  elements: dict
"""

from ansible.errors import AnsibleFilterError

from ..plugin_utils.diagnoses import PARTS


def diagnosis(found, part: str, **declared) -> list[dict]:
    if part not in PARTS:
        raise AnsibleFilterError(f"diagnosis: {part} is none of {', '.join(PARTS)}")
    return list(PARTS[part](found, **declared))


class FilterModule:
    def filters(self):
        return {"diagnosis": diagnosis}
