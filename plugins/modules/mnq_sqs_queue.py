#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues: SQS."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mnq_sqs_queue
short_description: Manage queues
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A queue is known by its name. It is managed over SQS, with credentials that have C(can_manage).
  - Removing a queue loses the messages in it.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
requirements:
  - boto3
options:
  name:
    description: Name of the queue, unique in its project and region. A FIFO queue's ends in C(.fifo).
    type: str
    required: true
  credentials:
    description: Credentials of M(stackway.scaleway.mnq_sqs_credentials) that may do this.
    type: dict
    required: true
    suboptions:
      access_key: {description: Their access key., type: str, required: true}
      secret_key: {description: Their secret key., type: str, required: true}
  visibility_timeout:
    description: Seconds for which a message that was received is hidden from others. The API's default is 30.
    type: int
  message_retention_period:
    description: Seconds after which a message is dropped. The API's default is 345600, four days.
    type: int
  maximum_message_size:
    description: Bytes that a message may have. The API's default is 262144.
    type: int
  receive_message_wait_time_seconds:
    description: Seconds for which a receiver waits for messages (long polling). The API's default is 0.
    type: int
  delay_seconds:
    description: Seconds for which a new message is hidden. The API's default is 0.
    type: int
  fifo_queue:
    description: Whether messages keep their order. Follows from the name; it cannot change on an existing queue.
    type: bool
  content_based_deduplication:
    description: Whether equal messages of a FIFO queue are dropped. It cannot change on an existing queue.
    type: bool
  redrive_policy:
    description: Where messages go that were received too often. An empty dictionary takes it away.
    type: dict
    suboptions:
      dead_letter_queue: {description: Name of a queue of the same project and region., type: str}
      max_receive_count: {description: How often a message may be received., type: int}
"""

EXAMPLES = r"""
- name: Have a queue for jobs that failed
  stackway.scaleway.mnq_sqs_queue:
    name: jobs-failed
    credentials: "{{ sqs_admin }}"

- name: Have a queue for jobs
  stackway.scaleway.mnq_sqs_queue:
    name: jobs
    visibility_timeout: 300
    receive_message_wait_time_seconds: 10
    redrive_policy: {dead_letter_queue: jobs-failed, max_receive_count: 3}
    credentials:
      access_key: "{{ lookup('stackway.scaleway.secret', '/shop/prod/sqs-admin', field='access_key') }}"
      secret_key: "{{ lookup('stackway.scaleway.secret', '/shop/prod/sqs-admin', field='secret_key') }}"
"""

RETURN = r"""
queue:
  description: The queue. Times are seconds, sizes bytes.
  returned: when the queue exists
  type: dict
  contains:
    url:
      description: What clients call it.
      type: str
      returned: always
      sample: https://sqs.mnq.fr-par.scaleway.com/project-95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7/jobs
    arn:
      description: Its name everywhere.
      type: str
      returned: always
      sample: arn:scw:sqs:fr-par:project-95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7:jobs
    visibility_timeout: {description: As the option., type: int, returned: always, sample: 300}
    approximate_number_of_messages: {description: Messages that wait., type: int, returned: always, sample: 0}
"""

from ..module_utils.resources.mnq_sqs_queue import Queue
from ..module_utils.run import run


def main():
    run(Queue, DOCUMENTATION)


if __name__ == "__main__":
    main()
