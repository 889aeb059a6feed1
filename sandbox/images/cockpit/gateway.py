"""The door to the data sources: who may push to which and ask which, told by the host's name and the token.

/etc/cockpit/config.json says what there is: {sources: [{id, kind, project, region, retention}], tokens: [{hash, project,
region, scopes}]}. It is read again whenever it changed. Metrics go to a Prometheus for each source, logs to logs.py.
"""

import gzip
import hashlib
import http.client
import json
import re
import subprocess
import threading
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl

import uvicorn
from logs import Logs
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

CONFIG, DATA = Path("/etc/cockpit/config.json"), Path("/var/lib/cockpit")
HOST = re.compile(r"([0-9a-f-]{36})\.(metrics|logs|traces)\.cockpit\.([a-z]{2}-[a-z]{3})\.scw\.cloud")
FIRST_PORT = 9100
HOUR = 3600 * 10**9
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class Refusal(Exception):
    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class Known:
    """The sources and tokens as they are now."""

    def __init__(self):
        self._read_at = None
        self._sources, self._tokens = {}, {}

    def look(self):
        if (stamp := (CONFIG.stat().st_mtime_ns, CONFIG.stat().st_ino)) != self._read_at:
            content = json.loads(CONFIG.read_text())
            self._sources = {source["id"]: source for source in content["sources"]}
            self._tokens = {token["hash"]: token for token in content["tokens"]}
            self._read_at = stamp

    def admit(self, request, scope):
        """The source that a request is about, if its token opens it for this."""
        self.look()
        named = HOST.fullmatch(request.headers.get("host", "").partition(":")[0])
        source = self._sources.get(named[1]) if named else None
        if source is None or (source["kind"], source["region"]) != (named[2], named[3]):
            raise Refusal(404, "no such data source")
        digest = hashlib.sha256(request.headers.get("x-token", "").encode()).hexdigest()
        if not (token := self._tokens.get(digest)):
            raise Refusal(401, "a token is needed in the header X-Token")
        mine = (token["project"], token["region"]) == (source["project"], source["region"])
        if not mine or f"{scope}_{source['kind']}" not in token["scopes"]:
            raise Refusal(403, "the token does not allow this")
        return source


class Metrics:
    """A Prometheus for each source, started when it is first needed."""

    def __init__(self):
        self._ports, self._starting = {}, threading.Lock()

    def send(self, source, method, path, headers, body):
        connection = http.client.HTTPConnection("127.0.0.1", self._port(source), timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return (
            answer.status,
            {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP},
            answer.read(),
        )

    def _port(self, source):
        with self._starting:
            if source["id"] not in self._ports:
                self._ports[source["id"]] = self._start(source, FIRST_PORT + len(self._ports))
            return self._ports[source["id"]]

    @staticmethod
    def _start(source, port):
        folder = DATA / source["id"]
        folder.mkdir(exist_ok=True)
        (folder / "prometheus.yml").write_text("{}\n")
        subprocess.Popen([
            "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
            f"--storage.tsdb.retention.time={source['retention']}d", f"--web.listen-address=127.0.0.1:{port}",
            "--web.enable-remote-write-receiver", "--log.level=warn",
        ])  # fmt: skip
        deadline = time.monotonic() + 30
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", "/-/ready")
                if connection.getresponse().status == 200:
                    return port
            except OSError:
                pass  # not yet
            if time.monotonic() > deadline:
                raise Refusal(503, "the data source does not start")
            time.sleep(0.1)


known, metrics = Known(), Metrics()
DATA.mkdir(parents=True, exist_ok=True)
logs = Logs(DATA / "logs.db")


async def proxied(request, scope, path):
    source = known.admit(request, scope)
    query = f"?{request.url.query}" if request.url.query else ""
    headers = {name: value for name, value in request.headers.items() if name not in {"host", "x-token", *HOP_BY_HOP}}
    body = await request.body()
    status, answered, content = await run_in_threadpool(
        metrics.send, source, request.method, path + query, headers, body
    )
    return Response(content, status, answered)


async def push_metrics(request):
    return await proxied(request, "write_only", "/api/v1/write")


async def query_metrics(request):
    return await proxied(request, "read_only", f"/api/v1/{request.path_params['path']}")


async def push_logs(request):
    source = known.admit(request, "write_only")
    body = await request.body()
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    if "json" not in request.headers.get("content-type", ""):
        return PlainTextResponse("the sandbox takes pushes in JSON\n", 415)
    await run_in_threadpool(logs.push, source["id"], json.loads(body), source["retention"])
    return Response(status_code=204)


async def asked(request):
    """The source, and the arguments of a query: in the address, or in a form."""
    source = known.admit(request, "read_only")
    form = parse_qsl((await request.body()).decode()) if request.method == "POST" else []
    arguments = {**request.query_params, **dict(form)}
    now = time.time_ns()
    return source, arguments, moment(arguments.get("start"), now - HOUR), moment(arguments.get("end"), now)


async def query_logs(request):
    source, arguments, start, end = await asked(request)
    limit, forward = int(arguments.get("limit", 100)), arguments.get("direction") == "forward"
    found = await run_in_threadpool(logs.query, source["id"], arguments.get("query", ""), start, end, limit, forward)
    return success({"resultType": "streams", "result": found, "stats": {}})


async def list_labels(request):
    source, _arguments, start, end = await asked(request)
    return success(sorted({name for stream in logs.streams(source["id"], start, end) for name in stream}))


async def list_values(request):
    source, _arguments, start, end = await asked(request)
    name = request.path_params["name"]
    return success(sorted({stream[name] for stream in logs.streams(source["id"], start, end) if name in stream}))


async def push_traces(request):
    known.admit(request, "write_only")
    return PlainTextResponse("the sandbox keeps no traces\n", 501)


def success(data):
    return JSONResponse({"status": "success", "data": data})


def moment(given, default):
    """Nanoseconds, from nanoseconds, seconds with a fraction, or RFC 3339."""
    if not given:
        return default
    if re.fullmatch(r"\d{13,}", given):
        return int(given)
    if re.fullmatch(r"\d+(\.\d+)?", given):
        return int(float(given) * 10**9)
    return int(datetime.fromisoformat(given.replace("Z", "+00:00")).timestamp() * 10**9)


async def refused(request, error):
    return PlainTextResponse(f"{error}\n", error.status)


async def malformed(request, error):
    return PlainTextResponse(f"{error}\n", 400)


ROUTES = [
    Route("/api/v1/push", push_metrics, methods=["POST"]),
    Route("/prometheus/api/v1/{path:path}", query_metrics, methods=["GET", "POST"]),
    Route("/loki/api/v1/push", push_logs, methods=["POST"]),
    Route("/loki/api/v1/query_range", query_logs, methods=["GET", "POST"]),
    Route("/loki/api/v1/labels", list_labels),
    Route("/loki/api/v1/label/{name}/values", list_values),
    Route("/otlp/v1/traces", push_traces, methods=["POST"]),
]
application = Starlette(routes=ROUTES, exception_handlers={Refusal: refused, ValueError: malformed})

if __name__ == "__main__":
    tls = {"ssl_certfile": "/etc/cockpit/tls.pem", "ssl_keyfile": "/etc/cockpit/tls.key"}
    uvicorn.run(application, host="0.0.0.0", port=443, access_log=False, log_level="warning", **tls)
