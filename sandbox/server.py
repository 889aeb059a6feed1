"""The sandbox on the network: loopback, and its own bridge."""

import random
import signal
import socket
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import uvicorn

from .app import Sandbox, application
from .machines.http import Protocol
from .settings import Settings

IP_FREEBIND = 15  # Linux; the socket module has no name for it


def listen(address: str, port: int, *, early: bool = False) -> socket.socket:
    """A listening socket; `early`: on an address that the host will only have later (the bridge's gateway)."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # see machines/ports.py
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if early:
        listener.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
    listener.bind((address, port))
    listener.listen(128)
    return listener


def free_subnet(seed: int) -> str:
    """A loopback network whose gateway no other sandbox listens on. From different seeds the search starts elsewhere."""
    for number in range(200):
        subnet = f"127.{2 + (seed + number) % 200}.0.0/16"
        address = urlsplit(Settings(subnet=subnet).s3_url)
        with socket.socket() as probe:
            try:
                probe.bind((address.hostname, address.port))
            except OSError:
                continue
            return subnet
    raise OSError("200 sandboxes on one machine are too many")


def free_port() -> int:
    """A port of the API with those that follow from it free. Not one that the system hands out: it would any moment."""
    for port in random.sample(range(10_000, 28_000), 200):
        settings = Settings(port=port, api_only=True)
        try:
            for url in (settings.api_url, settings.s3_url, settings.messaging_url, settings.route53_url):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", urlsplit(url).port))
        except OSError:
            continue
        return port
    raise OSError("no port is free for a sandbox")


def server(sandbox: Sandbox) -> uvicorn.Server:
    config = uvicorn.Config(
        application(sandbox), http=Protocol, lifespan="off", log_config=None, access_log=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    return uvicorn.Server(config)


@contextmanager
def running(settings: Settings):
    """A sandbox in a thread of this process, for tests. With port 0 it takes a port and a subnet that nobody has.

    Its settings tell which. The subnet is a part of the loopback network, so that without machines it needs no bridge.
    """
    if settings.port == 0:
        port = free_port()
        settings = replace(settings, port=port, subnet=free_subnet(seed=port))
    listener = listen("127.0.0.1", settings.port)
    sandbox = Sandbox(settings)
    http = server(sandbox)
    thread = threading.Thread(target=http.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield sandbox
    finally:
        http.should_exit = True
        thread.join()
        sandbox.close()


def serve(settings: Settings):
    """Run a sandbox until it is told to end; its machines end with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # uvicorn raises the signal again when it is done with it
    sockets = [listen("127.0.0.1", settings.port)]
    if not settings.api_only:
        sockets.append(listen(settings.gateway, settings.port, early=True))
    sandbox = Sandbox(settings)
    try:
        server(sandbox).run(sockets=sockets)
    finally:
        sandbox.close()
