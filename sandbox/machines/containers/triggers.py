"""Triggers: each a task that waits for its source and calls its target, until it is cancelled.

A message is gone from its queue once the container has answered with a status below 300, and not before.
"""

import asyncio
import logging
import time
from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

import boto3
import nats
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from croniter import croniter

from .replicas import Refused

log = logging.getLogger(__name__)

WAIT_SECONDS = 10  # long polling
BATCH = 10
AT_ONCE = 50  # messages of one trigger
TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 1, 10  # seconds


def pause(failures: int) -> int:
    """Seconds until the next try."""
    return min(FIRST_PAUSE * 2 ** max(failures - 1, 0), LONGEST_PAUSE)


def well(status: int) -> bool:
    return 200 <= status < 300


class Triggers:
    """`invoke(container, method, path, headers, body)` gives a status. Everything runs in one event loop."""

    def __init__(self, invoke, spawn, authority: str):
        self.invoke, self.spawn, self.authority = invoke, spawn, authority
        self.tasks: dict[str, asyncio.Task] = {}

    async def watch(self, id: str, source, target):
        """Call the target whenever the source says so. Raises Refused where the source cannot be reached."""
        await self.unwatch(id)
        kind = type(source).__name__.lower()
        work = await getattr(self, f"_{kind}")(id, source, target)
        self.tasks[id] = self.spawn(work)

    async def unwatch(self, id: str):
        if task := self.tasks.pop(id, None):
            task.cancel()
            await asyncio.wait([task])

    async def _call(self, target, body: bytes, headers: dict | None = None) -> bool:
        return well(await self.invoke(target.container, target.method, target.path, headers or {}, body))

    # Schedules ------------------------------------------------------------------------------------------------------

    async def _cron(self, id, source, target):
        return self._by_schedule(id, source, target)

    async def _by_schedule(self, id, source, target):
        times = croniter(source.schedule, datetime.now(ZoneInfo(source.timezone)))
        while True:
            due = times.get_next(datetime)
            await asyncio.sleep(max((due - datetime.now(UTC)).total_seconds(), 0))
            for failures in range(1, TRIES + 1):
                if await self._call(target, source.body.encode(), source.headers):
                    break
                log.warning("trigger %s: try %s failed", id, failures)
                await asyncio.sleep(pause(failures))

    # Queues ---------------------------------------------------------------------------------------------------------

    async def _sqs(self, id, source, target):
        client = boto3.client(
            "sqs",
            region_name=source.region,
            endpoint_url=source.endpoint,
            aws_access_key_id=source.access_key_id,
            aws_secret_access_key=source.secret_access_key,
            verify=self.authority,
            config=Config(
                max_pool_connections=AT_ONCE,
                read_timeout=2 * WAIT_SECONDS,
                connect_timeout=5,
                retries={"max_attempts": 1},
            ),
        )
        names = ["ApproximateNumberOfMessages"]
        try:
            await asyncio.to_thread(client.get_queue_attributes, QueueUrl=source.queue_url, AttributeNames=names)
        except (BotoCoreError, ClientError) as error:
            raise Refused(f"Queue {source.queue_url} cannot be read: {error}") from error
        return self._of_queue(id, client, source.queue_url, target)

    async def _of_queue(self, id, client, url, target):
        busy, work = asyncio.Semaphore(AT_ONCE), set()
        try:
            while True:
                for _ in range(BATCH):
                    await busy.acquire()
                messages = await self._receive(id, client, url)
                for _ in range(BATCH - len(messages)):
                    busy.release()
                for group in _groups(messages):
                    task = asyncio.create_task(self._in_order(id, client, url, target, group, busy))
                    work.add(task)
                    task.add_done_callback(work.discard)
        finally:
            for task in work:
                task.cancel()

    async def _receive(self, id, client, url) -> list[dict]:
        try:
            answer = await asyncio.to_thread(
                client.receive_message,
                QueueUrl=url,
                MaxNumberOfMessages=BATCH,
                WaitTimeSeconds=WAIT_SECONDS,
                AttributeNames=["ApproximateReceiveCount", "MessageGroupId"],
            )
        except (BotoCoreError, ClientError) as error:
            log.warning("trigger %s: %s", id, error)
            await asyncio.sleep(FIRST_PAUSE)
            return []
        return answer.get("Messages", [])

    async def _in_order(self, id, client, url, target, messages: list[dict], busy):
        """One message after the other; those behind one that failed have to wait for it."""
        failed = False
        for message in messages:
            try:
                failed = failed or not await self._call(target, message["Body"].encode())
                handle = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
                if failed:
                    again = pause(int(message["Attributes"]["ApproximateReceiveCount"]))
                    await asyncio.to_thread(client.change_message_visibility, VisibilityTimeout=again, **handle)
                else:
                    await asyncio.to_thread(client.delete_message, **handle)
            except (BotoCoreError, ClientError) as error:  # it comes back when it is visible again
                log.warning("trigger %s: %s", id, error)
            finally:
                busy.release()

    # Subjects -------------------------------------------------------------------------------------------------------

    async def _nats(self, id, source, target):
        try:
            connection = await nats.connect(
                servers=list(source.server_urls),
                user_credentials=nats.aio.client.RawCredentials(source.credentials_file_content),
                connect_timeout=5,
                allow_reconnect=True,
                max_reconnect_attempts=-1,
                error_cb=self._complain(id),
            )
        except (nats.errors.Error, OSError, TimeoutError, ValueError) as error:
            raise Refused(f"NATS cannot be reached: {error or type(error).__name__}") from error
        subscription = await connection.subscribe(source.subject, queue=f"trigger-{id}")
        return self._of_subject(id, connection, subscription, target)

    @staticmethod
    def _complain(id):
        async def complain(error):
            log.warning("trigger %s: %s", id, error)

        return complain

    async def _of_subject(self, id, connection, subscription, target):
        busy, work = asyncio.Semaphore(AT_ONCE), set()
        try:
            async for message in subscription.messages:
                await busy.acquire()
                task = asyncio.create_task(self._until_done(id, target, message.data, busy))
                work.add(task)
                task.add_done_callback(work.discard)
        finally:
            for task in work:
                task.cancel()
            await connection.close()

    async def _until_done(self, id, target, body: bytes, busy):
        """NATS does not keep what it has delivered: nobody but us can try again."""
        began, failures = time.monotonic(), 0
        try:
            while not await self._call(target, body):
                failures += 1
                log.warning("trigger %s: try %s failed after %.0f s", id, failures, time.monotonic() - began)
                await asyncio.sleep(pause(failures))
        finally:
            busy.release()


def _groups(messages: list[dict]) -> list[list[dict]]:
    """Messages of one group of a FIFO queue belong together; any other stands for itself."""
    alone = [[message] for message in messages if "MessageGroupId" not in message["Attributes"]]
    grouped = [message for message in messages if "MessageGroupId" in message["Attributes"]]
    by_group = sorted(grouped, key=lambda message: message["Attributes"]["MessageGroupId"])  # stable
    return alone + [
        list(group) for _, group in groupby(by_group, lambda message: message["Attributes"]["MessageGroupId"])
    ]
