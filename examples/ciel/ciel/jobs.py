"""The queue of photos to process. A message says {"photo_id": ...}."""

import asyncio
import functools
import json

from . import aws

WAIT_SECONDS = 10


class Jobs:
    def __init__(self, settings):
        self.name = settings.queue_name
        self.client = aws.client(
            "sqs",
            settings.queue_endpoint,
            settings.queue_region,
            settings.queue_access_key,
            settings.queue_secret_key,
        )

    @functools.cached_property
    def url(self):
        return self.client.get_queue_url(QueueName=self.name)["QueueUrl"]

    async def _call(self, operation, **parameters):
        return await asyncio.to_thread(lambda: getattr(self.client, operation)(QueueUrl=self.url, **parameters))

    async def send(self, photo_id):
        await self._call("send_message", MessageBody=json.dumps({"photo_id": str(photo_id)}))

    async def receive(self):
        """The next message (Body, ReceiptHandle, Attributes), or None where none came in WAIT_SECONDS."""
        answer = await self._call(
            "receive_message",
            MaxNumberOfMessages=1,
            WaitTimeSeconds=WAIT_SECONDS,
            AttributeNames=["ApproximateReceiveCount"],
        )
        return next(iter(answer.get("Messages", [])), None)

    async def done(self, message):
        await self._call("delete_message", ReceiptHandle=message["ReceiptHandle"])

    async def again(self, message, seconds):
        """Let the message come again so much later, or to the dead-letter queue where it came often enough."""
        await self._call("change_message_visibility", ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds)

    async def depth(self):
        """How many messages wait, and how many are being worked on."""
        names = {"waiting": "ApproximateNumberOfMessages", "in_flight": "ApproximateNumberOfMessagesNotVisible"}
        answer = await self._call("get_queue_attributes", AttributeNames=list(names.values()))
        return {key: int(answer["Attributes"][name]) for key, name in names.items()}
