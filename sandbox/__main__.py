"""python -m sandbox: start, stop and look into the local Scaleway."""

import argparse
import fcntl
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import docker
import requests

from .machines import Machines
from .settings import Settings

START_SECONDS = 900  # the first start builds images
STOP_SECONDS = 60
COMMANDS: dict[str, tuple[Callable, Callable]] = {}


def command(function: Callable, *, arguments: Callable = lambda parser: None) -> Callable:
    """Make `function(settings, options)` the subcommand of its name; its docstring is the help."""
    COMMANDS[function.__name__.rstrip("_")] = function, arguments
    return function


def takes(*arguments) -> Callable:
    """Decorate a subcommand that takes arguments: each is `(name, {options of add_argument})`."""

    def declare(parser):
        for name, options in arguments:
            parser.add_argument(name, **options)

    return lambda function: command(function, arguments=declare)


# Life ---------------------------------------------------------------------------------------------------------------


@takes(("--api-only", {"action": "store_true", "help": "answer the API without starting any machine"}))
def up(settings: Settings, options):
    """start the sandbox and wait until it answers; nothing to do if it runs"""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with settings.starting.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not settings.ssh_key.exists():
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", settings.ssh_key], check=True
            )
        if running(settings) is None:
            start(settings)
        await_answer(settings)
        if not settings.api_only and not settings.base_image.exists():
            from .machines.engine import Engine

            Engine(settings).save("debian", settings.base_image)
    print(f"The sandbox {settings.name} answers at {settings.api_url}; its credentials: {settings.config}")


