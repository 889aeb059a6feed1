"""The API: for browsers below /api, by HTTP and one WebSocket; for the CDC worker one more."""

import asyncio
import contextlib
import datetime
import hmac
import json
import re

import psycopg
import uvicorn
from psycopg.types.json import Jsonb
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from . import accounts, database
from .live import CHANNEL, Live

NAME = re.compile(r"[a-z0-9_]{1,30}")
SHORTEST_PASSWORD, LONGEST_TEXT = 8, 500
LARGEST_BODY = 65536
PAGE = 50
COOKIE = "__Host-session"
HEADERS = [
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]
# All of a batch at once, and whoever listens is told. What came before is there already, and is not told again.
STORE = """
WITH given AS (
    SELECT change, (change ->> 'number')::integer AS number FROM jsonb_array_elements(%(changes)s) AS change
), stored AS (
    INSERT INTO changes (lsn, number, kind, subject, row_data)
    SELECT %(lsn)s::pg_lsn, number, change ->> 'kind', change ->> 'table', change -> 'row' FROM given ORDER BY number
    ON CONFLICT DO NOTHING RETURNING number
)
SELECT pg_notify(%(channel)s, change::text) FROM given JOIN stored USING (number) ORDER BY number
"""


class SecurityHeaders:
    """What OWASP recommends for an API, on every answer."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def send_with_headers(message):
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


# Who and what ---------------------------------------------------------------------------------------------------------


async def body_of(request):
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_BODY:
            raise HTTPException(413, f"at most {LARGEST_BODY} bytes")
    try:
        given = json.loads(content)
    except ValueError:
        raise HTTPException(400, "the body is not JSON") from None
    if not isinstance(given, dict):
        raise HTTPException(400, "the body is not a JSON object")
    return given


async def name_and_password(request):
    given = await body_of(request)
    name, password = given.get("name"), given.get("password")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise HTTPException(422, "name: 1 to 30 of a-z, 0-9 and _")
    if not isinstance(password, str) or len(password) < SHORTEST_PASSWORD:
        raise HTTPException(422, f"password: at least {SHORTEST_PASSWORD} characters")
    return name, password


def signed_in(request):
    name = accounts.user_of(request.cookies.get(COOKIE, ""), request.app.state.settings.cookie_secret)
    if name is None:
        raise HTTPException(401, "sign in first")
    return name


def with_session(request, name):
    settings = request.app.state.settings
    token = accounts.unsubscribe_token(name, settings.unsubscribe_token_secret)
    answer = JSONResponse({"name": name, "unsubscribe_url": f"{settings.frontend_url}/api/unsubscribe/{token}"}, 201)
    cookie = accounts.session(name, settings.cookie_secret)
    answer.set_cookie(COOKIE, cookie, max_age=accounts.SESSION_SECONDS, secure=True, httponly=True, samesite="lax")
    return answer


# Requests -------------------------------------------------------------------------------------------------------------


async def create_user(request):
    name, password = await name_and_password(request)
    stored = await run_in_threadpool(accounts.password_hash, password, request.app.state.settings.argon_secret)
    async with request.app.state.pool.connection() as connection:
        made = await connection.execute(
            "INSERT INTO users (name, password) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING id", (name, stored)
        )
        if await made.fetchone() is None:
            raise HTTPException(409, "the name is taken")
    return with_session(request, name)


async def create_session(request):
    name, password = await name_and_password(request)
    async with request.app.state.pool.connection() as connection:
        found = await connection.execute("SELECT password FROM users WHERE name = %s", (name,))
        user = await found.fetchone()
    secret = request.app.state.settings.argon_secret
    if user is None or not await run_in_threadpool(accounts.password_fits, password, secret, user["password"]):
        raise HTTPException(401, "name and password do not match")
    return with_session(request, name)


async def unsubscribe(request):
    settings = request.app.state.settings
    name = accounts.unsubscriber(request.path_params["token"], settings.unsubscribe_token_secret)
    if name is None:
        raise HTTPException(404, "no such link")
    async with request.app.state.pool.connection() as connection:
        await connection.execute("UPDATE users SET newsletter = false WHERE name = %s", (name,))
    return JSONResponse({"name": name, "newsletter": False})


async def posts(request):
    async with request.app.state.pool.connection() as connection:
        found = await connection.execute("SELECT * FROM posts ORDER BY id DESC LIMIT %s", (PAGE,))
        return JSONResponse({"posts": [post | {"created_at": post["created_at"].isoformat()} async for post in found]})


async def create_post(request):
    author, text = signed_in(request), (await body_of(request)).get("text")
    if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_TEXT:
        raise HTTPException(422, f"text: 1 to {LONGEST_TEXT} characters")
    async with request.app.state.pool.connection() as connection:
        made = await connection.execute("INSERT INTO posts (author, text) VALUES (%s, %s) RETURNING id", (author, text))
        return JSONResponse(await made.fetchone(), 201)


async def delete_post(request):
    async with request.app.state.pool.connection() as connection:
        gone = await connection.execute(
            "DELETE FROM posts WHERE id = %s AND author = %s", (request.path_params["id"], signed_in(request))
        )
        if not gone.rowcount:
            raise HTTPException(404, "no such post of yours")
    return Response(status_code=204)


async def changes(request):
    """What the CDC worker pushed of one's own posts, the latest first."""
    name = signed_in(request)
    async with request.app.state.pool.connection() as connection:
        found = await connection.execute(
            "SELECT lsn::text, number, kind, row_data AS row FROM changes WHERE row_data ->> 'author' = %s"
            " ORDER BY id DESC LIMIT %s",
            (name, PAGE),
        )
        return JSONResponse({"changes": await found.fetchall()})


