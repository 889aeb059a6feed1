"""The web API."""

import contextlib
import json
import re
import threading
import time

import aiosmtplib
import psycopg
import uvicorn
from botocore.exceptions import BotoCoreError, ClientError
from psycopg.types.json import Jsonb
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import accounts, activity, database, log, mail, media

NAME = re.compile(r"[a-z0-9_]{1,30}")


async def body_of(request, **fields):
    """The JSON body's fields as strings; `fields` maps each to whether it is required."""
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise HTTPException(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise HTTPException(400, "the body is not an object")
    for field, required in fields.items():
        value = body.get(field)
        if (required and not value) or not isinstance(value, str | None):
            raise HTTPException(422, f"{field}: a text is expected")
    return [body.get(field) for field in fields]


async def fetch(connection, query, *values):
    return await (await connection.execute(query, values)).fetchone()


async def user_named(connection, name):
    user = await fetch(connection, "SELECT id, name FROM users WHERE name = %s", name)
    if user is None:
        raise HTTPException(404, "no such user")
    return user


async def signed_in(connection, request):
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    user = await accounts.user_of_session(connection, token) if scheme.lower() == "bearer" else None
    if user is None:
        raise HTTPException(401, "sign in first", {"WWW-Authenticate": "Bearer"})
    return user


async def index(request):
    return JSONResponse({"name": "riff", "version": request.app.state.settings.version})


async def live(request):
    """The process answers. A restart helps where it does not."""
    return JSONResponse({"status": "alive"})


async def health(request):
    """Ready for requests: the database answers and no stop is under way."""
    state = request.app.state
    answer = {"status": "ready", "version": state.settings.version}
    if state.draining.is_set():
        return JSONResponse(answer | {"status": "draining"}, 503)
    try:
        async with state.pool.connection(timeout=2) as connection:
            await connection.execute("SELECT 1")
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("database unreachable", error=type(error).__name__)
        return JSONResponse(answer | {"status": "database unreachable"}, 503)
    return JSONResponse(answer)


async def create_user(request):
    name, email, password = await body_of(request, name=True, email=True, password=True)
    if not NAME.fullmatch(name):
        raise HTTPException(422, "name: 1 to 30 of a-z, 0-9 and _")
    if len(password) < 8:
        raise HTTPException(422, "password: at least 8 characters")
    async with request.app.state.pool.connection() as connection:
        user_id = await accounts.create(connection, name, email, password)
        if user_id is None:
            raise HTTPException(409, "the name or the address is taken")
        token = await accounts.issue(connection, "sessions", user_id, "30 days")
    return JSONResponse({"name": name, "token": token}, 201)


async def create_session(request):
    name, password = await body_of(request, name=True, password=True)
    async with request.app.state.pool.connection() as connection:
        user = await fetch(connection, "SELECT id, password FROM users WHERE name = %s", name)
        if user is None or not await accounts.password_matches(password, user["password"]):
            raise HTTPException(401, "name and password do not match")
        token = await accounts.issue(connection, "sessions", user["id"], "30 days")
    return JSONResponse({"name": name, "token": token}, 201)


async def request_password_reset(request):
    """The answer is the same whether the address has an account or not."""
    (email,) = await body_of(request, email=True)
    async with request.app.state.pool.connection() as connection:
        user = await fetch(connection, "SELECT id, email FROM users WHERE email = %s", email)
        token = user and await accounts.issue(connection, "password_resets", user["id"], "1 hour")
    if user:
        try:
            await mail.send_password_reset(request.app.state.settings, user["email"], token)
        except (aiosmtplib.SMTPException, OSError) as error:
            log.warning("mail not sent", error=f"{type(error).__name__}: {error}")
            raise HTTPException(503, "the mail could not be sent, try again later") from None
    return JSONResponse({"status": "sent if the address has an account"}, 202)


async def confirm_password_reset(request):
    token, password = await body_of(request, token=True, password=True)
    if len(password) < 8:
        raise HTTPException(422, "password: at least 8 characters")
    async with request.app.state.pool.connection() as connection:
        if not await accounts.reset_password(connection, token, password):
            raise HTTPException(404, "the code is unknown or has expired")
    return Response(status_code=204)


async def create_post(request):
    """Stores the post and one delivery per follower, in one transaction: none is lost, whatever happens next."""
    text, media_url = await body_of(request, text=True, media_url=False)
    async with request.app.state.pool.connection() as connection:
        user = await signed_in(connection, request)
        post = await fetch(
            connection,
            "INSERT INTO posts (user_id, text, media_url) VALUES (%s, %s, %s) RETURNING id",
            user["id"],
            text,
            media_url,
        )
        await connection.execute(
            "INSERT INTO deliveries (post_id, inbox) SELECT %s, inbox FROM followers WHERE user_id = %s",
            (post["id"], user["id"]),
        )
    return JSONResponse({"id": post["id"], "url": f"{request.app.state.settings.public_url}/posts/{post['id']}"}, 201)


POSTS = "SELECT posts.id, name, text, media_url, posts.created_at FROM posts JOIN users ON users.id = user_id"


async def read_post(request):
    async with request.app.state.pool.connection() as connection:
        post = await fetch(connection, f"{POSTS} WHERE posts.id = %s", request.path_params["post_id"])
        if post is None:
            raise HTTPException(404, "no such post")
        deliveries = await fetch(
            connection,
            "SELECT count(*) AS total, count(delivered_at) AS delivered FROM deliveries WHERE post_id = %s",
            post["id"],
        )
    return JSONResponse(post | {"created_at": post["created_at"].isoformat(), "deliveries": deliveries})


async def outbox(request):
    async with request.app.state.pool.connection() as connection:
        user = await user_named(connection, request.path_params["name"])
        rows = await connection.execute(f"{POSTS} WHERE users.id = %s ORDER BY posts.id DESC LIMIT 50", (user["id"],))
        items = [activity.create_note(request.app.state.settings.public_url, post) async for post in rows]
    return JSONResponse({"type": "OrderedCollection", "orderedItems": items})


async def follow(request):
    (inbox_url,) = await body_of(request, inbox=True)
    if not re.match(r"https?://", inbox_url):
        raise HTTPException(422, "inbox: an http or https URL is expected")
    async with request.app.state.pool.connection() as connection:
        user = await user_named(connection, request.path_params["name"])
        await connection.execute(
            "INSERT INTO followers (user_id, inbox) VALUES (%s, %s) ON CONFLICT DO NOTHING", (user["id"], inbox_url)
        )
    return Response(status_code=204)


async def receive(request):
    """Another server's delivery. One that comes again is accepted and changes nothing."""
    (activity_id,) = await body_of(request, id=True)
    async with request.app.state.pool.connection() as connection:
        user = await user_named(connection, request.path_params["name"])
        await connection.execute(
            "INSERT INTO inbox (activity_id, user_id, activity) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (activity_id, user["id"], Jsonb(await request.json())),
        )
    return Response(status_code=202)


async def read_inbox(request):
    async with request.app.state.pool.connection() as connection:
        user = await signed_in(connection, request)
        if user["name"] != request.path_params["name"]:
            raise HTTPException(403, "this is not your inbox")
        rows = await connection.execute(
            "SELECT activity FROM inbox WHERE user_id = %s ORDER BY received_at DESC LIMIT 50", (user["id"],)
        )
        items = [row["activity"] async for row in rows]
    return JSONResponse({"type": "OrderedCollection", "orderedItems": items})


async def upload(request):
    content_type = request.headers.get("content-type", "")
    if content_type not in media.TYPES:
        raise HTTPException(415, f"one of {', '.join(media.TYPES)} is expected")
    async with request.app.state.pool.connection() as connection:
        await signed_in(connection, request)
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > media.MAX_BYTES:
            raise HTTPException(413, "at most 10 MiB are expected")
    try:
        url = await request.app.state.media.store(content_type, content)
    except (BotoCoreError, ClientError) as error:
        log.warning("upload failed", error=f"{type(error).__name__}: {error}")
        raise HTTPException(503, "the upload could not be stored, try again later") from None
    return JSONResponse({"url": url}, 201)


async def refuse(request, error):
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


class RequestLog:
    """A line per request: what was asked for, the outcome, the milliseconds. The probes' are left out."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"] in ("/health", "/live"):
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


def application(settings):
    @contextlib.asynccontextmanager
    async def lifespan(app):
        async with app.state.pool:
            yield

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/live", live),
            Route("/health", health),
            Route("/users", create_user, methods=["POST"]),
            Route("/sessions", create_session, methods=["POST"]),
            Route("/password-reset", request_password_reset, methods=["POST"]),
            Route("/password-reset/confirm", confirm_password_reset, methods=["POST"]),
            Route("/posts", create_post, methods=["POST"]),
            Route("/posts/{post_id:int}", read_post),
            Route("/media", upload, methods=["POST"]),
            Route("/users/{name}/outbox", outbox),
            Route("/users/{name}/followers", follow, methods=["POST"]),
            Route("/users/{name}/inbox", receive, methods=["POST"]),
            Route("/users/{name}/inbox", read_inbox, methods=["GET"]),
        ],
        middleware=[Middleware(RequestLog)],
        exception_handlers={HTTPException: refuse},
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.pool = database.pool(settings)
    app.state.media = media.Media(settings)
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


def serve(settings):
    app = application(settings)
    config = uvicorn.Config(
        app,
        host="0.0.0.0",
        port=8000,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
    )
    Server(config, settings, app.state.draining).run()
