"""Outbound delivery.

A delivery is claimed by locking its row, and the lock is held until the outcome is committed: two workers never send
the same one, and one whose worker dies is free again at once. Should the death fall between the receiver's answer and the
commit, it is sent again under the same activity id, by which receivers recognise it.
"""

import asyncio
import signal

import aiohttp
import psycopg
from psycopg_pool import PoolTimeout

from . import activity, database, heartbeat, log

CONCURRENCY = 4
IDLE_SECONDS = 1
MAX_ATTEMPTS = 12  # with the waits below, some 3 days

CLAIM = """
    SELECT deliveries.id, inbox, attempts, posts.id AS post_id, name, text, media_url, posts.created_at
    FROM deliveries JOIN posts ON posts.id = post_id JOIN users ON users.id = user_id
    WHERE delivered_at IS NULL AND next_attempt_at <= now() AND attempts < %s
    ORDER BY next_attempt_at LIMIT 1 FOR UPDATE OF deliveries SKIP LOCKED
"""


def wait_after(attempts):
    """Seconds until the next try: 5, 20, 80, ... at most 12 hours."""
    return min(5 * 4 ** (attempts - 1), 12 * 3600)


async def deliver_next(connection, session, public_url):
    """Send what is due longest; whether there was something. One transaction."""
    delivery = await (await connection.execute(CLAIM, (MAX_ATTEMPTS,))).fetchone()
    if delivery is None:
        return False
    note = activity.create_note(public_url, delivery | {"id": delivery["post_id"]})
    error = await post(session, delivery["inbox"], note)
    attempts = delivery["attempts"] + 1
    if error is None:
        await connection.execute(
            "UPDATE deliveries SET delivered_at = now(), attempts = %s, last_error = NULL WHERE id = %s",
            (attempts, delivery["id"]),
        )
        log.info("delivered", delivery=delivery["id"], attempts=attempts)
    else:
        await connection.execute(
            "UPDATE deliveries SET attempts = %s, last_error = %s, next_attempt_at = now() + make_interval(secs => %s)"
            " WHERE id = %s",
            (attempts, error, wait_after(attempts), delivery["id"]),
        )
        log.warning("not delivered", delivery=delivery["id"], attempts=attempts, error=error)
    return True


async def post(session, inbox, note):
    """None where the receiver took it, else what went wrong."""
    try:
        async with session.post(inbox, json=note, headers={"Content-Type": "application/activity+json"}) as answer:
            return None if answer.status < 300 else f"HTTP {answer.status}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__


async def work(pool, session, public_url, stopping):
    while not stopping.is_set():
        heartbeat.beat()
        try:
            async with pool.connection() as connection:
                busy = await deliver_next(connection, session, public_url)
        except (psycopg.OperationalError, PoolTimeout) as error:
            log.warning("database unreachable", error=type(error).__name__)
            busy = False
        if not busy:
            try:
                await asyncio.wait_for(stopping.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue


async def main(settings):
    stopping = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sig, stopping.set)
    connector = aiohttp.TCPConnector(ssl=settings.tls())
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        database.pool(settings, CONCURRENCY) as pool,
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
        asyncio.TaskGroup() as tasks,
    ):
        log.info("working", concurrency=CONCURRENCY)
        for _ in range(CONCURRENCY):
            tasks.create_task(work(pool, session, settings.public_url, stopping))
    log.info("stopped")
