"""What the tests of Serverless Containers run: it tells about itself, takes its time, and fails when it is told to."""

import json
import os
import socket
import struct
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

CRASH_EVERY = int(os.environ.get("CRASH_EVERY", 0))
taken = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        asked = urlsplit(self.path)
        options = dict(parse_qsl(asked.query))
        if asked.path == "/health" and "BROKEN" in os.environ:
            return self.tell({}, 500)
        if asked.path == "/slow":
            time.sleep(float(options["seconds"]))
        if asked.path == "/reach":
            self.expect_postgresql(options["host"])
        names = ("VERSION", "SHARED", "PLAIN", "SECRET")
        return self.tell({name: os.environ.get(name) for name in names} | {"host": socket.gethostname()})

    @staticmethod
    def expect_postgresql(host):
        """A server of PostgreSQL answers S when it is asked for TLS; something in between may well take the connection."""
        with socket.create_connection((host, 5432), timeout=3) as connection:
            connection.sendall(struct.pack("!II", 8, 80877103))
            assert connection.recv(1) == b"S"

    def do_POST(self):
        global taken
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        taken += 1
        if CRASH_EVERY and taken % CRASH_EVERY == 0:
            os._exit(1)
        if "COLLECTOR" in os.environ:
            urllib.request.urlopen(f"{os.environ['COLLECTOR']}{self.path}", data=body, timeout=10).read()
        self.tell({"taken": len(body)})

    def tell(self, answer, status=200):
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


Server(("", int(os.environ["PORT"])), Handler).serve_forever()
