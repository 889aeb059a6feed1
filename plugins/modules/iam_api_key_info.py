#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys: iam/v1alpha1, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_api_key_info
short_description: List API keys
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists API keys, never their secrets, which the API does not tell.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
options:
  application_id:
    description: Only keys of this application, by name or ID.
    type: str
  user_id:
    description: Only keys of this user.
    type: str
  description:
    description: Only keys with exactly this description.
    type: str
  id:
    description: Only the key with this access key.
    type: str
  expired:
    description: Only keys that have expired, or only those that have not.
    type: bool
"""

EXAMPLES = r"""
- name: See which keys the shop has
  stackway.scaleway.iam_api_key_info:
    application_id: shop
  register: keys
"""

RETURN = r"""
api_keys:
  description: What was found, as the API returned it.
  returned: success
  type: list
  elements: dict
  contains:
    access_key: {description: Its access key and ID., type: str, returned: always, sample: SCWABCDEFGHIJKLMNOPQ}
    description: {description: What the key is for., type: str, returned: always, sample: object storage}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.iam_api_key import IamApiKey
from ..module_utils.run import run


class IamApiKeyInfo(Info):
    resource = IamApiKey


def main():
    run(IamApiKeyInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
