#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret Manager: secret/v1beta1, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret_info
short_description: List secrets in Secret Manager
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists secrets, never what they hold. The lookup P(stackway.scaleway.secret#lookup) reads a value.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  name:
    description: Only the secrets of this name.
    type: str
  path:
    description: Only the secrets in this folder, not those in folders below it.
    type: str
  tags:
    description: Only the secrets with all of these tags.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: See which secrets production has
  stackway.scaleway.secret_info:
    path: /shop/prod
  register: shop
"""

RETURN = r"""
secrets:
  description: The secrets as the API returned them. Those that are scheduled for deletion are not among them.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: ID of the secret., type: str, returned: always, sample: 9d4fd472-4b01-4a96-bb62-83712549262f}
    name: {description: Name of the secret., type: str, returned: always, sample: db-password}
    path: {description: Folder of the secret., type: str, returned: always, sample: /shop/prod}
    version_count: {description: How many versions it has., type: int, returned: always, sample: 1}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.secret import Secret
from ..module_utils.run import run


class SecretInfo(Info):
    resource = Secret


def main():
    run(SecretInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
