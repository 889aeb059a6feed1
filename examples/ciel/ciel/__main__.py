"""APP_MODE=api | worker | serverless-worker python3 -m ciel [migrate | check]"""

import os
import sys
import urllib.error
import urllib.request

from . import heartbeat, log, settings


def serve():
    mode = settings.mode()
    if mode == "worker":
        import asyncio  # here, since a check is a process of its own every few seconds

        from . import worker

        asyncio.run(worker.main(settings.read(mode)))
    elif mode == "serverless-worker":
        from . import trigger

        trigger.serve(settings.read(mode))
    else:
        from . import api

        api.serve(settings.read(mode))


def migrate():
    from . import database

    database.migrate(settings.read("migrate"))


def check():
    if settings.mode() == "worker":
        if not heartbeat.is_alive():
            sys.exit("the worker's loop does not run")
        return
    _, port = settings.http_address()
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=4)
    except (urllib.error.URLError, TimeoutError) as error:
        sys.exit(str(error))


COMMANDS = {"": serve, "migrate": migrate, "check": check}


def main():
    command = COMMANDS.get(" ".join(sys.argv[1:]))
    if command is None:
        sys.exit(f"usage: {__doc__}")
    log.configure(os.environ.get("RUST_LOG") or "info")
    try:
        command()
    except settings.SettingError as error:
        sys.exit(f"ciel: {error}")


main()
