"""The least that the role expects of an application: health, a drain on SIGTERM, and migrations."""

import json
import os
import signal
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

draining = threading.Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, seconds = self.path.partition("?after=")
        time.sleep(float(seconds or 0))  # for tests of what happens while an answer is awaited
        self.answer(503 if path == "/health" and draining.is_set() else 200)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(0.05)
        self.answer(200)

    def answer(self, status):
        asked = {name: self.headers[name] for name in ("Host", "X-Auth-Token", "X-Literal") if name in self.headers}
        body = json.dumps(
            {"version": os.environ["APP_VERSION"], "greeting": os.environ["GREETING"], "asked": asked}
        ).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if draining.is_set():
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def web():
    if os.environ["GREETING"] == "no start":
        sys.exit("this release does not start")
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8000"))), Handler)

    def stop(*_):
        draining.set()
        threading.Timer(5, server.shutdown).start()  # by then, nobody has asked for a while: see /health

    signal.signal(signal.SIGTERM, stop)
    server.serve_forever()


def worker():
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    stop.wait()


def migrate():
    if os.environ["GREETING"] == "no migration":
        sys.exit("this migration fails")


def check():
    urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=3)


{"web": web, "worker": worker, "migrate": migrate, "check": check}[sys.argv[1]]()
