"""The activator: takes every request, starts replicas while there are too few, and stops those that nobody needs.

Everything here runs in one event loop, but for what blocks.
"""

import asyncio
import contextlib
import functools
import logging
import math
import socket
import threading
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from ..ports import listen
from .replicas import Refused, Replica, Replicas

log = logging.getLogger(__name__)

IDLE_SECONDS = 10
"""How long a replica may be idle. The real service waits 30 s, and 15 min before the last one goes."""
TICK_SECONDS = 1
TRIES = 3
CONNECT_SECONDS = 3  # a replica that is gone does not even refuse
WAIT_SECONDS = 120  # of a request until a replica has time for it
SMALL = 65536  # bytes of an answer that is passed on in one piece
HOP_BY_HOP = {
    *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding"),
    "upgrade",
}


@dataclass(eq=False)
class Service:
    """One version of a container: its revision, its image, and the replicas that run."""

    id: str
    revision: object
    image: str
    replicas: list[Replica] = field(default_factory=list)
    starting: int = 0
    waiting: deque = field(default_factory=deque)

    @property
    def busy(self):
        return sum(replica.busy for replica in self.replicas)

    def free(self) -> Replica | None:
        """The replica with the fewest requests, if it may get one more."""
        replica = min(self.replicas, key=lambda replica: replica.busy, default=None)
        limit = self.revision.concurrency
        return replica if replica and (limit is None or replica.busy < limit) else None

    def wanted(self) -> int:
        """How many replicas there should be for what is asked at this moment."""
        least, most = self.revision.scale
        asked = self.busy + len(self.waiting)
        needed = math.ceil(asked / (self.revision.concurrency or math.inf)) if asked else 0
        return max(least, min(most, max(needed, 1 if asked else 0)))

    def wake(self):
        """Let requests that wait look again."""
        room = math.inf if self.revision.concurrency is None else self.revision.concurrency
        for _ in range(int(min(len(self.waiting), room))):
            waiter = self.waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)


