"""How the worker shows that its loop runs."""

import time
from pathlib import Path

FILE = Path("/tmp/ciel-worker")
LONGEST_SECONDS = 120  # a wait for messages, and a large picture over a slow line


def beat():
    FILE.touch()


def is_alive():
    return FILE.exists() and time.time() - FILE.stat().st_mtime < LONGEST_SECONDS
