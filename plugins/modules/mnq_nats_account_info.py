#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NATS accounts: mnq/v1beta1, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mnq_nats_account_info
short_description: Look up NATS accounts
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the accounts of a project and region that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of one account.
    type: str
  name:
    description: Exact name.
    type: str
"""

EXAMPLES = r"""
- name: Look up where NATS is
  stackway.scaleway.mnq_nats_account_info:
    name: shop
  register: found
"""

RETURN = r"""
nats_accounts:
  description: The accounts as M(stackway.scaleway.mnq_nats_account) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    endpoint: {description: Where clients reach it., type: str, returned: always, sample: "nats://nats.mnq.fr-par.scaleway.com:4222"}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.mnq_nats_account import NatsAccount
from ..module_utils.run import run


class NatsAccountInfo(Info):
    resource = NatsAccount


def main():
    run(NatsAccountInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