class Activator:
    """`platform` as `Serverless.start` takes it. The other methods may be called from any thread, if they are not async."""

    def __init__(self, settings, platform, port: int, replicas: Replicas | None = None):
        self.replicas, self.platform = replicas or Replicas(settings), platform
        self.services: dict[str, Service] = {}
        self.hosts: dict[str, str] = {}  # name -> id of the container
        self.requests: Counter[str] = Counter()  # of visitors, by the id of the container
        self.address = (settings.gateway, port)
        self._locks: dict[str, asyncio.Lock] = {}
        self._leaving: dict[str, set[Replica]] = {}  # of versions that were replaced
        self._tasks: set[asyncio.Task] = set()
        self.loop = asyncio.new_event_loop()
        self.loop.set_default_executor(ThreadPoolExecutor(32, thread_name_prefix="serverless"))
        threading.Thread(target=self._run, name="serverless", daemon=True).start()
        self.call(self._open())

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def call(self, work):
        """Run a coroutine in the loop, and give what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def soon(self, work) -> asyncio.Task:
        """Run a coroutine beside, from within the loop."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task):
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("serverless", exc_info=task.exception())

    async def _open(self):
        await asyncio.to_thread(self.replicas.remove_strays)
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
        self.session = aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )
        self.runner = web.ServerRunner(web.Server(self.answer, access_log=None), shutdown_timeout=2)
        await self.runner.setup()
        await web.SockSite(self.runner, listen(*self.address, socket.SOCK_STREAM)).start()
        self.soon(self._tick())

    def stop(self):
        self.call(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def _close(self):
        for task in self._tasks:
            task.cancel()
        await self.runner.cleanup()
        await self.session.close()

    # Versions -------------------------------------------------------------------------------------------------------

    async def deploy(self, id: str, revision):
        """Replace a container's version once a replica of the new one is ready. Raises Refused, and leaves all as it was."""
        async with self._locks.setdefault(id, asyncio.Lock()):
            reference, login = self.platform.locate(revision.image)
            image = await asyncio.to_thread(self.replicas.pull, reference, login)
            new = Service(id, revision, image)
            await self._start(new)
            old = self.services.get(id)
            self.services[id] = new
            self.hosts = {host: owner for host, owner in self.hosts.items() if owner != id}
            self.hosts |= dict.fromkeys(revision.hosts, id)
            if old:
                new.waiting.extend(old.waiting)
                old.waiting.clear()
                self._retire(old)
            new.wake()
            self._scale_up(new)

    async def remove(self, id: str):
        async with self._locks.setdefault(id, asyncio.Lock()):
            self.hosts = {host: owner for host, owner in self.hosts.items() if owner != id}
            service = self.services.pop(id, None)
            replicas = [*(service.replicas if service else ()), *self._leaving.pop(id, ())]
            await asyncio.gather(*(self._remove(replica) for replica in replicas))
        self._locks.pop(id, None)
        self.requests.pop(id, None)

    def usage(self, id: str) -> dict[str, tuple[float, int]]:
        """{replica: (seconds of processor time so far, bytes of memory)} of a container."""
        service = self.services.get(id)
        found = {replica.name: self.replicas.usage(replica) for replica in (service.replicas if service else ())}
        return {name: usage for name, usage in found.items() if usage}

    async def add_host(self, id: str, host: str):
        self.hosts[host] = id

    async def remove_host(self, host: str):
        self.hosts.pop(host, None)

    def _retire(self, service: Service):
        """Let the replicas of a version end what they are doing."""
        for replica in service.replicas:
            self._leaving.setdefault(service.id, set()).add(replica)
            self.soon(self._drain(service, replica))

    async def _drain(self, service: Service, replica: Replica):
        deadline = time.monotonic() + service.revision.timeout
        while replica.busy and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        await self._remove(replica)
        self._leaving.get(service.id, set()).discard(replica)

    async def _remove(self, replica: Replica):
        await asyncio.to_thread(self.replicas.remove, replica)
        if replica.network:
            await asyncio.to_thread(self.platform.leave, replica.name)

    # Scale ----------------------------------------------------------------------------------------------------------

    async def _start(self, service: Service):
        """One more replica of a version, ready for requests. Raises Refused."""
        service.starting += 1
        try:
            start = (self.replicas.start, service.id, service.image, service.revision, self.platform.join)
            replica = await asyncio.to_thread(*start)
            try:
                await self.replicas.until_ready(replica, service.revision, self.session)
            except BaseException:
                await asyncio.shield(self._remove(replica))
                raise
        finally:
            service.starting -= 1
        service.replicas.append(replica)
        replica.idle_since = replica.checked = time.monotonic()

    def _scale_up(self, service: Service):
        for _ in range(service.wanted() - len(service.replicas) - service.starting):
            service.starting += 1  # counted from now on, not from when the task begins
            self.soon(self._add(service))

    async def _add(self, service: Service):
        service.starting -= 1
        try:
            await self._start(service)
        except Refused as refusal:
            log.warning("container %s: %s", service.id, refusal)
            if not service.replicas and not service.starting:
                for waiter in service.waiting:
                    if not waiter.done():
                        waiter.set_exception(refusal)
                service.waiting.clear()
            return
        if self.services.get(service.id) is service:
            service.wake()
        else:  # another version has taken its place
            self._retire(service)

    async def _tick(self):
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self._look_after()
            except Exception:  # Docker may be busy or restarting: the next look may be luckier
                log.exception("serverless")

    async def _look_after(self):
        services = [service for service in self.services.values() if service.replicas or service.revision.scale[0]]
        leaving = [replica for replicas in self._leaving.values() for replica in replicas]
        if not services and not leaving:
            return
        running = await asyncio.to_thread(self.replicas.running)
        for replica in leaving:
            if replica.name not in running:
                self._give_up(replica)
        for service in services:
            for replica in [each for each in service.replicas if each.name not in running]:
                self._lose(service, replica)
            self._scale_down(service)
            self._scale_up(service)
            for replica in service.replicas:
                self._probe(service, replica)

    def _scale_down(self, service: Service):
        spare = len(service.replicas) - service.wanted()
        idle_since = time.monotonic() - IDLE_SECONDS
        for replica in [each for each in service.replicas if not each.busy and each.idle_since < idle_since][
            : max(spare, 0)
        ]:
            service.replicas.remove(replica)
            self.soon(self._remove(replica))

    def _probe(self, service: Service, replica: Replica):
        probe = service.revision.liveness
        if probe and time.monotonic() - replica.checked >= probe.interval:
            replica.checked = time.monotonic()
            self.soon(self._check(service, replica, probe))

    async def _check(self, service, replica, probe):
        well = await self.replicas.check(replica, probe.path, probe.timeout, self.session)
        replica.failures = 0 if well else replica.failures + 1
        if replica.failures >= probe.failure_threshold:
            log.warning("container %s: replica %s does not pass its liveness probe", service.id, replica.name)
            self._lose(service, replica)

    def _give_up(self, replica: Replica):
        for limit in replica.limits:
            with contextlib.suppress(RuntimeError):  # it ends at this moment
                limit.reschedule(self.loop.time())

    def _lose(self, service: Service, replica: Replica):
        """A replica does not work any more, and who waits for its answer need not."""
        if replica in service.replicas:
            service.replicas.remove(replica)
            self._give_up(replica)
            self.soon(self._remove(replica))
        self._scale_up(service)

    # Requests -------------------------------------------------------------------------------------------------------

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """A visitor's request, as the front passes it on."""
        id = self.hosts.get(request.host.partition(":")[0].lower())
        service = self.services.get(id)
        if service is None:
            return web.Response(status=404, text="there is no container by this name\n")
        self.requests[id] += 1
        if service.revision.https_only and request.headers.get("X-Forwarded-Proto") == "http":
            return web.Response(status=301, headers={"Location": f"https://{request.host}{request.raw_path}"})
        if service.revision.private:
            token = request.headers.get("X-Auth-Token", "")
            if not await asyncio.to_thread(self.platform.permits, id, token):
                return web.Response(status=403, text="this container is private\n")
        headers = CIMultiDict((key, value) for key, value in request.headers.items() if key.lower() not in HOP_BY_HOP)
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._converse(request, id, headers)
            body = request.content if request.can_read_body else None
            async with asyncio.timeout(WAIT_SECONDS) as limit:
                replica, answer = await self._request(id, limit, request.method, request.raw_path, headers, body)
                try:
                    return await self._pass_on(request, answer)
                finally:
                    answer.release()
                    self._release(self.services.get(id), replica, limit)
        except TimeoutError:
            return web.Response(status=504, text="the container took longer than its timeout\n")
        except Refused as refusal:
            return web.Response(status=503, text=f"{refusal}\n")
        except aiohttp.WSServerHandshakeError as refusal:
            return web.Response(status=refusal.status, text="the container takes no WebSocket here\n")
        except aiohttp.ClientError:
            return web.Response(status=502, text="the container broke the connection\n")

    async def _converse(self, request, id: str, headers) -> web.WebSocketResponse:
        """Pass messages on both ways until one of the two, or the container's timeout, ends it: it counts as one request."""
        offered = [name.strip() for name in headers.get("Sec-WebSocket-Protocol", "").split(",") if name.strip()]
        headers = CIMultiDict(
            (key, value) for key, value in headers.items() if not key.lower().startswith("sec-websocket")
        )
        visitor = None
        try:
            async with asyncio.timeout(WAIT_SECONDS) as limit:
                options = {"headers": headers, "protocols": offered, "autoping": False, "max_msg_size": 0}
                connect = functools.partial(self.session.ws_connect, **options)
                replica, container = await self._ask(id, limit, request.raw_path, connect)
                try:
                    agreed = [container.protocol] if container.protocol else []
                    visitor = web.WebSocketResponse(protocols=agreed, autoping=False, max_msg_size=0, compress=False)
                    await visitor.prepare(request)
                    await asyncio.gather(_pump(visitor, container), _pump(container, visitor))
                finally:
                    await container.close()
                    self._release(self.services.get(id), replica, limit)
        except TimeoutError:
            if visitor is None:
                raise
            await visitor.close(code=aiohttp.WSCloseCode.GOING_AWAY)
        return visitor

    async def _pass_on(self, request, answer) -> web.StreamResponse:
        headers = CIMultiDict((key, value) for key, value in answer.headers.items() if key.lower() not in HOP_BY_HOP)
        if answer.content_length is not None and answer.content_length <= SMALL:
            headers.popall("Content-Length", None)
            return web.Response(status=answer.status, reason=answer.reason, headers=headers, body=await answer.read())
        response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
        await response.prepare(request)
        try:
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
        except BaseException:
            if request.transport:
                request.transport.abort()  # the only way left to say that this is not all
            raise
        return response

    async def invoke(self, id: str, method: str, path: str, headers: dict, body: bytes) -> int:
        """The status with which a container answers a request of the platform's; 5xx where it does not answer."""
        service = self.services.get(id)
        if service is None:
            return 503
        try:
            async with asyncio.timeout(WAIT_SECONDS) as limit:
                headers = {"Host": service.revision.hosts[0]} | headers
                replica, answer = await self._request(id, limit, method, path, headers, body)
                try:
                    await answer.read()
                    return answer.status
                finally:
                    answer.release()
                    self._release(self.services.get(id), replica, limit)
        except TimeoutError:
            return 504
        except Refused:
            return 503
        except aiohttp.ClientError:
            return 502

    async def _request(self, id: str, limit: asyncio.Timeout, method: str, path: str, headers, body):
        """(replica, its answer without the body)"""
        options = {"headers": headers, "data": body, "allow_redirects": False}
        return await self._ask(id, limit, path, functools.partial(self.session.request, method, **options))

    async def _ask(self, id: str, limit: asyncio.Timeout, path: str, send):
        """(replica, what `send(URL)` gave). A replica that cannot be reached got nothing: another is asked.

        From when a replica has the request, its timeout is the limit.
        """
        for attempt in range(TRIES):
            service, replica = await self._acquire(id)
            replica.limits.add(limit)
            limit.reschedule(self.loop.time() + service.revision.timeout)
            url = URL(f"{replica.url}{path}", encoded=True)
            try:
                return replica, await send(url)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                self._release(service, replica, limit)
                self._lose(service, replica)
                if attempt == TRIES - 1:
                    raise
            except BaseException:
                self._release(service, replica, limit)
                raise
        raise AssertionError("the loop returns or raises")

    async def _acquire(self, id: str) -> tuple[Service, Replica]:
        """A replica that takes one more request, which counts from now on. Waits until there is one. Raises Refused."""
        while True:
            service = self.services.get(id)
            if service is None:
                raise Refused("the container was deleted")
            if replica := service.free():
                replica.busy += 1
                return service, replica
            waiter = self.loop.create_future()
            service.waiting.append(waiter)
            self._scale_up(service)
            try:
                await waiter
            except asyncio.CancelledError:
                for each in {service, self.services.get(id, service)}:  # a new version takes over those who wait
                    with contextlib.suppress(ValueError):
                        each.waiting.remove(waiter)
                    if not waiter.cancelled():
                        each.wake()  # it was this one's turn
                raise

    def _release(self, service: Service | None, replica: Replica, limit: asyncio.Timeout):
        replica.busy -= 1
        replica.limits.discard(limit)
        replica.idle_since = time.monotonic()
        if service and service.waiting:
            waiter = service.waiting.popleft()
            while waiter.done() and service.waiting:
                waiter = service.waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)


async def _pump(source, sink):
    """Send every message on, and the end of them."""
    send = {
        aiohttp.WSMsgType.TEXT: sink.send_str,
        aiohttp.WSMsgType.BINARY: sink.send_bytes,
        aiohttp.WSMsgType.PING: sink.ping,
        aiohttp.WSMsgType.PONG: sink.pong,
    }
    with contextlib.suppress(ConnectionError):  # the other end is gone already
        async for message in source:
            await send[message.type](message.data)
    said = source.close_code not in (None, aiohttp.WSCloseCode.ABNORMAL_CLOSURE)
    await sink.close(code=source.close_code if said else aiohttp.WSCloseCode.GOING_AWAY)