async def started(request):
    """That the process works, whatever it needs: a start does not depend on what starts beside it."""
    return JSONResponse({"status": "started"})


async def migrations(request):
    """What is missing, which a POST applies. The load balancer leads nobody here: it is for who may call the container itself."""
    url = request.app.state.settings.database_url_direct
    missing = await run_in_threadpool(database.migrate, url, only_look=request.method != "POST")
    return JSONResponse({"missing" if request.method != "POST" else "applied": missing})


async def health(request):
    state = request.app.state
    async with state.pool.connection() as connection:
        await connection.execute("SELECT 1")
    answer = {"status": "ready", "version": state.settings.version, "listening": state.live.listening}
    return JSONResponse(answer | {"started_at": state.started_at})


async def nothing(request):
    raise HTTPException(404, "no such path")


# WebSockets -----------------------------------------------------------------------------------------------------------


async def live(socket):
    """Every change, as it comes. What the browser says is not read."""
    with socket.app.state.live.browser() as queue:
        await socket.accept()
        gone = asyncio.ensure_future(until_gone(socket))
        try:
            while True:
                message = asyncio.ensure_future(queue.get())
                await asyncio.wait({message, gone}, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    message.cancel()
                    return
                await socket.send_text(message.result())
        except WebSocketDisconnect:
            pass
        finally:
            gone.cancel()


async def until_gone(socket):
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


async def take_changes(socket):
    """From the CDC worker: `{"lsn": …, "changes": […]}`, answered by `{"lsn": …}` once they are stored."""
    scheme, _, token = socket.headers.get("authorization", "").partition(" ")
    secret = socket.app.state.settings.cdc_ws_secret
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), secret.encode()):
        await socket.close(1008)  # before it is accepted, this is a 403
        return
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            batch = json.loads(await socket.receive_text())
            async with socket.app.state.pool.connection() as connection:
                given = {"lsn": batch["lsn"], "changes": Jsonb(batch["changes"]), "channel": CHANNEL}
                await connection.execute(STORE, given)
            await socket.send_json({"lsn": batch["lsn"]})


# The application ------------------------------------------------------------------------------------------------------


async def refuse(request, error):
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


async def unavailable(request, error):
    print(f"database unreachable: {type(error).__name__}")
    return JSONResponse({"error": "the database cannot be reached, try again later"}, 503)


def application(settings):
    @contextlib.asynccontextmanager
    async def lifespan(app):
        listener = asyncio.ensure_future(app.state.live.run())
        app.state.pool = database.pool(settings.database_url_pooled, settings.db_pool_size)
        await app.state.pool.open()
        yield
        listener.cancel()
        await app.state.pool.close()

    app = Starlette(
        routes=[
            Route("/started", started),
            Route("/migrations", migrations, methods=["GET", "POST"]),
            Route("/health", health),
            Route("/api/users", create_user, methods=["POST"]),
            Route("/api/sessions", create_session, methods=["POST"]),
            Route("/api/unsubscribe/{token}", unsubscribe),
            Route("/api/posts", posts),
            Route("/api/posts", create_post, methods=["POST"]),
            Route("/api/posts/{id:int}", delete_post, methods=["DELETE"]),
            Route("/api/changes", changes),
            WebSocketRoute("/api/live", live),
            WebSocketRoute("/api/cdc", take_changes),
            Route("/{path:path}", nothing),
        ],
        exception_handlers={HTTPException: refuse, psycopg.OperationalError: unavailable, PoolTimeout: unavailable},
        middleware=[Middleware(SecurityHeaders)],
        lifespan=lifespan,
    )
    app.state.settings, app.state.live = settings, Live(settings.database_url_direct)
    app.state.started_at = datetime.datetime.now(datetime.UTC).isoformat()
    return app


def serve(settings):
    host, port = settings.http_address
    print(f"api: serving version {settings.version}")
    # What ends the process is told by SIGTERM; requests under way are finished.
    uvicorn.run(
        application(settings),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
    )
