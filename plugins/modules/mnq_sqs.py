#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues, switched on: mnq/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mnq_sqs
short_description: Activate queues (SQS) in a project
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Switches queues (SQS) of Messaging on or off, once per project and region.
  - A project that still has queues does not let them be switched off.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options: {}
"""

EXAMPLES = r"""
- name: Have queues
  stackway.scaleway.mnq_sqs:
  register: mnq
"""

RETURN = r"""
sqs:
  description: What the API says of it.
  returned: when it is active
  type: dict
  contains:
    project_id: {description: Project in which it is active., type: str, returned: always, sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7}
    sqs_endpoint_url:
      description: Where clients reach it.
      type: str
      returned: always
      sample: https://sqs.mnq.fr-par.scaleway.com
    status: {description: Whether it is active., type: str, returned: always, sample: enabled}
"""

from ..module_utils.mnq import Activation
from ..module_utils.run import run


class Sqs(Activation):
    protocol = noun = "sqs"


def main():
    run(Sqs, DOCUMENTATION)


if __name__ == "__main__":
    main()
