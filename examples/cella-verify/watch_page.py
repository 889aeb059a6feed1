"""watch_page.py URL AUTHOR < password: seconds until a page that is open in Chromium shows what its author says elsewhere.

Opens the page as a visitor without account, signs AUTHOR in beside it, posts, and waits. The DevTools protocol tells what the page shows.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

from websockets.sync.client import connect

PATIENCE_SECONDS = 30


def main(url, author, password):
    with tempfile.TemporaryDirectory() as profile:
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
        ]
        browser = subprocess.Popen(["chromium-headless-shell", *options, "about:blank"], stderr=subprocess.DEVNULL)
        try:
            told = Path(profile) / "DevToolsActivePort"
            until(lambda: told.exists() and told.read_text().count("\n"), "Chromium to start")
            with connect(page_of(int(told.read_text().splitlines()[0])), max_size=None) as devtools:
                print(json.dumps(watch(Page(devtools), url, author, password)))
        finally:
            browser.terminate()
            browser.wait(10)


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

    def text(self, selector):
        script = f"document.querySelector({json.dumps(selector)})?.textContent ?? ''"
        return self.call("Runtime.evaluate", expression=script)["result"].get("value", "")


def watch(page, url, author, password):
    opened = page.call("Page.navigate", url=url)
    if opened.get("errorText"):
        sys.exit(f"{url}: {opened['errorText']}")
    until(lambda: page.text("#live") == "live", "the page to be live")
    cookie = sign_in(url, author, password)
    text = f"seen by all {uuid.uuid4()}"
    began = time.monotonic()
    post(f"{url}/api/posts", {"text": text}, cookie)
    until(lambda: text in page.text("#posts"), "the page to show what was posted")
    return {"seconds": round(time.monotonic() - began, 3), "text": text}


def sign_in(url, author, password):
    return post(f"{url}/api/sessions", {"name": author, "password": password}).headers["Set-Cookie"].partition(";")[0]


def post(url, body, cookie=""):
    return urllib.request.urlopen(
        urllib.request.Request(url, json.dumps(body).encode(), {"Cookie": cookie}), timeout=PATIENCE_SECONDS
    )


def until(true, what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > deadline:
            sys.exit(f"waited {PATIENCE_SECONDS} s in vain for {what}")
        time.sleep(0.02)


main(sys.argv[1].rstrip("/"), sys.argv[2], sys.stdin.readline().strip())
