# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds what bears a system's tags and left its inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: undeclared
short_description: What bears a system's tags and is no longer declared
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Returns the names of the resources that bear all of O(tags), without those given. Without tags there are none, as
    everything in the project would be one.
  - Credentials come from the variable C(scaleway_credentials), a dictionary of the options below, where the lookup is not given others.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.zone
options:
  _terms:
    description: A dictionary with the names that are declared, by module of this collection such as V(vpc).
    required: true
  tags:
    description: Tags that mark what belongs to the system.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: See which networks of the shop are left over
  ansible.builtin.debug:
    msg: "{{ lookup('stackway.scaleway.undeclared', {'vpc_private_network': ['shop'], 'vpc': ['shop']}, tags=['shop']) }}"
"""

RETURN = r"""
_raw:
  description: For each term a dictionary with names by module.
  type: list
  elements: dict
"""

import importlib

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..action.resource import declared_in
from ..module_utils.client import Client
from ..module_utils.errors import StackwayError
from ..module_utils.run import argument_spec
from ..plugin_utils import lookup_client


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        client = lookup_client.client(self, variables, kwargs)
        try:
            return [{module: self.left(client, module, set(names)) for module, names in term.items()} for term in terms]
        except StackwayError as error:
            raise AnsibleLookupError(str(error)) from error

    def left(self, client: Client, module: str, declared: set[str]) -> list[str]:
        tags = self.get_option("tags")
        if not tags:
            return []
        twin = importlib.import_module(f"{__package__.rpartition('.')[0]}.modules.{module}_info")
        info = declared_in(twin)
        params = {name: option.get("default") for name, option in argument_spec(info, twin.DOCUMENTATION).items()}
        # Not every list method filters by tags.
        found = [each for each in info.look_up(client, params | {"tags": tags}) if set(tags) <= set(each["tags"])]
        return sorted({record["name"] for record in found} - declared)
