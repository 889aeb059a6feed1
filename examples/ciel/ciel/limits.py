"""How often somebody may ask, counted in Redis by all processes together, in windows that begin with the first request."""

import math
from dataclasses import dataclass

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from . import log

# One step on the server: no counter without an end is left where a process dies between two commands.
COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""


def connect(settings):
    """A client of REDIS_URL; by rediss:// it trusts REDIS_CA, or the file that the URL names, or the system's authorities."""
    tls = {"ssl_ca_data": settings.redis_ca} if settings.redis_ca and settings.redis_url.startswith("rediss:") else {}
    return redis.asyncio.from_url(
        settings.redis_url,
        socket_connect_timeout=1,
        socket_timeout=1,
        retry=Retry(NoBackoff(), 1),  # once: Redis may have been restarted since the last request
        **tls,
    )


@dataclass(frozen=True)
class Limit:
    """At most `count` requests of one subject in `seconds`."""

    name: str
    count: int
    seconds: int = 60


class Limits:
    def __init__(self, settings, client):
        self.of_address = Limit("address", settings.rate_limit_address)
        self.of_account = Limit("account", settings.rate_limit_account)
        self.of_sign_in = Limit("sign-in", 10)
        self._count = client.register_script(COUNT)

    async def wait(self, limit, subject):
        """Seconds until the subject may ask again, or None where it may now. Without Redis everybody may: /health tells."""
        try:
            count, milliseconds = await self._count([f"ciel:{limit.name}:{subject}"], [limit.seconds * 1000])
        except RedisError as error:
            log.warning("redis unreachable, no limit applied", error=f"{type(error).__name__}: {error}")
            return None
        return math.ceil(milliseconds / 1000) if count > limit.count else None
