"""Clients that ask without a pause: whether a request fails, and who answers."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter

PATHS = ("/kept", "/kept", "/once", "/once", "/slow")


class Load:
    """Clients on connections that are kept open, on such that are not, and one whose requests take long.

    `with Load(address) as load`: `load.seen` counts the answers by status and first word, `load.faults` lists what went wrong.
    """

    def __init__(self, address: str, port: int = 80):
        self.address, self.port = address, port
        self.seen: Counter[tuple[int, str]] = Counter()
        self.faults: list[str] = []
        self._ending = threading.Event()
        self._clients = [threading.Thread(target=self._ask, args=[path]) for path in PATHS]

    def __enter__(self):
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        for client in self._clients:
            client.join()

    def _ask(self, path):
        connection = http.client.HTTPConnection(self.address, self.port, timeout=30)
        while not self._ending.is_set():
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                words = answer.read().decode().split()
                self.seen[answer.status, words[0] if words else ""] += 1
                if answer.status != 200:
                    self.faults.append(f"{time.strftime('%X')} {path}: {answer.status}")
                if path == "/once" or answer.getheader("Connection") == "close":
                    connection.close()
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(f"{time.strftime('%X')} {path}: {error!r}")
                connection.close()
            time.sleep(0.1)  # what is changed meanwhile needs the processor, too

    def servers(self) -> set[str]:
        """The first words of all answers."""
        return {word for _, word in self.seen}


VISITORS = """
import json, os, ssl, sys, threading, time, urllib.request
answered, failed = [], []
trust = ssl.create_default_context()  # once: to read the authorities takes longer than a request

def ask():
    while not os.path.exists(sys.argv[2]):
        try:
            with urllib.request.urlopen(sys.argv[1], timeout=60, context=trust) as answer:
                answered.append(json.load(answer)["version"])
        except OSError as error:
            failed.append(repr(error))
        time.sleep(0.2)  # what is changed meanwhile needs the processor, too

threads = [threading.Thread(target=ask) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps({"answered": len(answered), "versions": sorted(set(answered)), "failed": failed}))
"""
"""A script for a computer outside of the account: asks a URL whose answers tell a version, until a file is there."""
