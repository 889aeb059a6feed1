#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topics: SNS."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mnq_sns_topic
short_description: Manage topics
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - A topic is known by its name. It is managed over SNS, with credentials that have C(can_manage).
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
requirements:
  - boto3
options:
  name:
    description: Name of the topic, unique in its project and region. A FIFO topic's ends in C(.fifo).
    type: str
    required: true
  credentials:
    description: Credentials of M(stackway.scaleway.mnq_sns_credentials) that may do this.
    type: dict
    required: true
    suboptions:
      access_key: {description: Their access key., type: str, required: true}
      secret_key: {description: Their secret key., type: str, required: true}
  content_based_deduplication:
    description: Whether equal messages of a FIFO topic are dropped. It cannot change on an existing topic.
    type: bool
"""

EXAMPLES = r"""
- name: Have a topic
  stackway.scaleway.mnq_sns_topic:
    name: orders
    credentials: "{{ sns_admin }}"
"""

RETURN = r"""
topic:
  description: The topic.
  returned: when the topic exists
  type: dict
  contains:
    arn:
      description: What clients call it.
      type: str
      returned: always
      sample: arn:scw:sns:fr-par:project-95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7:orders
    subscriptions_confirmed: {description: How many receive its messages., type: int, returned: always, sample: 1}
"""

import re

from ..module_utils.errors import ApiError
from ..module_utils.mnq import Held
from ..module_utils.run import run
from ..module_utils.values import UNKNOWN

COUNTS = ("Confirmed", "Pending", "Deleted")


def name_fault(name):
    if re.fullmatch(r"[\w-]{1,256}(\.fifo)?", name, re.ASCII):
        return None
    return f"{name!r} is not 1 to 256 letters, digits, hyphens and underscores (a FIFO topic's ends in .fifo)"


class Topic(Held):
    protocol = "sns"
    noun = "topic"
    id_field = "arn"
    immutable = {"content_based_deduplication"}
    checks = {"name": name_fault}

    def get(self, record):
        try:
            found = self.aws.call("get_topic_attributes", TopicArn=self.arn(record["name"]))["Attributes"]
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return {
            "name": record["name"],
            "arn": found["TopicArn"],
            "project_id": self.aws.project_id,
            "fifo_topic": found.get("FifoTopic") == "true",
            "content_based_deduplication": found.get("ContentBasedDeduplication") == "true",
        } | {f"subscriptions_{count.lower()}": int(found[f"Subscriptions{count}"]) for count in COUNTS}

    def create(self):
        attributes = {"FifoTopic": "true"} if self.options["name"].endswith(".fifo") else {}
        if self.options.get("content_based_deduplication"):
            attributes["ContentBasedDeduplication"] = "true"
        self.aws.call("create_topic", Name=self.options["name"], Attributes=attributes)
        return self.get(self.options)

    def delete(self, current):
        self.aws.call("delete_topic", TopicArn=current["arn"])

    def predict(self):
        return super().predict() | {"arn": UNKNOWN}


def main():
    run(Topic, DOCUMENTATION)


if __name__ == "__main__":
    main()
