#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues: SQS, to look at."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mnq_sqs_queue_info
short_description: Look at a queue
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Tells what a queue is like and how many messages are in it.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
requirements:
  - boto3
options:
  name:
    description: Name of the queue. One that does not exist gives an empty list.
    type: str
    required: true
  credentials:
    description: Credentials of M(stackway.scaleway.mnq_sqs_credentials) that may do this.
    type: dict
    required: true
    suboptions:
      access_key: {description: Their access key., type: str, required: true}
      secret_key: {description: Their secret key., type: str, required: true}
"""

EXAMPLES = r"""
- name: See how many jobs wait
  stackway.scaleway.mnq_sqs_queue_info:
    name: jobs
    credentials: "{{ sqs_admin }}"
  register: found
"""

RETURN = r"""
queues:
  description: The queue as M(stackway.scaleway.mnq_sqs_queue) returns it; an empty list where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    approximate_number_of_messages: {description: Messages that wait., type: int, returned: always, sample: 0}
    approximate_number_of_messages_not_visible: {description: Messages being worked on., type: int, returned: always, sample: 0}
"""

from ..module_utils.resource import Info
from ..module_utils.resources.mnq_sqs_queue import Queue
from ..module_utils.run import run


class QueueInfo(Info):
    resource = Queue
    secrets = Queue.secrets

    @classmethod
    def look_up(cls, client, params):
        found = Queue(client, params).observe()
        return [found] if found else []


def main():
    run(QueueInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
