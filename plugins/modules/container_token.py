#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens for private containers: containers/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_token
short_description: Manage tokens for private Serverless Containers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Creates and removes tokens that let their owners call a private container, or all containers of a namespace, in the header
    C(X-Auth-Token). Scaleway deprecates them in favour of API keys, whose secret does the same.
  - A token is known by what it is for and its description. The API tells it once, when it is made. O(store) puts it into
    Secret Manager at once, so that it is nowhere else; O(reveal) returns it instead, or as well.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of an existing token.
    type: str
  container_id:
    description: ID or name of the container that the token is for. Mutually exclusive with O(namespace_id).
    type: str
  namespace_id:
    description: ID or name of the namespace that the token is for.
    type: str
  description:
    description: Who has the token, unique among those for the same container or namespace.
    type: str
  expires_at:
    description: When the token ends to work, as V(2030-01-01T00:00:00Z). It cannot change on an existing token.
    type: str
  store:
    description:
      - Secret that holds the token, as JSON with C(id) and C(token). It is made where there is none.
      - Where the secret does not hold this token, the token is lost to everybody and is replaced by a new one.
    type: dict
    suboptions:
      name:
        description: Name of the secret.
        type: str
        required: true
      path:
        description: Folder of the secret.
        type: str
        default: /
  reveal:
    description: Whether a token that was made is returned in the clear; give the task C(no_log) then.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Have a token for the front, kept in Secret Manager
  stackway.scaleway.container_token:
    container_id: worker
    description: front
    store: {name: worker-token, path: /shop/prod}
"""

RETURN = r"""
token:
  description: The token as the API returned it.
  returned: when the token exists
  type: dict
  contains:
    id: {description: ID of the token., type: str, returned: always}
    token: {description: "The token itself, null unless it was just made.", type: str, returned: with O(reveal=true)}
    expires_at: {description: When it ends to work., type: str, returned: always}
"""

from ..module_utils.resources.container_token import ContainerToken
from ..module_utils.run import run


def main():
    run(ContainerToken, DOCUMENTATION)


if __name__ == "__main__":
    main()
