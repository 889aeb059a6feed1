"""The door to the data sources: who may push to which and ask which, told by the host's name and the token.

/etc/cockpit/config.json says what there is: {sources: [{id, name, kind, project, region, retention, rules, products}], tokens: [{hash,
project, region, scopes}], contacts: [{project, region, email, resolved}], api, key, smtp: {host, port, sender}}. It is read
again whenever it changed. Metrics go to a Prometheus for each source, logs to logs.py; `products` is where at `api`, with `key`, a
Prometheus reads what nobody pushes. Rules are managed through the API at `api`, evaluated by the Prometheus of their source, and
what fires goes to one Alertmanager, which writes to the contacts. The API keeps dashboards, too; dashboards.py shows them.
"""

import base64
import gzip
import hashlib
import http.client
import json
import re
import shutil
import subprocess
import threading
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import uvicorn
from dashboards import Dashboard
from logs import Logs
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

CONFIG, DATA = Path("/etc/cockpit/config.json"), Path("/var/lib/cockpit")
HOST = re.compile(r"([0-9a-f-]{36})\.(metrics|logs|traces)\.cockpit\.([a-z]{2}-[a-z]{3})\.scw\.cloud")
GRAFANA = re.compile(r"([0-9a-f-]{36})\.dashboard\.cockpit\.scaleway\.com")
FIRST_PORT, ALERTMANAGER_PORT = 9100, 9093
SCRAPE_SECONDS = 5
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
        self.content, self.sources, self._tokens = {}, {}, {}

    def look(self):
        if (stamp := (CONFIG.stat().st_mtime_ns, CONFIG.stat().st_ino)) != self._read_at:
            self.content = json.loads(CONFIG.read_text())
            self.sources = {source["id"]: source for source in self.content["sources"]}
            self._tokens = {token["hash"]: token for token in self.content["tokens"]}
            self._read_at = stamp

    def named(self, request):
        """The source that a request is about."""
        self.look()
        named = HOST.fullmatch(request.headers.get("host", "").partition(":")[0])
        source = self.sources.get(named[1]) if named else None
        if source is None or (source["kind"], source["region"]) != (named[2], named[3]):
            raise Refusal(404, "no such data source")
        return source

    def admit(self, request, scope):
        """The source that a request is about, if its token opens it for this."""
        source = self.named(request)
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
        self._rules = {}

    def follow(self, source):
        """Have the rules of a source evaluated as they are now."""
        if (rules := source["rules"]) == self._rules.get(source["id"], {}):
            return
        port = self._port(source)
        folder = DATA / source["id"] / "rules"
        folder.mkdir(exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
        for namespace, groups in rules.items():
            (folder / f"{quote(namespace, safe='')}.yml").write_text(json.dumps({"groups": groups}))
        post(port, "/-/reload")
        self._rules[source["id"]] = rules

    def send(self, source, method, path, headers, body):
        connection = http.client.HTTPConnection("127.0.0.1", self._port(source), timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return (
            answer.status,
            {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP},
            answer.read(),
        )

    def over_time(self, source, expression, start, end, step):
        """What the Prometheus of a source answers to a query from `start` to `end`."""
        asked = urlencode({"query": expression, "start": start, "end": end, "step": step})
        return json.loads(self.send(source, "GET", f"/api/v1/query_range?{asked}", {}, b"")[2])

    def _port(self, source):
        with self._starting:
            if source["id"] not in self._ports:
                self._ports[source["id"]] = self._start(source, FIRST_PORT + len(self._ports))
            return self._ports[source["id"]]

    @staticmethod
    def _start(source, port):
        folder = DATA / source["id"]
        folder.mkdir(exist_ok=True)
        shutil.rmtree(folder / "rules", ignore_errors=True)  # those of an earlier start
        settings = {
            "global": {"external_labels": place(source)},
            "rule_files": [f"{folder}/rules/*.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{ALERTMANAGER_PORT}"]}]}]},
        }
        if source["products"]:
            settings["scrape_configs"] = [products(source)]
        file = folder / "prometheus.yml"
        file.touch(mode=0o600)
        file.write_text(json.dumps(settings))
        subprocess.Popen([
            "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
            f"--storage.tsdb.retention.time={source['retention']}d", f"--web.listen-address=127.0.0.1:{port}",
            "--rules.alert.resend-delay=5s",  # what fires before it has found the Alertmanager is sent again
            "--web.enable-remote-write-receiver", "--web.enable-lifecycle", "--log.level=warn",
        ])  # fmt: skip
        await_ready(port)
        return port


