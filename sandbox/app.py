"""The sandbox as an ASGI application: who calls, what is called, and how an answer is written."""

import asyncio
import logging
import os
import time
import uuid
from datetime import UTC, datetime

import starlette.routing
import yaml
from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import errors
from .admin import NO_ANSWER, Faults, Freezer, Quotas, RequestLog
from .call import Call, answering
from .machines import Machines
from .permissions import Permissions
from .router import Router
from .service import Route
from .services import discover
from .services.iam import ApiKeys
from .settings import Settings
from .store import Store

log = logging.getLogger(__name__)

ADMIN = "/_sandbox"
LOOPBACK = ("127.0.0.1", "::1")


class Sandbox:
    """Everything that is shared by the services of one sandbox."""

    def __init__(self, settings: Settings):
        self.settings = settings
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.store = Store(settings.database)
        self.machines = Machines(settings)
        self.faults, self.freezer, self.requests, self.quotas = Faults(), Freezer(), RequestLog(), Quotas()
        self.organization_id = self._organization_id()
        self.services = {found: found(self) for found in discover()}
        self.router = Router(self.services.values())
        for service in self.services.values():
            service.prepare()
        for service in self.services.values():
            service.resume()
        self._write_config()

    def _write_config(self):
        """An scw configuration that makes any Scaleway tool the owner of this organization."""
        key = self.services[ApiKeys].owner()
        profile = {
            "access_key": key["access_key"],
            "secret_key": key["_secret_key"],
            "default_organization_id": self.organization_id,
            "default_project_id": self.organization_id,
            "default_region": "fr-par",
            "default_zone": "fr-par-1",
            "api_url": self.settings.api_url,
            "s3_endpoint": self.settings.s3_url,
            "send_telemetry": False,
        }
        descriptor = os.open(self.settings.config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            yaml.safe_dump(profile, file, sort_keys=False)

    def close(self):
        self.machines.stop()
        self.store.close()

    def _organization_id(self) -> str:
        if not self.store.get("sandbox.organization", "only"):
            record = {"organization_id": str(uuid.uuid4()), "_scope": ""}
            self.store.put("sandbox.organization", "", "only", record)
        return self.store.get("sandbox.organization", "only")["organization_id"]

    def identify(self, token: str) -> dict:
        """The API key whose secret this is."""
        keys = self.store.find("iam.api_key", _secret_key=token) if token else []
        if not keys:
            raise errors.denied_authentication()
        if (expiry := keys[0].get("expires_at")) and datetime.fromisoformat(expiry) < datetime.now(UTC):
            raise errors.denied_authentication(reason="expired")
        return keys[0]

    def _authorise(self, call: Call, route: Route, token: str):
        """Who calls, and whether they may. Where that depends on the project, `Service.permit` is asked once it is known."""
        call.identity = self.identify(token)
        call.permissions, call.permission = Permissions(self.store, call.identity), route.permission
        if not call.allows():
            _, noun, wanted = route.permission.split(":")
            raise errors.permissions_denied(wanted, getattr(route.service, "resource", noun) or noun)

    def answer(self, call: Call, token: str, local: bool) -> Response:
        """What the API says to a call. `local`: it came over the loopback interface."""
        try:
            route, call.params = self.router.find(call.method, call.path)
            if route.service.needs_token and not (local and call.path.startswith(ADMIN)):
                self._authorise(call, route, token)
            with answering(call):
                return as_response(route.handler(call))
        except errors.ApiError as refusal:
            return JSONResponse(refusal.body, refusal.status)
        except Exception:  # a defect of the sandbox answers as a defect of the API would, and is in the log
            log.exception("%s %s", call.method, call.path)
            return JSONResponse({"message": "internal error", "type": "unknown"}, 500)


def as_response(answer) -> Response:
    """Handler's answer -> response: None, body, (status, body), (status, body, headers), or a response as it is."""
    if isinstance(answer, Response):
        return answer
    if answer is None:
        return Response(status_code=204)
    status, body, *headers = answer if isinstance(answer, tuple) else (200, answer)
    return Response(status_code=status) if body is None else JSONResponse(body, status, *headers)


def application(sandbox: Sandbox) -> Starlette:
    async def dispatch(request: Request) -> Response:
        path = request.scope["raw_path"].decode("ascii").split("?")[0]  # still quoted: an id may contain a slash
        if path.startswith(ADMIN):
            return await answer(request, path)
        started, fault = time.monotonic(), sandbox.faults.pick(request.method, path)
        if fault and fault.ms:
            await asyncio.sleep(fault.ms / 1000)
        response = (fault.response() if fault else None) or await answer(request, path)
        if response.status_code == NO_ANSWER or (fault and fault.kind == "lost"):
            request.state.transport.abort()
            response = Response(status_code=NO_ANSWER)
        sandbox.requests.add(request.method, path, response.status_code, time.monotonic() - started)
        return response

    async def answer(request: Request, path: str) -> Response:
        call = Call(
            request.method,
            path,
            request.url.query,
            await request.body(),
            request.headers.get("content-type", ""),
            request.headers.get("authorization", ""),
        )
        local = bool(request.client) and request.client.host in LOOPBACK
        return await to_thread.run_sync(sandbox.answer, call, request.headers.get("x-auth-token", ""), local)

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(routes=[starlette.routing.Route("/{path:path}", dispatch, methods=methods)])
