"""The API."""

import contextlib
import hmac
import json
import re
import uuid

from botocore.exceptions import BotoCoreError, ClientError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import accounts, bucket, database, limits, log, paseto, pictures, server
from .database import fetch
from .jobs import Jobs
from .tokens import Tokens

NAME = re.compile(r"[a-z0-9_]{1,30}")
PAGE = 50
UNLIMITED = ("/", *server.PROBES)


async def body_of(request, *fields):
    """The JSON body's fields, each a text of one line that is not empty."""
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise HTTPException(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise HTTPException(400, "the body is not an object")
    for field in fields:
        value = body.get(field)
        if not isinstance(value, str) or not value or not value.isprintable():
            raise HTTPException(422, f"{field}: a text is expected")
    return [body[field] for field in fields]


def bearer(request):
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def too_many(seconds):
    return HTTPException(429, f"too many requests, try again in {seconds} s", {"Retry-After": str(seconds)})


def unauthorized(why):
    return HTTPException(401, why, {"WWW-Authenticate": "Bearer"})


async def signed_in(request):
    """The claims of the access token. Neither the database nor another process is asked for them."""
    state = request.app.state
    try:
        claims = state.tokens.access.verify(bearer(request))
    except paseto.InvalidToken:
        raise unauthorized("sign in first") from None
    if seconds := await state.limits.wait(state.limits.of_account, claims["sub"]):
        raise too_many(seconds)
    return claims


@contextlib.contextmanager
def aws(what):
    """The bucket or the queue does not answer as it should: not the client's fault, and worth another try."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        log.warning(f"{what} unreachable", error=f"{type(error).__name__}: {error}")
        raise HTTPException(503, f"the {what} cannot be reached, try again later") from None


async def index(request):
    return JSONResponse({"name": "ciel", "version": request.app.state.settings.version})


async def create_user(request):
    name, password = await body_of(request, "name", "password")
    if not NAME.fullmatch(name):
        raise HTTPException(422, "name: 1 to 30 of a-z, 0-9 and _")
    if len(password) < 8:
        raise HTTPException(422, "password: at least 8 characters")
    state = request.app.state
    user_id = await accounts.create(state.pool, name, password)
    if user_id is None:
        raise HTTPException(409, "the name is taken")
    async with state.pool.connection() as connection:
        return JSONResponse({"name": name} | await state.tokens.begin(connection, user_id), 201)


async def create_session(request):
    name, password = await body_of(request, "name", "password")
    state = request.app.state
    if seconds := NAME.fullmatch(name) and await state.limits.wait(state.limits.of_sign_in, name):
        raise too_many(seconds)
    user_id = await accounts.identify(state.pool, name, password)
    if user_id is None:
        raise unauthorized("name and password do not match")
    async with state.pool.connection() as connection:
        return JSONResponse({"name": name} | await state.tokens.begin(connection, user_id), 201)


async def refresh_session(request):
    (token,) = await body_of(request, "refresh_token")
    state = request.app.state
    try:
        async with state.pool.connection() as connection:
            pair = await state.tokens.renew(connection, token)
    except paseto.InvalidToken:
        pair = None
    if pair is None:
        raise unauthorized("sign in again")
    return JSONResponse(pair, 201)


async def end_session(request):
    """Its access token remains good for the minutes that it has left."""
    claims = await signed_in(request)
    async with request.app.state.pool.connection() as connection:
        await request.app.state.tokens.end(connection, claims["sid"])
    return Response(status_code=204)


PHOTOS = """
    SELECT photos.id, users.name AS owner, user_id, status, error, photos.created_at,
           coalesce(jsonb_object_agg(variants.name, jsonb_build_object('key', key, 'width', width, 'height', height))
                    FILTER (WHERE variants.name IS NOT NULL), '{}') AS variants
    FROM photos JOIN users ON users.id = user_id LEFT JOIN variants ON photo_id = photos.id
"""


async def photo_of(connection, request):
    photo = await fetch(
        connection, f"{PHOTOS} WHERE photos.id = %s GROUP BY photos.id, users.id", request.path_params["photo_id"]
    )
    if photo is None:
        raise HTTPException(404, "no such photo")
    return photo


def owned(photo, claims):
    if str(photo["user_id"]) != claims["sub"]:
        raise HTTPException(403, "this is not your photo")
    return photo


def shown(state, photo):
    """The photo as the API tells it."""
    return {
        "id": str(photo["id"]),
        "owner": photo["owner"],
        "status": photo["status"],
        "error": photo["error"],
        "created_at": photo["created_at"].isoformat(),
        "variants": {
            name: {
                "url": state.bucket.public_url(variant["key"]),
                "width": variant["width"],
                "height": variant["height"],
            }
            for name, variant in photo["variants"].items()
        },
    }


async def create_photo(request):
    claims = await signed_in(request)
    (content_type,) = await body_of(request, "content_type")
    if content_type not in pictures.TYPES:
        raise HTTPException(422, f"content_type: one of {', '.join(pictures.TYPES)} is expected")
    state = request.app.state
    async with state.pool.connection() as connection:
        photo = await fetch(
            connection,
            "INSERT INTO photos (user_id, content_type) VALUES (%s, %s) RETURNING id",
            int(claims["sub"]),
            content_type,
        )
    upload = {
        "method": "PUT",
        "url": state.bucket.upload_url(bucket.original(photo["id"]), content_type),
        "headers": {"Content-Type": content_type},
        "expires_in": bucket.UPLOAD_SECONDS,
    }
    return JSONResponse({"id": str(photo["id"]), "status": "pending", "upload": upload}, 201)


async def complete_photo(request):
    """Hand the upload to the workers. It may be asked again, say after an answer that got lost: the outcome is the same."""
    claims = await signed_in(request)
    state = request.app.state
    async with state.pool.connection() as connection:
        photo = owned(await photo_of(connection, request), claims)
    if photo["status"] == "pending":
        with aws("bucket"):
            size = await state.bucket.size(bucket.original(photo["id"]))
        if size is None:
            raise HTTPException(409, "nothing was uploaded yet")
        if size > pictures.MAX_BYTES:
            raise HTTPException(413, f"at most {pictures.MAX_BYTES} bytes are expected")
        with aws("queue"):
            await state.jobs.send(photo["id"])
    return JSONResponse(shown(state, photo), 202)


async def read_photo(request):
    await signed_in(request)
    async with request.app.state.pool.connection() as connection:
        return JSONResponse(shown(request.app.state, await photo_of(connection, request)))


async def list_photos(request):
    """The latest of one's own; `before` is the last photo of the page before."""
    claims = await signed_in(request)
    before = request.query_params.get("before")
    try:
        before = before and uuid.UUID(before)
    except ValueError:
        raise HTTPException(422, "before: the id of a photo is expected") from None
    async with request.app.state.pool.connection() as connection:
        rows = await connection.execute(
            f"{PHOTOS} WHERE user_id = %(user)s AND (%(before)s::uuid IS NULL OR (photos.created_at, photos.id) <"
            " (SELECT created_at, id FROM photos WHERE id = %(before)s))"
            " GROUP BY photos.id, users.id ORDER BY photos.created_at DESC, photos.id DESC LIMIT %(page)s",
            {"user": int(claims["sub"]), "before": before, "page": PAGE},
        )
        return JSONResponse({"photos": [shown(request.app.state, photo) async for photo in rows]})


async def delete_photo(request):
    """The objects first: where that fails, the photo is still there to be deleted again."""
    claims = await signed_in(request)
    state = request.app.state
    async with state.pool.connection() as connection:
        photo = owned(await photo_of(connection, request), claims)
    with aws("bucket"):
        await state.bucket.delete(
            [*(variant["key"] for variant in photo["variants"].values()), bucket.original(photo["id"])]
        )
    async with state.pool.connection() as connection:
        await connection.execute("DELETE FROM photos WHERE id = %s", (photo["id"],))
    return Response(status_code=204)


async def queue_depth(request):
    state = request.app.state
    if not hmac.compare_digest(bearer(request).encode(), state.settings.admin_token.encode()):
        raise unauthorized("the admin token is expected")
    with aws("queue"):
        return JSONResponse(await state.jobs.depth())


class LimitOfAddress:
    """Clients are told apart by their address, behind a proxy of FORWARDED_ALLOW_IPS by the one that it forwards."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"] not in UNLIMITED:
            counted = scope["app"].state.limits
            if seconds := await counted.wait(counted.of_address, scope["client"][0]):
                return await server.refusal(too_many(seconds))(scope, receive, send)
        return await self.app(scope, receive, send)


def application(settings):
    @contextlib.asynccontextmanager
    async def lifespan(app):
        async with app.state.pool, contextlib.aclosing(redis):
            yield

    routes = [
        Route("/", index),
        Route("/users", create_user, methods=["POST"]),
        Route("/sessions", create_session, methods=["POST"]),
        Route("/sessions", end_session, methods=["DELETE"]),
        Route("/sessions/refresh", refresh_session, methods=["POST"]),
        Route("/photos", create_photo, methods=["POST"]),
        Route("/photos", list_photos, methods=["GET"]),
        Route("/photos/{photo_id:uuid}", read_photo, methods=["GET"]),
        Route("/photos/{photo_id:uuid}", delete_photo, methods=["DELETE"]),
        Route("/photos/{photo_id:uuid}/complete", complete_photo, methods=["POST"]),
    ]
    if settings.admin_token:
        routes.append(Route("/admin/queue", queue_depth))
    redis = limits.connect(settings)
    app = server.application(settings, routes, lifespan, [Middleware(LimitOfAddress)])
    app.state.pool = database.pool(settings)
    app.state.limits = limits.Limits(settings, redis)
    app.state.tokens = Tokens(settings)
    app.state.bucket = bucket.Bucket(settings)
    app.state.jobs = Jobs(settings)
    app.state.probes = {"database": server.probe_of(app.state.pool), "redis": redis.ping}
    return app


def serve(settings):
    server.run(application(settings), settings)
