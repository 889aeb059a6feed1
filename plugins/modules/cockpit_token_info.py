#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up tokens of Cockpit: cockpit/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cockpit_token_info
short_description: Look up tokens of Cockpit
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the tokens of a project and region, never their secret keys.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of one token.
    type: str
  name:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: See which tokens there are
  stackway.scaleway.cockpit_token_info:
  register: found
"""

RETURN = r"""
tokens:
  description: The tokens as M(stackway.scaleway.cockpit_token) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
"""

from ..module_utils.resource import Info
from ..module_utils.resources.cockpit_token import Token
from ..module_utils.run import run


class TokenInfo(Info):
    resource = Token


def main():
    run(TokenInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
