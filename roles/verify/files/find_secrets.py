"""Where on this host secrets can be seen that should not be: run as root, {name: secret} as JSON on standard input.

Prints a JSON list of sentences, which name the secret and the place: a file that everybody may read, the command line or
environment of a process as everybody sees it, the description of a container (without its own environment) or of an image.
"""

import json
import os
import subprocess
import sys
import urllib.parse
from pathlib import Path

NOBODY = 65534
CHUNK = 4 * 1024 * 1024
NO_FILES = {Path("/proc"), Path("/sys"), Path("/dev")}


class Secrets:
    def __init__(self, secrets: dict[str, str]):
        self.forms = {
            form.encode(): name
            for name, secret in secrets.items()
            for form in (secret, urllib.parse.quote(secret, safe=""))
        }
        self.overlap = max(map(len, self.forms)) - 1

    def names_in(self, content: bytes) -> set[str]:
        return {name for form, name in self.forms.items() if form in content}

    def names_in_file(self, path: Path) -> set[str]:
        names, tail = set(), b""
        try:
            with path.open("rb", buffering=0) as file:
                while chunk := file.read(CHUNK):
                    names |= self.names_in(tail + chunk)
                    tail = chunk[-self.overlap :]
        except OSError:
            return names  # not readable, or gone
        return names


def files():
    for place, folders, names in os.walk("/"):
        folder = Path(place)
        folders[:] = [name for name in folders if folder / name not in NO_FILES]
        yield from (file for name in names if (file := folder / name).is_file() and not file.is_symlink())


def seen_by_everybody(secrets: Secrets) -> list[str]:
    findings = [
        f"{name} is in {path}, which everybody may read" for path in files() for name in secrets.names_in_file(path)
    ]
    for process in Path("/proc").glob("[0-9]*"):
        for what in ("cmdline", "environ"):
            findings += [f"{name} is in {process}/{what}" for name in secrets.names_in_file(process / what)]
    return findings


def as_nobody(function, *arguments):
    """What a function returns when nobody calls it: in a process of its own, without this one's rights."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        with os.fdopen(send, "w") as pipe:
            json.dump(function(*arguments), pipe)
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as pipe:
        answer = pipe.read()
    if os.waitpid(child, 0)[1]:
        sys.exit("the search did not end well")
    return json.loads(answer)


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout


def described_by_docker(secrets: Secrets) -> list[str]:
    findings = []
    for kind, ids in (("container", docker("ps", "-aq")), ("image", docker("image", "ls", "-q"))):
        for description in json.loads(docker(kind, "inspect", *set(ids.split()))) if ids else []:
            if kind == "container":
                description["Config"].pop("Env")
            title = description.get("Name") or description.get("RepoTags") or description["Id"]
            findings += [
                f"{name} is in the description of {kind} {title}"
                for name in secrets.names_in(json.dumps(description).encode())
            ]
    return findings


def main():
    secrets = Secrets(json.load(sys.stdin))
    print(json.dumps(as_nobody(seen_by_everybody, secrets) + described_by_docker(secrets)))


main()
