#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports of public gateways: vpc-gw/v2."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vpcgw_pat_rule
short_description: Lead ports of public gateways into private networks
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Whoever reaches O(public_port) of the gateway's address talks to O(private_ip) in one of its private networks.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
options:
  gateway_id:
    description: ID or name of the gateway.
    type: str
    required: true
  public_port:
    description: Port of the gateway. With O(protocol) it tells which rule is meant.
    type: int
    required: true
  protocol:
    description: Protocol that is let in.
    type: str
    choices: [both, tcp, udp]
    default: both
  private_ip:
    description: Address that the port leads to. Needed to create.
    type: str
  private_port:
    description: Port there. Needed to create.
    type: int
"""

EXAMPLES = r"""
- name: Lead port 2222 to the ssh of one instance
  stackway.scaleway.vpcgw_pat_rule:
    gateway_id: shop
    public_port: 2222
    protocol: tcp
    private_ip: 10.0.0.5
    private_port: 22
"""

RETURN = r"""
pat_rule:
  description: The rule as the API returned it.
  returned: when the rule exists
  type: dict
  contains:
    id: {description: ID of the rule., type: str, returned: always, sample: ad3ee6a2-e62b-402f-91bb-ce1d559f3af1}
    private_ip: {description: Address that the port leads to., type: str, returned: always, sample: 10.0.0.5}
"""

from ..module_utils.resources.vpcgw_pat_rule import PatRule
from ..module_utils.run import run


def main():
    run(PatRule, DOCUMENTATION)


if __name__ == "__main__":
    main()