class Alerts:
    """The Alertmanager of all projects, started once there is somebody to tell."""

    def __init__(self):
        self._settings, self._runs = None, False

    def follow(self, content):
        """Write to the contacts as they are now."""
        if (settings := self._of(content)) == self._settings or not (self._runs or content["contacts"]):
            return
        file = DATA / "alertmanager.yml"
        file.touch(mode=0o600)
        file.write_text(json.dumps(settings))
        if self._runs:
            post(ALERTMANAGER_PORT, "/-/reload")
        else:
            subprocess.Popen([
                "prometheus-alertmanager", f"--config.file={file}", f"--storage.path={DATA}/alertmanager",
                f"--web.listen-address=127.0.0.1:{ALERTMANAGER_PORT}", "--cluster.listen-address=", "--log.level=warn",
            ])  # fmt: skip
            await_ready(ALERTMANAGER_PORT)
        self._settings, self._runs = settings, True

    @staticmethod
    def _of(content):
        """Each project and region has a receiver; an alert bears both as labels."""
        smtp, receivers, routes = content["smtp"], {"nobody": []}, {}
        mail = {
            "from": smtp["sender"],
            "smarthost": f"{smtp['host']}:{smtp['port']}",
            "auth_password": content["key"],
        }
        mail |= {"hello": "cockpit", "tls_config": {"ca_file": "/etc/cockpit/ca.pem"}}
        for contact in content["contacts"]:
            name = f"{contact['project']} {contact['region']}"
            told = {"to": contact["email"], "send_resolved": contact["resolved"], "auth_username": contact["project"]}
            receivers.setdefault(name, []).append(mail | told)
            routes[name] = {
                "receiver": name,
                "matchers": [f'{label}="{value}"' for label, value in place(contact).items()],
            }
        timing = {
            "group_wait": "1s",
            "group_interval": "5s",
            "repeat_interval": "4h",
        }  # a test does not wait half a minute
        return {
            "route": {"receiver": "nobody", "group_by": ["alertname"], "routes": list(routes.values())} | timing,
            "receivers": [{"name": name, "email_configs": configs} for name, configs in receivers.items()],
        }


def products(source):
    """How a Prometheus reads what Scaleway's products report."""
    return {
        "job_name": "products",
        "scrape_interval": f"{SCRAPE_SECONDS}s",
        "metrics_path": source["products"],
        "authorization": {"credentials": known.content["key"]},
        "static_configs": [{"targets": [urlsplit(known.content["api"]).netloc]}],
    }


def place(owned):
    """The labels by which an alert finds those who are told."""
    return {"cockpit_project": owned["project"], "cockpit_region": owned["region"]}


def post(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path)
    answer = connection.getresponse()
    if answer.status != 200:
        raise Refusal(answer.status, answer.read().decode())


def await_ready(port):
    deadline = time.monotonic() + 30
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/-/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass  # not yet
        if time.monotonic() > deadline:
            raise Refusal(503, "the data source does not start")
        time.sleep(0.1)  # it tells nobody when it is ready


def follow():
    """Rules and contacts have force without anybody asking."""
    while True:
        try:
            known.look()
            alerts.follow(known.content)
            for source in known.sources.values():
                if source["kind"] == "metrics":
                    metrics.follow(source)
        except (OSError, ValueError, Refusal) as error:
            print(f"rules and contacts: {error}", flush=True)
        time.sleep(0.5)  # how late rules and contacts have force at most; a look is two calls of stat


