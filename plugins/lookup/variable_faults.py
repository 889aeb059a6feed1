# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds misspelt and malformed role variables before the first role runs."""

from __future__ import annotations

DOCUMENTATION = r"""
name: variable_faults
short_description: What is wrong with the variables of roles
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Compares a host's variables with the argument specs of roles of this collection. Ansible itself does so role by role, when
    those before have done their work, and takes no notice of variables that no role knows.
  - A value that refers to the result of a role cannot be told yet, and is left to that role's own validation.
options:
  _terms:
    description: Names of roles of this collection.
    required: true
"""

EXAMPLES = r"""
- name: Refuse what the roles would refuse
  ansible.builtin.assert:
    that: faults | length == 0
    fail_msg: "{{ faults | join('\n') }}"
  vars:
    faults: "{{ query('stackway.scaleway.variable_faults', 'network', 'instance') }}"
"""

RETURN = r"""
_raw:
  description: One sentence per fault, naming the variable; empty when there is none.
  type: list
  elements: str
"""

import difflib
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load  # libyaml's where it is: twelve times as fast
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.lookup import LookupBase

ROLES = Path(__file__).parents[2] / "roles"


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        every_role = sorted((folder.name for folder in ROLES.iterdir()), key=len, reverse=True)
        if unknown := sorted(set(terms) - set(every_role)):
            raise AnsibleError(f"{', '.join(unknown)}: no role of this collection")
        # redis_cluster_x belongs to a role redis_cluster rather than to redis.
        owners = {name: next((role for role in every_role if name.startswith(f"{role}_")), None) for name in variables}
        return [
            fault
            for role in terms
            for fault in self._faults(role, {name: variables[name] for name in variables if owners[name] == role})
        ]

    def _faults(self, role: str, given: dict) -> list[str]:
        if not given:
            return []  # a system without this role
        spec = _spec(role)
        faults = []
        for name in sorted(set(given) - set(spec)):
            near = difflib.get_close_matches(name, spec, n=1)
            faults.append(f"{name}: role {role} has no such variable" + (f", did you mean {near[0]}?" if near else ""))
        told = {}
        for name in set(given) & set(spec):
            try:
                told[name] = self._templar.template(given[name])
            except AnsibleError:
                del spec[name]  # refers to what a role has yet to find out
        for error in ArgumentSpecValidator(spec).validate(told).errors:
            faults.append(f"no such option: {error.msg}" if isinstance(error, UnsupportedError) else error.msg)
        return faults


def _spec(role: str) -> dict:
    """The options of the role's entry points together; what one beside `main` requires, another run may leave out."""
    entries = yaml_load((ROLES / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    spec = {}
    for entry in reversed(entries):
        for name, option in (entries[entry].get("options") or {}).items():
            spec[name] = option if entry == "main" else option | {"required": False}
    return spec
