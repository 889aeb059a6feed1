"""watch_page.py URL API AUTHOR < password: seconds until a page that is open in Chromium shows what its author says elsewhere.

Opens the page as a visitor without account, signs AUTHOR in beside it, posts, and waits. The DevTools protocol tells what the page shows.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

from websockets.sync.client import connect

PATIENCE_SECONDS = 30


def main(url, api, author, password):
    with browser() as page:
        print(json.dumps(watch(page, url, api, author, password)))


@contextlib.contextmanager
def browser():
    """A Page of a Chromium of its own."""
    with tempfile.TemporaryDirectory() as profile:
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
        ]
        process = subprocess.Popen(["chromium-headless-shell", *options, "about:blank"], stderr=subprocess.DEVNULL)
        try:
            told = Path(profile) / "DevToolsActivePort"
            until(lambda: told.exists() and told.read_text().count("\n"), "Chromium to start")
            with connect(page_of(int(told.read_text().splitlines()[0])), max_size=None) as devtools:
                yield Page(devtools)
        finally:
            process.terminate()
            process.wait(10)


def page_of(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
        return next(target["webSocketDebuggerUrl"] for target in json.load(answer) if target["type"] == "page")


class Page:
    def __init__(self, devtools):
        self.devtools, self.number = devtools, 0

    def call(self, method, **parameters):
        self.number += 1
        self.devtools.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.devtools.recv(timeout=PATIENCE_SECONDS))
            if answer.get("id") == self.number:
                return answer["result"]

    def open(self, url):
        """Returns once it is told of changes."""
        opened = self.call("Page.navigate", url=url)
        if opened.get("errorText"):
            sys.exit(f"{url}: {opened['errorText']}")
        until(lambda: self.text("#live") == "live", "the page to be live")

    def text(self, selector):
        return self.value(f"document.querySelector({json.dumps(selector)})?.textContent ?? ''")

    def value(self, script):
        return self.call("Runtime.evaluate", expression=script)["result"].get("value", "")


def watch(page, url, api, author, password):
    page.open(url)
    cookie = sign_in(url, author, password)
    text = f"seen by all {uuid.uuid4()}"
    began = time.monotonic()
    post(f"{url}/api/posts", {"text": text}, cookie)
    try:
        until(lambda: text in page.text("#posts"), "the page to show what was posted")
    except SystemExit as in_vain:
        sys.exit(f"{in_vain}. The page: {page.text('#live')}. The CDC worker: {answer_of(f'{api}/cdc/health')}")
    return {"seconds": round(time.monotonic() - began, 3), "text": text}


def sign_in(url, author, password):
    return post(f"{url}/api/sessions", {"name": author, "password": password}).headers["Set-Cookie"].partition(";")[0]


def post(url, body, cookie=""):
    return urllib.request.urlopen(
        urllib.request.Request(url, json.dumps(body).encode(), {"Cookie": cookie}), timeout=PATIENCE_SECONDS
    )


def answer_of(url):
    """What a URL answers, or why it does not."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as refusal:  # a worker that is not well says why
        return refusal.read().decode()
    except OSError as error:
        return str(error)


def until(true, what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > deadline:
            sys.exit(f"waited {PATIENCE_SECONDS} s in vain for {what}")
        time.sleep(0.02)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3], sys.stdin.readline().strip())
