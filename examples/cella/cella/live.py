"""Changes as the browsers of this replica see them.

The CDC worker pushes a change to one replica, which stores it and notifies all of them through the database. Listening needs a
session of its own, which a pooler that works by transaction does not give: it goes past the pooler.
"""

import asyncio
import contextlib
import json

import psycopg

CHANNEL = "changes"
WAITING = 200  # messages that a browser may be behind before it has to load everything again
RELOAD = json.dumps({"kind": "reload"})


class Live:
    def __init__(self, url):
        self.url = url
        self.listening = False
        self._browsers: set[asyncio.Queue] = set()

    async def run(self):
        """Until cancelled."""
        while True:
            with contextlib.suppress(psycopg.OperationalError, OSError):
                await self._listen()
            self.listening = False
            await asyncio.sleep(1)

    async def _listen(self):
        connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True, connect_timeout=5)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.listening = True
            self._tell(RELOAD)  # whatever was missed meanwhile
            async for notification in connection.notifies():
                self._tell(notification.payload)

    def _tell(self, message):
        for queue in self._browsers:
            if queue.qsize() < WAITING:
                queue.put_nowait(message)
            else:
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(RELOAD)

    @contextlib.contextmanager
    def browser(self):
        queue = asyncio.Queue()
        self._browsers.add(queue)
        try:
            yield queue
        finally:
            self._browsers.discard(queue)
