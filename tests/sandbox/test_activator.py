"""The activator alone: replicas are servers of this process, requests are real."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

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
