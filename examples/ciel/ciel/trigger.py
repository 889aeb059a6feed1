"""The worker that is called: each message of the queue comes as the body of a POST, and again where the answer is no 2xx."""

import contextlib

from starlette.responses import JSONResponse
from starlette.routing import Route

from . import database, processing, server
from .bucket import Bucket


async def process(request):
    state = request.app.state
    if await processing.attempt(state.pool, state.bucket, await request.body()):
        return JSONResponse({"status": "done"})
    return JSONResponse({"status": "failed"}, 500)


def application(settings):
    @contextlib.asynccontextmanager
    async def lifespan(app):
        async with app.state.pool:
            yield

    app = server.application(settings, [Route("/", process, methods=["POST"])], lifespan)
    app.state.pool = database.pool(settings)
    app.state.bucket = Bucket(settings)
    app.state.probes = {"database": server.probe_of(app.state.pool)}
    return app


def serve(settings):
    server.run(application(settings), settings)