def start(settings: Settings):
    command = [sys.executable, "-m", "sandbox", "serve", *(["--api-only"] if settings.api_only else [])]
    environment = os.environ | {
        f"SANDBOX_{name.upper()}": str(getattr(settings, name)) for name in settings.variables()
    }
    with os.fdopen(os.open(settings.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
        process = subprocess.Popen(
            command, cwd=Path(__file__).parent.parent, env=environment,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    settings.pidfile.write_text(str(process.pid))


def await_answer(settings: Settings):
    deadline = time.monotonic() + START_SECONDS
    while not answers(settings):
        time.sleep(0.1)  # before the look at the process, too: one that has just begun has no command line yet
        if running(settings) is None or time.monotonic() > deadline:
            last = settings.log.read_text(errors="replace").splitlines()[-15:]
            sys.exit("\n".join(["The sandbox did not start:", *last]))


@command
def down(settings: Settings, options):
    """stop the sandbox and its machines; everything is kept"""
    if (pid := running(settings)) is None:
        if settings.pidfile.exists() and docker_answers():  # it was killed, and its machines were not
            Machines(settings).instances.stop_all()
        settings.pidfile.unlink(missing_ok=True)
        print(f"The sandbox {settings.name} does not run")
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while running(settings) is not None:
        if time.monotonic() > deadline:
            sys.exit(f"The sandbox (process {pid}) does not end; see {settings.log}")
        time.sleep(0.1)
    settings.pidfile.unlink(missing_ok=True)
    print(f"Stopped {settings.name}")


@command
def reset(settings: Settings, options):
    """stop the sandbox and delete everything it ever made"""
    if settings.home.exists() and not settings.starting.exists():
        sys.exit(f"{settings.home} is not the home of a sandbox")
    down(settings, options)
    if docker_answers():
        Machines(settings).instances.remove_all()
    if settings.home.exists():
        try:
            shutil.rmtree(settings.home)
        except PermissionError:  # some folders are those of users in machines
            from .machines.engine import privileged

            privileged("rm", "--recursive", "--force", "--", str(settings.home))


@takes(("--api-only", {"action": "store_true"}))
def serve(settings: Settings, options):
    """run in the foreground (what `up` starts)"""
    from .server import serve as run

    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    run(settings)


def running(settings: Settings) -> int | None:
    """The process of this sandbox, if it lives."""
    try:
        pid = int(settings.pidfile.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    # A pid is used again after a restart of the machine: believe it only if that process is this sandbox.
    ours = b"sandbox" in command and f"SANDBOX_HOME={settings.home}".encode() in environment
    return pid if ours else None


def docker_answers() -> bool:
    try:
        return docker.from_env(timeout=10).ping()
    except docker.errors.DockerException:
        return False


def answers(settings: Settings) -> bool:
    try:
        return ask(settings, "GET", "/status")["pid"] == running(settings)  # not another sandbox at the same port
    except requests.RequestException:
        return False


# Looking in ---------------------------------------------------------------------------------------------------------


@command
def status(settings: Settings, options):
    """what runs and what exists"""
    pid = running(settings)
    if pid is None:
        sys.exit(f"The sandbox {settings.name} does not run")
    show({"pid": pid, "api_url": settings.api_url, "home": str(settings.home)} | ask(settings, "GET", "/status"))


@takes(("-n", {"type": int, "default": 50, "help": "lines"}))
def logs(settings: Settings, options):
    """the end of the log"""
    print("\n".join(settings.log.read_text(errors="replace").splitlines()[-options.n :]))


@command
def env(settings: Settings, options):
    """print exports for a shell: eval "$(python -m sandbox env)" """
    import yaml

    profile = yaml.safe_load(settings.config.read_text())
    names = (
        "access_key",
        "secret_key",
        "default_organization_id",
        "default_project_id",
        "default_region",
        "default_zone",
    )
    values = {f"SCW_{name.upper()}": profile[name] for name in names}
    values |= {"SCW_API_URL": profile["api_url"], "AWS_ENDPOINT_URL_S3": profile["s3_endpoint"]}
    values |= {"AWS_ENDPOINT_URL_ROUTE_53": settings.route53_url}
    print("\n".join(f"export {name}={value}" for name, value in values.items()))


@takes(
    ("--to", {"help": "only what this address got"}),
    ("--json", {"action": "store_true", "help": "everything, headers and attachments included"}),
    ("--clear", {"action": "store_true", "help": "forget all mail"}),
)
def mail(settings: Settings, options):
    """read the mail that was sent through Transactional Email"""
    if options.clear:
        ask(settings, "DELETE", "/mail")
        return
    found = ask(settings, "GET", f"/mail?to={quote(options.to)}" if options.to else "/mail")["mail"]
    if options.json:
        show(found)
        return
    for message in found:
        print(f"{message['received_at']}  {message['sender']} -> {', '.join(message['recipients'])}")
        print(f"Subject: {message['subject']}\n\n{message['text'] or message['html']}")


# Tests --------------------------------------------------------------------------------------------------------------


@takes(
    ("kind", {"nargs": "?", "help": "429, 500, 503, 409, reset, lost or slow; nothing: list those in force"}),
    ("--method", {"default": "*"}),
    ("--path", {"default": "*", "help": "shell pattern"}),
    ("--rate", {"type": float, "default": 1.0, "help": "share of the calls"}),
    ("--count", {"type": int, "help": "how often at most"}),
    ("--ms", {"type": int, "default": 0, "help": "milliseconds before the answer"}),
    ("--clear", {"action": "store_true", "help": "no more faults"}),
)
def fault(settings: Settings, options):
    """inject faults into the answers of the API"""
    if options.clear:
        ask(settings, "DELETE", "/faults")
    elif options.kind:
        fields = {name: getattr(options, name) for name in ("kind", "method", "path", "rate", "count", "ms")}
        show(ask(settings, "POST", "/faults", fields))
    else:
        show(ask(settings, "GET", "/faults"))


@takes(("what", {"help": "id of a resource, or a kind such as rdb.instance"}))
def freeze(settings: Settings, options):
    """keep resources in the transient status they get into"""
    ask(settings, "POST", f"/freeze/{options.what}")


@takes(("what", {"nargs": "?", "help": "nothing: all"}))
def thaw(settings: Settings, options):
    """let frozen resources go on"""
    ask(settings, "DELETE", f"/freeze/{options.what}" if options.what else "/freeze")


@takes(("-n", {"type": int, "default": 20}), ("--clear", {"action": "store_true"}))
def requests_(settings: Settings, options):
    """the last calls to the API, and how many there were"""
    if options.clear:
        ask(settings, "DELETE", "/requests")
        return
    found = ask(settings, "GET", f"/requests?n={options.n}")
    for call in found["requests"]:
        print(f"{call['status']} {call['ms']:>8} ms  {call['method']:<6} {call['path']}")
    print(f"{found['total_count']} calls")


def ask(settings: Settings, method: str, path: str, body: dict | None = None) -> dict:
    """Call the admin API of the running sandbox."""
    session = requests.Session()
    session.trust_env = False  # a proxy has no part in this
    answer = session.request(method, f"{settings.api_url}/_sandbox{path}", json=body, timeout=30)
    if answer.status_code >= 400:
        sys.exit(answer.text)
    return answer.json() if answer.content else {}


def show(found: dict):
    print(json.dumps(found, indent=2))


def main():
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A local Scaleway.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (function, arguments) in COMMANDS.items():
        arguments(subparsers.add_parser(name, help=function.__doc__))
    options = parser.parse_args()
    settings = Settings.from_env(api_only=getattr(options, "api_only", False))
    COMMANDS[options.command][0](settings, options)


if __name__ == "__main__":
    main()
