"""Role app_compose with an application from a private repository, and from a private registry as a server pulls from it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

BASE = "stackway-sandbox/debian"
DOCKERFILE = 'ARG BASE_IMAGE\nFROM $BASE_IMAGE\nCOPY version /version\nCMD ["sleep", "infinity"]\n'
GIT = """\
#!/bin/sh
# What everybody on this machine sees while git runs.
echo "git $*" >> {log}
cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' >> {log}
exec {git} "$@"
"""
ROLE = "stackway.scaleway.app_compose"
EVERYTHING = "docker ps --all --no-trunc --quiet; docker images --quiet; find /srv"
LOGIN = {"username": "robot", "password": "s/ecret?#%&"}


def command(*words, **options):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


class Repository:
    """A repository behind HTTP that lets nobody but `LOGIN` in, and notes what is asked for."""

    def __init__(self, folder):
        self.folder, self.asked = folder, asked = folder, []
        expected = base64.b64encode("{username}:{password}".format(**LOGIN).encode()).decode()

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self):
                if self.headers["Authorization"] != f"Basic {expected}":
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="private"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                asked.append(urlsplit(self.path).path)
                super().do_GET()

            def log_message(self, *arguments):
                pass

        self.git("init", "--quiet", "--initial-branch", "main")
        serve = partial(Handler, directory=folder / ".git")
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), serve)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def git(self, *arguments):
        who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        return command("git", "-C", self.folder, *who, *arguments)

    def commit(self, version, *tag):
        (self.folder / "app").mkdir(exist_ok=True)
        (self.folder / "app/Dockerfile").write_text(DOCKERFILE)
        (self.folder / "app/version").write_text(version)
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", version)
        for name in tag:
            self.git("tag", "--annotate", "--message", name, name)
        self.git("update-server-info")
        return self.git("rev-parse", "HEAD")


class Host:
    """A server with Docker, on which the role runs."""

    def __init__(self, sandbox, folder):
        self.sandbox, self.folder, self.key = sandbox, folder, str(sandbox.home / "id_ed25519")
        self.secrets = []  # which nothing may print
        prepared = {
            "ca_certs": {"trusted": [(sandbox.home / "ca.pem").read_text()]},
            "packages": ["docker-buildx", "python3-requests"],
        }
        server = {"commercial_type": "PLAY2-PICO", "image": "docker", "public_ips": ["sources"]}
        public_key = (sandbox.home / "id_ed25519.pub").read_text().strip()
        made = [
            ("iam_ssh_key", {"name": "sources", "public_key": public_key}),
            ("instance_ip", {"name": "sources"}),
            ("instance_server", server | {"name": "sources", "cloud_init": f"#cloud-config\n{json.dumps(prepared)}\n"}),
        ]
        self.made = [(module, options["name"]) for module, options in made]
        self.address = [self.task(module, **options) for module, options in made][-1]["server"]["public_ip"]["address"]

    def task(self, module, **options):
        result = self.sandbox.task(module, options)
        assert not result.get("failed"), result.get("msg")
        return result

    def play(self, *arguments, **play):
        """{task: result}"""
        variables = {"app_compose_name": "web", "app_compose_services": [{"name": "it"}]} | play.pop("vars", {})
        (self.folder / "site.yml").write_text(json.dumps([
            {"hosts": "sources", "gather_facts": False, "vars": variables} | play
        ]))  # fmt: skip
        login = {
            "ansible_host": self.address,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": self.key,
            "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
        }
        (self.folder / "hosts.json").write_text(json.dumps({"all": {"hosts": {"sources": login}}}))
        where = [str(self.folder / "site.yml"), "-i", str(self.folder / "hosts.json")]
        python = {"ansible_python_interpreter": "/usr/bin/python3"}  # on both sides
        results = self.sandbox.playbook(*where, *arguments, extra=python)
        assert not [secret for secret in self.secrets if secret in json.dumps(results)]
        return results

    def run(self, *arguments, **variables):
        """Names of what the role changed."""
        results = self.play(*arguments, roles=[{"role": ROLE}], vars=variables)
        assert not [result["msg"] for result in results.values() if result.get("failed")]
        return [name.rpartition(" : ")[2] for name, result in results.items() if result.get("changed")]

    def refusals(self, *wrong):
        """What the role says to each of these variables, having changed nothing."""
        before = self.sh(EVERYTHING)
        role = {"name": "run", "ansible.builtin.include_role": {"name": ROLE}}
        results = self.play(tasks=[
            {
                "block": [role | {"vars": variables}],
                "rescue": [{"name": f"said {number}", "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}],
            }
            for number, variables in enumerate(wrong)
        ])  # fmt: skip
        assert self.sh(EVERYTHING) == before
        return [results[f"said {number}"]["msg"] for number in range(len(wrong))]

    def running(self):
        """(version as the role names it, the file in the image)"""
        version = json.loads(self.sh("cat /srv/web/releases.json"))[0]["version"]
        return version, self.sh("docker exec web-it-1 cat /version")

    def sh(self, script):
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"]
        words = ["ssh", "-n", "-i", self.key, *(word for option in options for word in ("-o", option))]
        return command(*words, f"root@{self.address}", script)

    def holds(self, secret):
        """The files on the server that have it in them."""
        return self.sh(
            f"grep --recursive --files-with-matches --fixed-strings '{secret}' /root /srv /tmp /var/tmp /etc || true"
        )

    def remove(self):
        for module, name in reversed(self.made):
            self.task(module, name=name, state="absent")


class Registry:
    """Two namespaces, into which this host pushes: one for everybody, one for those with a login."""

    def __init__(self, host, folder):
        self.host, self.folder = host, folder
        endpoints = [
            host.task("registry_namespace", name=f"sources-{name}", is_public=name == "open")["namespace"]["endpoint"]
            for name in ("open", "closed")
        ]
        self.open, self.closed = endpoints
        self.docker = ("docker", "--config", folder)
        secret = host.sandbox.profile["secret_key"]
        command(
            *self.docker, "login", self.open.split("/")[0], "--username", "nologin", "--password-stdin", input=secret
        )
        self.names = []
        host.task("iam_application", name="sources")
        rules = [
            {
                "permission_set_names": ["ContainerRegistryReadOnly"],
                "project_ids": [host.sandbox.profile["default_project_id"]],
            }
        ]
        host.task("iam_policy", name="sources", application_id="sources", rules=rules)
        key = host.sandbox.play([{"name": "key", "no_log": False, "stackway.scaleway.iam_api_key": {
            "application_id": "sources", "description": "sources", "reveal": True}}])["key"]["api_key"]  # fmt: skip
        self.login = {"username": "nologin", "password": key["secret_key"]}
        host.secrets += [LOGIN["password"], self.login["password"]]

    def push(self, name):
        command(*self.docker, "push", "--quiet", name)
        self.names.append(name)

    def share(self, image, name):
        command("docker", "tag", image, f"{self.open}/{name}")
        self.push(f"{self.open}/{name}")

    def build(self, version, tag):
        """Push an image that holds a version; its digest."""
        context = self.folder / version
        context.mkdir(exist_ok=True)
        (context / "Dockerfile").write_text(DOCKERFILE)
        (context / "version").write_text(version)
        command(
            "docker",
            "build",
            "--quiet",
            "--build-arg",
            f"BASE_IMAGE={BASE}",
            "--tag",
            f"{self.closed}/app:{tag}",
            context,
        )
        self.push(f"{self.closed}/app:{tag}")
        images = self.host.task("registry_image_info", namespace_id="sources-closed")["images"]
        return images[0]["digests"][tag]

    def remove(self):
        command("docker", "image", "rm", *set(self.names))
        for name in ("open", "closed"):
            self.host.task("registry_namespace", name=f"sources-{name}", state="absent")
        self.host.task("iam_policy", name="sources", state="absent")
        self.host.task("iam_application", name="sources", state="absent")


@pytest.fixture(scope="module")
def host(sandbox, tmp_path_factory):
    host = Host(sandbox, tmp_path_factory.mktemp("sources"))
    yield host
    host.remove()


@pytest.fixture(scope="module")
def registry(host, tmp_path_factory):
    registry = Registry(host, tmp_path_factory.mktemp("docker"))
    registry.share(BASE, "debian:13")
    host.sh("cloud-init status --wait")
    yield registry
    registry.remove()


@pytest.fixture
def seen(monkeypatch, tmp_path):
    """What everybody saw of the processes while git ran."""
    log, tools, made = tmp_path / "seen", tmp_path / "bin", tmp_path / "made"
    tools.mkdir()
    made.mkdir()
    (tools / "git").write_text(GIT.format(log=log, git=shutil.which("git")))
    (tools / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    monkeypatch.setenv("TMPDIR", str(made))
    yield lambda: log.read_text()
    assert list(made.iterdir()) == [], "nothing stays on the controller"


def test_an_application_comes_from_a_private_repository(host, registry, seen, tmp_path):
    (tmp_path / "repository").mkdir()
    repository = Repository(tmp_path / "repository")
    repository.commit("first", "v1")
    second = repository.commit("second")
    source = {"git": repository.url, "directory": "app"}
    base = {"app_compose_build_args": {"BASE_IMAGE": "rg.fr-par.scw.cloud/sources-open/debian:13"}}

    def variables(login=LOGIN, **parts):
        return base | {"app_compose_source": source | parts, "app_compose_repository": login}

    no_ref, no_commit, no_entry, no_secret, no_build = host.refusals(
        variables(ref="nowhere"),
        variables(ref="0" * 40),
        variables(login=LOGIN | {"password": "guessed"}),
        variables(git="https://user:word@127.0.0.1/app.git"),
        variables(directory="none"),
    )
    assert f"app_compose_source.ref: {repository.url} has no branch or tag nowhere" in no_ref
    assert "app_compose_source.ref: commit 00000" in no_commit
    assert f"app_compose_source.git: {repository.url} cannot be read from the controller, as robot" in no_entry
    assert "app_compose_source.git: the address has a login in it" in no_secret
    assert "app_compose_dockerfile: there is no Dockerfile in folder none" in no_build

    before = host.sh(EVERYTHING)
    predicted = host.run("--check", **variables())
    assert host.sh(EVERYTHING) == before
    assert predicted[:1] == ["Say what a run would do"] and "Note which release runs" in predicted
    assert "Build" in host.run(**variables())
    version, content = host.running()
    assert (version[:12], content) == (second[:12], "second")
    repository.asked.clear()
    assert host.run(**variables()) == []
    assert set(repository.asked) <= {"/info/refs", "/HEAD"}, "which commit it is, and no more"
    assert "Build" in host.run(**variables(ref="v1"))
    assert host.running()[1] == "first"
    repository.asked.clear()
    assert host.run(**variables(ref=second))[:1] != ["Build"], "it is still there"
    assert host.running() == (version, "second")
    assert repository.asked == []
    assert LOGIN["password"] not in seen() and seen().count("git ls-remote") >= 5
    assert host.holds(LOGIN["password"]) == ""


def test_an_application_comes_from_a_private_registry(host, registry):
    image = "rg.fr-par.scw.cloud/sources-closed/app"
    digest = registry.build("one", "1")

    def variables(reference, login=registry.login, **parts):
        return {"app_compose_source": {"image": f"{image}{reference}"} | parts, "app_compose_registry": login}

    no_entry, no_tag, no_digest, no_password, no_decision = host.refusals(
        variables(":1", login={}),
        variables(":2"),
        variables(f"@sha256:{'0' * 64}"),
        variables(":1", login={"username": "nologin"}),
        variables(":1", git="https://example.com/app.git"),
    )
    for said, reference in (no_entry, ":1"), (no_tag, ":2"), (no_digest, "@sha256:0000"):
        assert f"app_compose_source.image: {image}{reference}" in said
    assert "parameters are required together: username, password found in app_compose_registry" in no_password
    assert "parameters are mutually exclusive: path|git|image found in app_compose_source" in no_decision

    assert host.run("--check", **variables(":1"))[:1] == ["Say what a run would do"]
    host.run(**variables(":1"))
    assert host.running() == (f"1-{digest[7:19]}", "one")
    assert host.run(**variables(":1")) == []
    moved, pinned = registry.build("two", "1"), registry.build("three", "3")
    host.run(**variables(":1"))
    assert host.running() == (f"1-{moved[7:19]}", "two")
    host.run(**variables(f"@{pinned}"))
    assert host.running() == (pinned[7:19], "three")
    assert host.run(**variables(f"@{pinned}", login={})) == [], "nobody is asked"
    assert host.holds(registry.login["password"]) == ""
