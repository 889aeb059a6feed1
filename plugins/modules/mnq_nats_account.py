#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NATS accounts: mnq/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mnq_nats_account
short_description: Manage NATS accounts
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - What is in one account is not seen in another. Streams and consumers are made over NATS.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options:
  id:
    description: ID of an existing account (its public key), to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the account.
    type: str
"""

EXAMPLES = r"""
- name: Have a NATS account
  stackway.scaleway.mnq_nats_account:
    name: shop
  register: nats
"""

RETURN = r"""
nats_account:
  description: The account as the API returned it.
  returned: when the account exists
  type: dict
  contains:
    id: {description: Its public key., type: str, returned: always, sample: ADZCI3YTT4HFCGTWWF7DA2ECYDUN26N3QD2V2ETTDSCEJN5NGMPVUXO7}
    endpoint: {description: Where clients reach it., type: str, returned: always, sample: "nats://nats.mnq.fr-par.scaleway.com:4222"}
"""

from ..module_utils.resources.mnq_nats_account import NatsAccount
from ..module_utils.run import run


def main():
    run(NatsAccount, DOCUMENTATION)


if __name__ == "__main__":
    main()
