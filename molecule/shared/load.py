"""Clients, two for each name, that ask sites without a pause, until told to stop; then what they saw, as JSON on standard output.

    load.py ADDRESS CA STOPFILE NAME...

Reads go through connections that are kept, as browsers do it; where the server has closed one between two requests, the read is
made again on a new one, as HTTP asks of clients. Writes use a connection each and are made once. Whatever is not answered
with 2xx is a failure. A handshake that the server refused because it had no certificate is tried once more, and counted.
"""

import collections
import http.client
import json
import socket
import ssl
import sys
import threading
import time
from pathlib import Path


class Client(threading.Thread):
    def __init__(self, address, name, ca, stop):
        super().__init__()
        self.address, self.name_, self.stop = address, name, stop
        self.tls = ssl.create_default_context(cafile=ca)
        self.seen, self.failures, self.refused = collections.Counter(), [], 0

    def connect(self):
        connection = http.client.HTTPConnection(self.name_, timeout=60)
        try:
            connection.sock = self.shake_hands()
        except ssl.SSLError as error:
            if error.reason != "TLSV1_ALERT_INTERNAL_ERROR":
                raise
            self.refused += 1
            time.sleep(0.5)  # its certificates are back within milliseconds, which are more on a busy machine
            connection.sock = self.shake_hands()
        return connection

    def shake_hands(self):
        return self.tls.wrap_socket(
            socket.create_connection((self.address, 443), timeout=60), server_hostname=self.name_
        )

    def run(self):
        kept = None
        while not self.stop.exists():
            for method in "GET", "POST":
                connection = None
                try:
                    connection = kept if kept and method == "GET" else self.connect()
                    body = self.ask(connection, method)
                except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError) as error:
                    if kept and connection is kept:
                        kept = None
                        continue
                    self.failures.append(f"{time.time():.2f} {method} {type(error).__name__}: {error}")
                except (OSError, http.client.HTTPException) as error:
                    self.failures.append(f"{time.time():.2f} {method} {type(error).__name__}: {error}")
                else:
                    self.seen[body] += 1
                    if method == "GET":
                        kept = connection if connection.sock else None  # the server may have said that it closes
                if connection and connection is not kept:
                    connection.close()
            time.sleep(0.15)  # what is changed meanwhile needs the processor, too

    def ask(self, connection, method):
        connection.request(method, "/", body=b"x" * 1000 if method == "POST" else None)
        answer = connection.getresponse()
        body = answer.read().decode()
        if not 200 <= answer.status < 300:
            self.failures.append(f"{time.time():.2f} {method} {answer.status}: {body[:200]}")
        return body


def main(address, ca, stopfile, *names):
    stop = Path(stopfile)
    running = [Client(address, name, ca, stop) for name in names for _ in range(2)]
    for client in running:
        client.start()
    for client in running:
        client.join()
    seen = sum((client.seen for client in running), collections.Counter())
    failures = [failure for client in running for failure in client.failures]
    print(json.dumps({"seen": seen, "failures": failures, "refused": sum(client.refused for client in running)}))


main(*sys.argv[1:])
