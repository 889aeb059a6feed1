"""A Scaleway API at the HTTP level that answers what a test scripts, for tests of the client and the reconciler."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.stackway.scaleway.plugins.module_utils.client import Client
from ansible_collections.stackway.scaleway.plugins.module_utils.credentials import Credentials


@dataclass
class FakeApi:
    """VPCs in a dict, as the simplest product that there is; `script` answers the next requests instead."""

    records: dict[str, dict] = field(default_factory=dict)
    requests: list[tuple[str, str, dict]] = field(default_factory=list)
    script: list = field(default_factory=list)  # (status, body) or "drop"; a callable is asked when its turn comes
    url: str = ""
    created: int = 0
    connections: int = 0

    def answer(self, method: str, path: str, body: dict):
        self.requests.append((method, path, body))
        if self.script:
            step = self.script.pop(0)
            if step is not None:
                return step() if callable(step) else step
        return self.handle(method, path, body)

    def handle(self, method: str, path: str, body: dict):
        path, _mark, query = path.partition("?")
        record_id = re.search(r"/vpcs/([^/]+)$", path)
        if record_id is None:
            if method == "POST":
                return 200, self.add(**body)
            page = int(dict(pair.split("=") for pair in query.split("&")).get("page", 1))
            return 200, {
                "vpcs": list(self.records.values())[(page - 1) * 100 : page * 100],
                "total_count": len(self.records),
            }
        record = self.records.get(record_id[1])
        if record is None:
            return 404, {
                "type": "not_found",
                "resource": "vpc",
                "resource_id": record_id[1],
                "message": "resource is not found",
            }
        if method == "PATCH":
            record |= body
        if method == "DELETE":
            del self.records[record_id[1]]
            return 204, None
        return 200, record

    def add(self, **fields) -> dict:
        self.created += 1
        record = {"id": f"00000000-0000-0000-0000-{self.created:012}", "tags": [], "enable_routing": True} | fields
        self.records[record["id"]] = record
        return record

    def writes(self) -> list[str]:
        return [method for method, _path, _body in self.requests if method != "GET"]


@pytest.fixture
def api(monkeypatch):
    """A FakeApi that listens, with no wait between retries."""
    fake = FakeApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self):
            fake.connections += 1
            super().setup()

        def handle_any(self):
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            step = fake.answer(self.command, self.path, json.loads(content or b"{}"))
            if step == "drop":
                self.close_connection = True
                self.connection.close()
                return
            status, body = step
            payload = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr("ansible_collections.stackway.scaleway.plugins.module_utils.client.FIRST_DELAY", 0.01)
    yield fake
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(api):
    return Client(
        Credentials(
            access_key="SCWXXXXXXXXXXXXXXXXX",
            secret_key="11111111-1111-1111-1111-111111111111",
            project_id="22222222-2222-2222-2222-222222222222",
            region="fr-par",
            zone="fr-par-1",
            api_url=api.url,
        ),
        timeout=5,
    )
