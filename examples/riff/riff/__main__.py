"""python3 -m riff web | worker | migrate | check web | check worker"""

import sys
import urllib.error
import urllib.request

from . import heartbeat, log
from .settings import MissingSetting, Settings


def web():
    from . import web

    web.serve(Settings.from_environment())


def worker():
    import asyncio  # here, since a check is a process of its own every few seconds

    from . import worker

    asyncio.run(worker.main(Settings.from_environment()))


def migrate():
    from . import database

    database.migrate(Settings.from_environment())


def check_web():
    try:
        urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=4)
    except (urllib.error.URLError, TimeoutError) as error:
        sys.exit(str(error))


def check_worker():
    if not heartbeat.is_alive():
        sys.exit("the worker's loop does not run")


COMMANDS = {
    "web": web,
    "worker": worker,
    "migrate": migrate,
    "check web": check_web,
    "check worker": check_worker,
}


def main():
    command = COMMANDS.get(" ".join(sys.argv[1:]))
    if command is None:
        sys.exit(f"usage: {__doc__}")
    log.configure()
    try:
        command()
    except MissingSetting as error:
        sys.exit(f"riff: {error}")


main()
