"""What the two HTTP servers have in common: health, logging, and a stop that fails no request."""

import threading
import time

import psycopg
import uvicorn
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from . import log

PROBES = ("/health", "/live")


async def live(request):
    """The process answers. A restart helps where it does not."""
    return JSONResponse({"status": "alive"})


async def health(request):
    """Ready for requests: what the mode needs answers, and no stop is under way."""
    state = request.app.state
    answer = {"status": "ready", "version": state.settings.version, "mode": state.settings.mode}
    if state.draining.is_set():
        return JSONResponse(answer | {"status": "draining"}, 503)
    for name, probe in state.probes.items():
        try:
            await probe()
        except (psycopg.Error, RedisError) as error:
            log.warning(f"{name} unreachable", error=f"{type(error).__name__}: {error}")
            return JSONResponse(answer | {"status": f"{name} unreachable"}, 503)
    return JSONResponse(answer)


def probe_of(pool):
    async def probe():
        async with pool.connection(timeout=2) as connection:
            await connection.execute("SELECT 1")

    return probe


def refusal(error):
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


async def refuse(request, error):
    return refusal(error)


async def unavailable(request, error):
    log.warning("database unreachable", error=f"{type(error).__name__}: {error}")
    return refusal(HTTPException(503, "the database cannot be reached, try again later"))


class RequestLog:
    """A line per request: what was asked for, the outcome, the milliseconds. The probes' are left out."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"] in PROBES:
            return await self.app(scope, receive, send)
        started, status = time.monotonic(), 500

        async def send_and_note(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            milliseconds = round((time.monotonic() - started) * 1000, 1)
            log.info("request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds)


def application(settings, routes, lifespan, middleware=()):
    """An application whose `state` still needs `probes`: {what it needs: a coroutine function that raises without it}."""
    app = Starlette(
        routes=[Route("/live", live), Route("/health", health), *routes],
        middleware=[Middleware(RequestLog), *middleware],
        exception_handlers={HTTPException: refuse, psycopg.OperationalError: unavailable},
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.draining = threading.Event()
    return app


class Server(uvicorn.Server):
    """Stops in two steps: /health says "draining" while requests are still served, then the server finishes and leaves."""

    def __init__(self, config, settings, draining):
        super().__init__(config)
        self.settings, self.draining = settings, draining

    def handle_exit(self, sig, frame):
        if self.draining.is_set():  # asked twice: at once
            return super().handle_exit(sig, frame)
        self.draining.set()
        log.info("draining", seconds=self.settings.drain_seconds)
        timer = threading.Timer(self.settings.drain_seconds, super().handle_exit, (sig, frame))
        timer.daemon = True
        return timer.start()


def run(app, settings):
    host, port = settings.http_address
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
    )
    log.info("serving", mode=settings.mode, version=settings.version)
    Server(config, settings, app.state.draining).run()
