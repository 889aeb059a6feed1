"""What the two workers do with a message. The same message may come twice, also at the same time: the outcome is the same."""

import asyncio
import json
import uuid

from . import bucket, log, pictures
from .database import fetch

CONCURRENCY = 2  # pictures in memory at a time; others wait their turn
_turns = asyncio.Semaphore(CONCURRENCY)


class PoisonedMessage(Exception):
    """Trying again will not help, which is for the queue's redrive policy to find out."""


async def attempt(pool, store, body):
    """Process a message (text or bytes); False where it is to come again."""
    try:
        async with _turns:
            await _process(pool, store, _photo_id(body))
    except (
        Exception
    ) as error:  # whatever a message does to us, the queue decides what becomes of it, and the next one comes
        expected = isinstance(error, PoisonedMessage)
        log.warning("job failed", error=f"{type(error).__name__}: {error}", exc_info=None if expected else error)
        return False
    return True


def _photo_id(body):
    try:
        return uuid.UUID(json.loads(body)["photo_id"])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise PoisonedMessage("the message names no photo") from None


async def _process(pool, store, photo_id):
    async with pool.connection() as connection:
        photo = await fetch(connection, "SELECT status FROM photos WHERE id = %s", photo_id)
    if photo is None or photo["status"] in ("ready", "failed"):
        log.info("job had nothing to do", photo=str(photo_id), status=photo and photo["status"])
        return
    size = await store.size(bucket.original(photo_id))
    if size is None:
        raise PoisonedMessage(f"photo {photo_id} has no original")
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE photos SET status = 'processing' WHERE id = %s AND status = 'pending'", (photo_id,)
        )
    try:
        if size > pictures.MAX_BYTES:  # the upload's URL may have been used again since the API looked
            raise pictures.NotAPicture(f"larger than {pictures.MAX_BYTES} bytes")
        content = await store.read(bucket.original(photo_id))
        variants = await asyncio.to_thread(pictures.variants, content)
    except pictures.NotAPicture as error:
        await _finish(pool, photo_id, [], "failed", str(error))
        return
    for variant in variants:
        key = bucket.variant(photo_id, variant.name)
        await store.publish(key, variant.content)
        log.debug("published", key=key, bytes=len(variant.content))
    if not await _finish(pool, photo_id, variants, "ready", None):
        await store.delete(bucket.variant(photo_id, variant.name) for variant in variants)


async def _finish(pool, photo_id, variants, status, error):
    """Write the outcome down, all of it or nothing. False where the photo was deleted meanwhile."""
    async with pool.connection() as connection:
        # The row is locked until the end: a deletion, or the same message elsewhere, comes before or after.
        photo = await fetch(
            connection, "UPDATE photos SET status = %s, error = %s WHERE id = %s RETURNING id", status, error, photo_id
        )
        if photo is None:
            log.info("photo deleted meanwhile", photo=str(photo_id))
            return False
        for variant in variants:
            await connection.execute(
                "INSERT INTO variants (photo_id, name, key, width, height, bytes) VALUES (%s, %s, %s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                (
                    photo_id,
                    variant.name,
                    bucket.variant(photo_id, variant.name),
                    variant.width,
                    variant.height,
                    len(variant.content),
                ),
            )
    log.info("processed", photo=str(photo_id), status=status)
    return True
