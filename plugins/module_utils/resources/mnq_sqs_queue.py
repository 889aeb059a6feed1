# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues: SQS, at the endpoint that mnq/v1beta1 tells."""

from __future__ import annotations

import json
import re

from ..errors import ApiError, ResourceError
from ..mnq import Held
from ..values import UNKNOWN

ATTRIBUTES = {
    "visibility_timeout": "VisibilityTimeout",
    "message_retention_period": "MessageRetentionPeriod",
    "maximum_message_size": "MaximumMessageSize",
    "receive_message_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
    "delay_seconds": "DelaySeconds",
}
"""Option -> attribute, all numbers."""
FLAGS = {"fifo_queue": "FifoQueue", "content_based_deduplication": "ContentBasedDeduplication"}
COUNTS = {
    "approximate_number_of_messages": "ApproximateNumberOfMessages",
    "approximate_number_of_messages_not_visible": "ApproximateNumberOfMessagesNotVisible",
    "approximate_number_of_messages_delayed": "ApproximateNumberOfMessagesDelayed",
}
RANGES = {
    "visibility_timeout": (0, 43200),
    "message_retention_period": (60, 1209600),
    "maximum_message_size": (1024, 262144),
    "receive_message_wait_time_seconds": (0, 20),
    "delay_seconds": (0, 900),
}
MISSING = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}


def name_fault(name):
    if re.fullmatch(r"[\w-]{1,80}|[\w-]{1,75}\.fifo", name, re.ASCII):
        return None
    return f"{name!r} is not 1 to 80 letters, digits, hyphens and underscores (a FIFO queue's ends in .fifo)"


def redrive(policy):
    """RedrivePolicy, JSON or nothing -> the option."""
    found = json.loads(policy or "{}")
    if not found:
        return {}
    queue = found["deadLetterTargetArn"].rpartition(":")[2]
    return {"dead_letter_queue": queue, "max_receive_count": int(found["maxReceiveCount"])}


class Queue(Held):
    protocol = "sqs"
    noun = "queue"
    id_field = "url"
    immutable = set(FLAGS)
    checks = {"name": name_fault}

    def check_options(self):
        super().check_options()
        for option, (lowest, highest) in RANGES.items():
            value = self.options.get(option)
            if value is not None and not lowest <= value <= highest:
                raise ResourceError(f"{option}: {value} is not between {lowest} and {highest}", field=option)
        name, fifo = self.options["name"], self.options.get("fifo_queue")
        if fifo is not None and fifo != name.endswith(".fifo"):
            raise ResourceError(
                f"fifo_queue: the name of a FIFO queue ends in .fifo, and no other: {name}", field="fifo_queue"
            )
        policy = self.options.get("redrive_policy") or {}
        if len([value for value in policy.values() if value]) == 1:
            raise ResourceError("redrive_policy: needs dead_letter_queue and max_receive_count", field="redrive_policy")
        if not 1 <= (policy.get("max_receive_count") or 1) <= 1000:
            raise ResourceError("redrive_policy.max_receive_count: must be 1 to 1000", field="redrive_policy")

    def get(self, record):
        try:
            url = self.aws.call("get_queue_url", QueueName=record["name"])["QueueUrl"]
            found = self.aws.call("get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
        except ApiError as error:
            if error.status == 404 or error.type in MISSING:
                return None
            raise
        return (
            {"name": record["name"], "url": url, "arn": found["QueueArn"], "project_id": self.aws.project_id}
            | {option: int(found[name]) for option, name in (ATTRIBUTES | COUNTS).items() if name in found}
            | {option: found.get(name, "false") == "true" for option, name in FLAGS.items()}
            | {"redrive_policy": redrive(found.get("RedrivePolicy"))}
        )

    def normalise(self, option, value):
        if option == "redrive_policy":
            return {name: item for name, item in (value or {}).items() if item}
        return super().normalise(option, value)

    def differs(self, option, current):
        if option == "redrive_policy":  # {} takes it away, so it is compared as a whole
            return self.normalise(option, self.options[option]) != current[option]
        return super().differs(option, current)

    def attributes(self, options):
        """Options -> attributes as SQS takes them."""
        given = {name: str(options[option]) for option, name in ATTRIBUTES.items() if option in options}
        given |= {name: "true" for option, name in FLAGS.items() if options.get(option)}
        if "redrive_policy" in options:
            policy = self.normalise("redrive_policy", options["redrive_policy"])
            given["RedrivePolicy"] = json.dumps(self.target(policy)) if policy else ""
        return given

    def target(self, policy):
        arn = self.arn(policy["dead_letter_queue"])
        return {"deadLetterTargetArn": arn, "maxReceiveCount": policy["max_receive_count"]}

    def create(self):
        given = self.attributes(self.options | {"fifo_queue": self.options["name"].endswith(".fifo")})
        if not given.get("RedrivePolicy"):
            given.pop("RedrivePolicy", None)
        self.said(lambda: self.aws.call("create_queue", QueueName=self.options["name"], Attributes=given))
        return self.get(self.options)

    def update(self, current, changes):
        attributes = self.attributes(changes)
        self.said(lambda: self.aws.call("set_queue_attributes", QueueUrl=current["url"], Attributes=attributes))

    def delete(self, current):
        try:
            self.aws.call("delete_queue", QueueUrl=current["url"])
        except ApiError as error:
            if error.status != 404 and error.type not in MISSING:
                raise

    def said(self, call):
        """A call in which a queue that is missing is the dead-letter queue."""
        try:
            call()
        except ApiError as error:
            policy = self.options.get("redrive_policy")
            if policy and (error.status == 404 or error.type in MISSING):
                raise ResourceError(
                    f"redrive_policy: the queue {policy['dead_letter_queue']!r} does not exist (create it first)",
                    field="redrive_policy",
                ) from error
            raise

    def predict(self):
        known = super().predict()
        fifo = self.options["name"].endswith(".fifo")
        return known | {"arn": UNKNOWN, "fifo_queue": fifo, "project_id": self.client.credentials.project_id}