known, metrics, alerts = Known(), Metrics(), Alerts()
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


async def manage_rules(request):
    """The API knows the rules, and who may change them: a token of IAM, where data is pushed with a token of Cockpit."""
    source = known.named(request)
    return await forwarded(request, f"/cockpit/v1/regions/{source['region']}/data-sources/{source['id']}")


async def forwarded(request, below, path=None):
    """What the API answers, as the caller, below a path of its own."""
    path = below + (path or request.scope["raw_path"].decode())
    path += f"?{request.url.query}" if request.url.query else ""
    kept = ("x-auth-token", "content-type")
    headers = {name: request.headers[name] for name in kept if name in request.headers}
    if secret_key := logged_in(request):
        headers["x-auth-token"] = secret_key
    body = await request.body()

    def ask():
        connection = http.client.HTTPConnection(urlsplit(known.content["api"]).netloc, timeout=60)
        connection.request(request.method, path, body, headers)
        answer = connection.getresponse()
        return Response(answer.read(), answer.status, media_type=answer.headers.get("content-type"))

    return await run_in_threadpool(ask)


def logged_in(request):
    """The secret key that a person has given to a browser as the password of its access key."""
    kind, _, credentials = request.headers.get("authorization", "").partition(" ")
    try:
        user_and_password = base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        return None
    return user_and_password.partition(":")[2] if kind == "Basic" else None


def grafana(request):
    """The project whose Grafana is asked, and where the API keeps its dashboards."""
    known.look()
    if not (named := GRAFANA.fullmatch(request.headers.get("host", "").partition(":")[0])):
        raise Refusal(404, "no such Grafana")
    return named[1], f"/cockpit/v1/projects/{named[1]}/grafana"


async def manage_dashboards(request):
    _project, below = grafana(request)
    return await forwarded(request, below)


async def show_dashboard(request):
    """A page for people."""
    project, below = grafana(request)
    answer = await forwarded(request, below, f"/api/dashboards/uid/{request.path_params['uid']}")
    if answer.status_code == 401:
        return PlainTextResponse(
            "log in with an access key and its secret key\n", 401, {"WWW-Authenticate": 'Basic realm="Grafana"'}
        )
    if answer.status_code != 200:
        return answer
    sources = {
        f"{source['name']} - {source['region']}": source
        for source in known.sources.values()
        if (source["project"], source["kind"]) == (project, "metrics")
    }
    model = json.loads(answer.body)["dashboard"]
    page = await run_in_threadpool(Dashboard(model, sources, metrics.over_time, int(time.time())).page)
    return Response(page, media_type="text/html")


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
    Route("/prometheus/config/v1/rules{path:path}", manage_rules, methods=["GET", "POST", "DELETE"]),
    Route("/loki/api/v1/push", push_logs, methods=["POST"]),
    Route("/loki/api/v1/query_range", query_logs, methods=["GET", "POST"]),
    Route("/loki/api/v1/labels", list_labels),
    Route("/loki/api/v1/label/{name}/values", list_values),
    Route("/otlp/v1/traces", push_traces, methods=["POST"]),
    Route("/api/{path:path}", manage_dashboards, methods=["GET", "POST", "DELETE"]),
    Route("/d/{uid}", show_dashboard),
    Route("/d/{uid}/{slug}", show_dashboard),
]
application = Starlette(routes=ROUTES, exception_handlers={Refusal: refused, ValueError: malformed})

if __name__ == "__main__":
    threading.Thread(target=follow, daemon=True).start()
    tls = {"ssl_certfile": "/etc/cockpit/tls.pem", "ssl_keyfile": "/etc/cockpit/tls.key"}
    uvicorn.run(application, host="0.0.0.0", port=443, access_log=False, log_level="warning", **tls)
