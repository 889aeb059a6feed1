"""The activator alone: replicas are servers of this process, requests are real."""

import asyncio
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import pytest
import requests
from aiohttp import web

from sandbox.machines.containers import activator as module
from sandbox.machines.containers.activator import Activator
from sandbox.machines.containers.replicas import Refused, Replica, Replicas
from sandbox.machines.serverless import Probe, Revision
from sandbox.server import free_subnet
from sandbox.settings import Settings


class Servers(Replicas):
    """Replicas that need no Docker."""

    def __init__(self, settings):
        self.servers, self.numbers = {}, itertools.count(1)

    def pull(self, reference, login):
        return reference

    def start(self, container, image, revision, join):
        busy, name = [], f"replica-{next(self.numbers)}"
        if image == "echo":
            self.servers[name] = server = Echo()
            return Replica(name, "127.0.0.1", server.port)

        class Handler(BaseHTTPRequestHandler):
            most = 0

            def do_GET(self):
                busy.append(1)
                Handler.most = max(Handler.most, len(busy))
                time.sleep(0.3 if self.path == "/slow" else 5 if self.path == "/late" else 0)
                busy.pop()
                self.send_response(500 if self.path == "/health" and image == "broken" else 200)
                self.end_headers()
                self.wfile.write(f"{name} {image}".encode())

            def log_message(self, *arguments):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.servers[name] = server
        return Replica(name, "127.0.0.1", server.server_port)

    def remove(self, replica):
        if server := self.servers.get(replica.name):
            server.shutdown()
            server.server_close()
            self.servers[replica.name] = None

    def running(self):
        return {name for name, server in self.servers.items() if server}

    def remove_strays(self):
        pass


class Echo:
    """A server of WebSockets that says everything back, and refuses at /closed."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._open(), self.loop).result()

    async def _open(self):
        self.runner = web.ServerRunner(web.Server(self._answer))
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    async def _answer(self, request):
        if request.path != "/socket":
            return web.Response(status=403)
        socket = web.WebSocketResponse(protocols=["json", "text"])
        await socket.prepare(request)
        async for message in socket:
            if message.data == "end":
                await socket.close(code=4001)
            elif message.type == aiohttp.WSMsgType.BINARY:
                await socket.send_bytes(message.data)
            else:
                await socket.send_str(f"{message.data} from {request.headers['X-Forwarded-For']}")
        return socket

    def shutdown(self):
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result()

    def server_close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)


class Platform:
    def locate(self, image):
        return image, None

    def permits(self, container, token):
        return token == "let me in"

    def join(self, container, replica, network, mac):
        raise AssertionError("there is no network")


@pytest.fixture
def activator(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TICK_SECONDS", 0.1)
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.5)
    settings = Settings(name="tests", home=tmp_path, subnet=free_subnet(seed=7))
    made = Activator(settings, Platform(), 8008, Servers(settings))
    yield made
    made.stop()


def deploy(activator, **changes):
    revision = Revision(**{"image": "one", "hosts": ("web.test",), "timeout": 2} | changes)
    activator.call(activator.deploy("web", revision))


def ask(activator, path="/", **headers):
    url = "http://{}:{}".format(*activator.address)
    return requests.get(url + path, headers={"Host": "web.test"} | headers, allow_redirects=False, timeout=10)


def until(true):
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_replicas_come_with_requests_and_go_without(activator):
    deploy(activator, scale=(0, 2), concurrency=1)
    until(lambda: not activator.replicas.running())
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(activator, "/slow"), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.text for answer in answers}) == 2
    started = [server for server in activator.replicas.servers.values() if server]
    assert {server.RequestHandlerClass.most for server in started} == {1}
    until(lambda: not activator.replicas.running())


def test_what_always_runs_is_replaced_when_it_ends(activator):
    deploy(activator, scale=(1, 1))
    first = ask(activator).text
    replica = activator.services["web"].replicas[0]
    activator.replicas.remove(replica)
    assert ask(activator).status_code == 200
    assert ask(activator).text != first


def test_nobody_waits_for_a_replica_that_has_ended(activator):
    deploy(activator, timeout=60)
    (replica,) = activator.services["web"].replicas
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(ask, activator, "/late")
        time.sleep(0.2)
        activator.replicas.servers[replica.name], server = None, activator.replicas.servers[replica.name]
        began = time.monotonic()
        assert under_way.result().status_code == 504
        assert time.monotonic() - began < 2
    server.shutdown()
    assert ask(activator).status_code == 200


def test_a_version_takes_over_when_it_is_ready_or_not_at_all(activator):
    health = Probe(2, 0.2, 1, "/health")
    deploy(activator, scale=(1, 1), startup=health)
    with pytest.raises(Refused, match=r"does not respond to HTTP requests on port \d+ and path /health"):
        deploy(activator, image="broken", scale=(1, 1), startup=health)
    assert ask(activator).text.endswith("one")
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(ask, activator, "/slow")
        time.sleep(0.1)
        deploy(activator, image="two", scale=(1, 1), startup=health)
        assert under_way.result().text.endswith("one")
    assert ask(activator).text.endswith("two")
    until(lambda: len(activator.replicas.running()) == 1)


def test_who_is_answered_and_how_long(activator):
    deploy(activator, private=True, https_only=True, timeout=1)
    assert ask(activator, Host="other.test").status_code == 404
    assert ask(activator).status_code == 403
    assert ask(activator, **{"X-Forwarded-Proto": "http"}).headers["Location"] == "https://web.test/"
    token = {"X-Auth-Token": "let me in"}
    assert ask(activator, **token).status_code == 200
    assert ask(activator, "/late", **token).status_code == 504


def test_web_sockets_are_passed_on_both_ways_and_count_as_requests(activator):
    deploy(activator, image="echo", scale=(0, 1), timeout=3)

    async def visit():
        url, headers = "http://{}:{}".format(*activator.address), {"Host": "web.test", "X-Forwarded-For": "192.0.2.1"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.ws_connect(f"{url}/socket", protocols=["text"]) as socket:
                assert socket.protocol == "text"
                await socket.send_str("hello")
                assert await socket.receive_str() == "hello from 192.0.2.1"
                await socket.send_bytes(b"\0" * 2**20)
                assert len(await socket.receive_bytes()) == 2**20
                await asyncio.sleep(1)  # longer than an idle replica lasts
                assert activator.services["web"].busy == 1
                await socket.send_str("end")
                assert (await socket.receive()).type == aiohttp.WSMsgType.CLOSE and socket.close_code == 4001
            async with session.ws_connect(f"{url}/socket") as socket:
                assert (await socket.receive(timeout=6)).type == aiohttp.WSMsgType.CLOSE  # at the container's timeout
                assert socket.close_code == aiohttp.WSCloseCode.GOING_AWAY
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{url}/closed")
            assert refused.value.status == 403

    asyncio.run(visit())
    until(lambda: not activator.replicas.running())
