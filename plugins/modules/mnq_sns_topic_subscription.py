#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscriptions to topics: SNS."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mnq_sns_topic_subscription
short_description: Manage subscriptions to topics
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A subscription is known by its topic, protocol and endpoint, and nothing of it can change.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
requirements:
  - boto3
options:
  topic:
    description: Name of the topic.
    type: str
    required: true
  protocol:
    description: How messages are delivered.
    type: str
    choices: [sqs, http, https]
    required: true
  endpoint:
    description: Where to. For V(sqs), the ARN of a queue; otherwise a URL, whose server has to confirm the subscription.
    type: str
    required: true
  credentials:
    description: Credentials of M(stackway.scaleway.mnq_sns_credentials) that may do this.
    type: dict
    required: true
    suboptions:
      access_key: {description: Their access key., type: str, required: true}
      secret_key: {description: Their secret key., type: str, required: true}
"""

EXAMPLES = r"""
- name: Put the orders into the worker's queue
  stackway.scaleway.mnq_sns_topic_subscription:
    topic: orders
    protocol: sqs
    endpoint: "{{ jobs.queue.arn }}"
    credentials: "{{ sns_admin }}"
"""

RETURN = r"""
subscription:
  description: The subscription.
  returned: when the subscription exists
  type: dict
  contains:
    arn:
      description: Its name everywhere.
      type: str
      returned: always
      sample: arn:scw:sns:fr-par:project-95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7:orders:60499604-525d-44b1-b479-924ca8273a6e
    pending_confirmation: {description: Whether its server has yet to confirm it., type: bool, returned: always, sample: false}
"""

from ..module_utils.errors import ApiError, ResourceError
from ..module_utils.mnq import Held
from ..module_utils.run import run
from ..module_utils.values import UNKNOWN


class Subscription(Held):
    protocol = "sns"
    noun = "subscription"
    key = ("topic", "protocol", "endpoint")
    id_field = "arn"

    def check_options(self):
        super().check_options()
        endpoint, protocol = self.options["endpoint"], self.options["protocol"]
        expected = "arn:scw:sqs:" if protocol == "sqs" else f"{protocol}://"
        if endpoint != UNKNOWN and not endpoint.startswith(expected):
            raise ResourceError(f"endpoint: {endpoint!r} does not begin with {expected}", field="endpoint")

    def observe(self):
        return None if self.options["endpoint"] == UNKNOWN and self.check_mode else super().observe()

    def get(self, record):
        wanted = tuple(record[name] for name in ("protocol", "endpoint"))
        try:
            for page in self.aws.pages("list_subscriptions_by_topic", TopicArn=self.arn(record["topic"])):
                for found in page["Subscriptions"]:
                    if (found["Protocol"], found["Endpoint"]) == wanted:
                        return self.described(record, found["SubscriptionArn"])
        except ApiError as error:
            if error.status != 404:
                raise
        return None

    def described(self, record, arn):
        found = self.aws.call("get_subscription_attributes", SubscriptionArn=arn)["Attributes"]
        pending = str(found.get("PendingConfirmation")).lower() == "true"
        named = {name: record[name] for name in self.key}
        return named | {"arn": arn, "project_id": self.aws.project_id, "pending_confirmation": pending}

    def create(self):
        try:
            self.aws.call(
                "subscribe",
                TopicArn=self.arn(self.options["topic"]),
                Protocol=self.options["protocol"],
                Endpoint=self.options["endpoint"],
                ReturnSubscriptionArn=True,
            )
        except ApiError as error:
            if error.status != 404:
                raise
            raise ResourceError(
                f"topic: {self.options['topic']!r} does not exist (create it with mnq_sns_topic first)", field="topic"
            ) from error
        return self.get(self.options)

    def delete(self, current):
        self.aws.call("unsubscribe", SubscriptionArn=current["arn"])


def main():
    run(Subscription, DOCUMENTATION)


if __name__ == "__main__":
    main()
