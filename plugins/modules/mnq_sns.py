#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topics, switched on: mnq/v1beta1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mnq_sns
short_description: Activate topics (SNS) in a project
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Switches topics (SNS) of Messaging on or off, once per project and region.
  - A project that still has topics does not let them be switched off.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
options: {}
"""

EXAMPLES = r"""
- name: Have topics
  stackway.scaleway.mnq_sns:
  register: mnq
"""

RETURN = r"""
sns:
  description: What the API says of it.
  returned: when it is active
  type: dict
  contains:
    project_id: {description: Project in which it is active., type: str, returned: always, sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7}
    sns_endpoint_url:
      description: Where clients reach it.
      type: str
      returned: always
      sample: https://sns.mnq.fr-par.scaleway.com
    status: {description: Whether it is active., type: str, returned: always, sample: enabled}
"""

from ..module_utils.mnq import Activation
from ..module_utils.run import run


class Sns(Activation):
    protocol = noun = "sns"


def main():
    run(Sns, DOCUMENTATION)


if __name__ == "__main__":
    main()
