"""The API, and the page. Handlers are ordinary functions, each in a thread of its own; one replica serves few people."""

import contextlib
import datetime
import json
import re
import uuid
from urllib.parse import urlsplit

import psycopg
import uvicorn
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from . import accounts, database, pictures
from .storage import LocalStorage, storage

NAME = re.compile(r"[a-z0-9_]{1,30}")
SHORTEST_PASSWORD = 8
PAGE = 50


def handler(function):
    """Serve `function(state, request, body, connection)`, body being bytes, in a thread and in one transaction."""

    def work(request, body):
        state = request.app.state
        with state.pool.connection() as connection:
            return function(state, request, body, connection)

    async def serve(request):
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > pictures.MAX_BYTES:
                raise HTTPException(413, f"at most {pictures.MAX_BYTES} bytes")
        return await run_in_threadpool(work, request, bytes(body))

    return serve


def name_and_password(body):
    try:
        given = json.loads(body)
    except ValueError:
        raise HTTPException(400, "the body is not JSON") from None
    name, password = (given.get(field) if isinstance(given, dict) else None for field in ("name", "password"))
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise HTTPException(422, "name: 1 to 30 of a-z, 0-9 and _")
    if not isinstance(password, str) or len(password) < SHORTEST_PASSWORD:
        raise HTTPException(422, f"password: at least {SHORTEST_PASSWORD} characters")
    return name, password


def signed_in(state, request):
    """The id of the user."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    user_id = accounts.user_of(token, state.settings.jwt_secret) if scheme.lower() == "bearer" else None
    if user_id is None:
        raise HTTPException(401, "sign in first", {"WWW-Authenticate": "Bearer"})
    return user_id


@handler
def create_user(state, request, body, connection):
    name, password = name_and_password(body)
    user_id = accounts.create(connection, name, password)
    if user_id is None:
        raise HTTPException(409, "the name is taken")
    return JSONResponse({"name": name, "token": accounts.token(user_id, state.settings.jwt_secret)}, 201)


@handler
def create_session(state, request, body, connection):
    name, password = name_and_password(body)
    user_id = accounts.identify(connection, name, password)
    if user_id is None:
        raise HTTPException(401, "name and password do not match", {"WWW-Authenticate": "Bearer"})
    return JSONResponse({"name": name, "token": accounts.token(user_id, state.settings.jwt_secret)}, 201)


def shown(state, media):
    return {
        "id": str(media["id"]),
        "content_type": media["content_type"],
        "created_at": media["created_at"].isoformat(),
        "url": state.storage.public_url(media["key"]),
        "thumbnail_url": state.storage.public_url(media["thumbnail_key"]),
    }


@handler
def upload(state, request, body, connection):
    user_id = signed_in(state, request)
    try:
        content_type, extension, thumbnail = pictures.read(body)
    except pictures.NotAPicture as refusal:
        raise HTTPException(415, str(refusal)) from None
    key, thumbnail_key = f"{uuid.uuid4()}.{extension}", f"{uuid.uuid4()}.jpg"
    media = connection.execute(
        "INSERT INTO media (id, user_id, content_type, key, thumbnail_key) VALUES (%s, %s, %s, %s, %s) RETURNING *",
        (uuid.uuid4(), user_id, content_type, key, thumbnail_key),
    ).fetchone()
    state.storage.put(key, body, content_type)
    state.storage.put(thumbnail_key, thumbnail, "image/jpeg")  # where this fails, no row remains
    return JSONResponse(shown(state, media), 201)


@handler
def latest(state, request, body, connection):
    found = connection.execute(
        "SELECT * FROM media WHERE user_id = %s ORDER BY created_at DESC LIMIT %s", (signed_in(state, request), PAGE)
    )
    return JSONResponse({"media": [shown(state, media) for media in found]})


@handler
def delete(state, request, body, connection):
    media = connection.execute(
        "DELETE FROM media WHERE id = %s AND user_id = %s RETURNING *",
        (request.path_params["id"], signed_in(state, request)),
    ).fetchone()
    if media is None:
        raise HTTPException(404, "no such picture of yours")
    for key in (media["key"], media["thumbnail_key"]):
        state.storage.delete(key)  # where this fails, the row remains
    return Response(status_code=204)


@handler
def health(state, request, body, connection):
    connection.execute("SELECT 1")
    answer = {"status": "ready", "version": state.settings.version, "storage": state.settings.storage_backend}
    return JSONResponse(answer | {"started_at": state.started_at})


def file(request):
    with contextlib.suppress(ValueError):
        path = request.app.state.storage.path(request.path_params["key"])
        if path.is_file():
            return FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})
    raise HTTPException(404, "no such file")


def page(request):
    """Whatever the path: the page itself knows what to show."""
    state = request.app.state
    origin = urlsplit(state.settings.s3_public_url or "")
    pictures_from = f" {origin.scheme}://{origin.netloc}" if origin.netloc else ""
    policy = f"default-src 'self'; img-src 'self'{pictures_from}; frame-ancestors 'none'; base-uri 'none'"
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
    return FileResponse(state.settings.static_dir / "index.html", headers=headers)


def nothing(request):
    raise HTTPException(404, "no such path")


async def refuse(request, error):
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


async def unavailable(request, error):
    print(f"database unreachable: {type(error).__name__}")
    return JSONResponse({"error": "the database cannot be reached, try again later"}, 503)


def application(settings):
    @contextlib.asynccontextmanager
    async def lifespan(app):
        app.state.pool.open()
        yield
        app.state.pool.close()

    store = storage(settings)
    files = [Route("/api/files/{key}", file)] if isinstance(store, LocalStorage) else []
    app = Starlette(
        routes=[
            Route("/health", health),
            Route("/api/users", create_user, methods=["POST"]),
            Route("/api/sessions", create_session, methods=["POST"]),
            Route("/api/media", upload, methods=["POST"]),
            Route("/api/media", latest),
            Route("/api/media/{id:uuid}", delete, methods=["DELETE"]),
            *files,
            Route("/api/{path:path}", nothing),
            Mount("/assets", StaticFiles(directory=settings.static_dir / "assets")),
            Route("/{path:path}", page),
        ],
        exception_handlers={HTTPException: refuse, psycopg.OperationalError: unavailable, PoolTimeout: unavailable},
        lifespan=lifespan,
    )
    app.state.settings, app.state.storage, app.state.pool = settings, store, database.pool(settings)
    app.state.started_at = datetime.datetime.now(datetime.UTC).isoformat()
    return app


def serve(settings):
    host, port = settings.http_address
    print(f"serving version {settings.version}, files by {settings.storage_backend}")
    # What ends the process is told by SIGTERM; requests under way are finished.
    uvicorn.run(
        application(settings),
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=20,
    )
