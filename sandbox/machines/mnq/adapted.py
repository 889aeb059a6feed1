"""moto's SQS and SNS, as the engine uses them: what they do otherwise here than in moto, and why."""

import time
from datetime import UTC, datetime

import moto.sns.models
import moto.sns.utils
import moto.sqs.models
from moto.sns.models import SNSBackend, Subscription, sns_backends
from moto.sqs.models import DEDUPLICATION_TIME_IN_SECONDS, Queue, SQSBackend, sqs_backends

from . import outbox

__all__ = ["Queue", "SNSBackend", "SQSBackend", "expire", "now", "sns_backends", "sqs_backends"]

add_message = Queue.add_message


def now():
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds():
    return time.time() * 1000


def waiting(queue):
    """Messages that can be received."""
    moment = milliseconds()
    return [each for each in queue._messages if each.visible_at < moment and each.delayed_until <= moment]


def hidden(queue):
    """How many messages are being worked on."""
    moment = milliseconds()
    return sum(each.visible_at >= moment for each in queue._messages)


def delayed(queue):
    moment = milliseconds()
    return sum(each.delayed_until > moment for each in queue._messages)


def add_once(queue, message):
    """Add a message to a queue; to a FIFO queue not for a second time, though the first was received and deleted."""
    if queue.fifo_queue and message.deduplication_id:
        oldest = milliseconds() - DEDUPLICATION_TIME_IN_SECONDS * 1000
        seen = {id: sent for id, sent in vars(queue).get("seen", {}).items() if sent >= oldest}
        if message.deduplication_id in seen:
            return
        queue.seen = seen | {message.deduplication_id: message.sent_timestamp}
    add_message(queue, message)


def expire(queue):
    """Drop what was not fetched in time: moto stops at such a message."""
    oldest = milliseconds() - queue.message_retention_period * 1000
    if any(message.sent_timestamp < oldest for message in queue._messages):
        queue._pending_messages = {each for each in queue._pending_messages if each.sent_timestamp >= oldest}
        queue._messages = [each for each in queue._messages if each.sent_timestamp >= oldest]


def notification(subscription, message, message_id, subject, message_attributes=None):
    """What a subscriber is sent. moto's own is signed with a key made for it, under AWS's names."""
    told = {"Type": "Notification", "MessageId": message_id, "TopicArn": subscription.topic.arn, "Message": message}
    told["Timestamp"] = now()
    if subject:
        told["Subject"] = subject
    if message_attributes:
        told["MessageAttributes"] = message_attributes
    return told


# ARNs begin with `arn:scw`; moto knows AWS's partitions only.
moto.sqs.models.get_partition = moto.sns.utils.get_partition = lambda region: "scw"
# moto asks for the time and counts all messages whenever one is sent or received: thousands that wait would slow all down.
moto.sqs.models.unix_time, moto.sqs.models.unix_time_millis = time.time, milliseconds
Queue.messages = property(waiting)
Queue.approximate_number_of_messages_not_visible = property(hidden)
Queue.approximate_number_of_messages_delayed = property(delayed)
Queue.add_message = add_once
# moto waits for subscribers by HTTP, for ever and while nobody else is served.
moto.sns.models.requests = outbox
Subscription.get_post_data = notification
