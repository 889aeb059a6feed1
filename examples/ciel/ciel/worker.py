"""The worker that waits at the queue.

A message that was received is finished before a stop: only then is it deleted. One whose worker dies comes again once the queue's
visibility timeout has passed. A wait under way is not broken off either, since what the queue then sends would wait unread.
"""

import asyncio
import signal

from botocore.exceptions import BotoCoreError, ClientError

from . import database, heartbeat, log, processing
from .bucket import Bucket
from .jobs import Jobs

FAILED_SECONDS = 5  # before the queue is asked again


def wait_after(attempts):
    """Seconds until a message that failed comes again: 5, 10, 20, ... at most 5 minutes."""
    return min(5 * 2 ** (attempts - 1), 300)


async def handle_next(jobs, pool, store):
    message = await jobs.receive()
    if message is None:
        return
    if await processing.attempt(pool, store, message["Body"]):
        await jobs.done(message)
    else:
        await jobs.again(message, wait_after(int(message["Attributes"]["ApproximateReceiveCount"])))


async def work(jobs, pool, store, stopping):
    while not stopping.is_set():
        heartbeat.beat()
        try:
            await handle_next(jobs, pool, store)
        except (BotoCoreError, ClientError) as error:
            log.warning("queue unreachable", error=f"{type(error).__name__}: {error}")
            try:
                await asyncio.wait_for(stopping.wait(), FAILED_SECONDS)
            except TimeoutError:
                continue


async def main(settings):
    stopping = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sig, stopping.set)
    jobs, store = Jobs(settings), Bucket(settings)
    async with database.pool(settings) as pool, asyncio.TaskGroup() as tasks:
        log.info("working", concurrency=processing.CONCURRENCY)
        for _ in range(processing.CONCURRENCY):
            tasks.create_task(work(jobs, pool, store, stopping))
    log.info("stopped")
