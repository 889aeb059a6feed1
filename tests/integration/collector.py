"""Where a container tells what it was sent."""

from __future__ import annotations

import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Collector:
    """A server at `url` that keeps the bodies it is sent, with their paths."""

    def __init__(self, address: str):
        self.got: queue.SimpleQueue = queue.SimpleQueue()
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                got.put((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.url = f"http://{address}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def all_of(self, expected: dict[str, str], seconds: float) -> float:
        """How long it takes until all of {body: path} are there."""
        began, missing = time.monotonic(), dict(expected)
        while missing:
            try:
                path, body = self.got.get(timeout=max(began + seconds - time.monotonic(), 0.01))
            except queue.Empty:
                raise AssertionError(f"not within {seconds} s: {missing}") from None
            if missing.get(body) == path:
                del missing[body]
        return time.monotonic() - began
