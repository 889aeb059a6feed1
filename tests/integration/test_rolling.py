"""Two servers behind a load balancer change under load: their version, which may be one that does not start, and their type."""

from __future__ import annotations

import ipaddress
import json
import re
import urllib.request
from functools import cached_property

import docker
import pytest
import yaml

from .load import Load
from .system import System

SERVERS = ("rolling-1", "rolling-2")
PRIVATE = "10.46.0.0/24"

APP = """\
import http.server, os, sys, time, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/slow": time.sleep(2)
        told = " ".join(str(self.headers[name]) for name in ("X-Forwarded-Proto", "X-Forwarded-For"))
        body = f"{os.environ['SERVER']} VERSION {told}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass
if sys.argv[1] == "check": urllib.request.urlopen("http://127.0.0.1:8000/health", timeout=3)
else: http.server.ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""  # it stops at once when it is told to: nothing but the load balancer keeps its requests from failing

DOCKERFILE = """\
FROM stackway-sandbox/visitor
COPY app.py /app.py
ENTRYPOINT ["python3", "/app.py"]
"""

CLOUD_INIT = {"package_update": True, "packages": ["caddy", "docker-buildx", "python3-requests"]}

VARIABLES = {
    "stack_name": "rolling",
    "stack_summary": {},
    "network_vpcs": [{"name": "rolling", "private_networks": [{"name": "rolling", "subnets": [PRIVATE]}]}],
    "instance_tags": ["rolling"],
    "instance_ssh_keys": [{"name": "rolling", "public_key": "{{ lookup('file', sandbox_home ~ '/id_ed25519.pub') }}"}],
    "instance_security_groups": [{"name": "rolling", "rules": [{"dest_port_from": 22}]}],
    "instance_servers": [
        {
            "name": "rolling",
            "count": 2,
            "commercial_type": "{{ server_type | default('DEV1-S') }}",
            "image": "docker",
            "security_group": "rolling",
            "private_networks": ["rolling"],
            "tags": ["app_compose", "caddy"],
            "cloud_init": "#cloud-config\n" + json.dumps(CLOUD_INIT),
        }
    ],
    "load_balancer_name": "rolling",
    "load_balancer_private_networks": ["rolling"],
    "load_balancer_backends": [
        {
            "name": "app",
            "forward_port": 80,
            "server_ip": "{{ instance_private_addresses.values() | list }}",
            "health_check": {"check_delay": 500, "http_config": {"uri": "/health"}},
        }
    ],
    "load_balancer_frontends": [{"name": "http", "inbound_port": 80, "backend": "app"}],
    "load_balancer_drain_seconds": 3,
    "app_compose_name": "rolling",
    "app_compose_base_image": {"name": "stackway-sandbox/visitor", "archive": "{{ site_folder }}/visitor.tar"},
    "app_compose_source": {"path": "{{ site_folder }}/app"},
    "app_compose_services": [
        {
            "name": "web",
            "command": ["web"],
            "port": 8000,
            "host_port": 8001,
            "healthcheck": ["python3", "/app.py", "check"],
            "environment": {"SERVER": "{{ inventory_hostname }}"},
        }
    ],
    "caddy_sites": [{"hosts": [":80"], "tls": "none", "upstreams": ["127.0.0.1:8001", "127.0.0.1:8002"]}],
    "caddy_trusted_proxies": [PRIVATE],
}

INVENTORY = {
    "stacks": {"hosts": {"rolling-control": {"ansible_connection": "local"}}},
    "rolling": {"hosts": {"rolling-control": {}}},
    **{
        group: {}
        for group in ("instances", "balanced", "docker_host", "app_compose", "caddy", "redis", "cockpit_agent")
    },
}


class Site(System):
    name = "rolling"

    def __init__(self, sandbox, folder):
        super().__init__(sandbox)
        self.folder, self.inventory = folder, str(folder / "hosts.yml")
        (folder / "hosts.yml").write_text(yaml.safe_dump(INVENTORY))
        (folder / "group_vars").mkdir()
        (folder / "group_vars/rolling.yml").write_text(yaml.safe_dump(VARIABLES))
        everywhere = {
            "site_folder": str(folder),
            "sandbox_home": str(sandbox.home),
            "ansible_ssh_private_key_file": str(sandbox.home / "id_ed25519"),
        }
        (folder / "group_vars/all.yml").write_text(yaml.safe_dump(everywhere))
        (folder / "refuse.yml").write_text(json.dumps([{"ansible.builtin.fail": {"msg": "four is refused"}}]))
        (folder / "app").mkdir()
        (folder / "app/Dockerfile").write_text(DOCKERFILE)
        with (folder / "visitor.tar").open("wb") as archive:
            archive.writelines(docker.from_env().images.get("stackway-sandbox/visitor").save(named=True))

    def version(self, name, app=APP):
        (self.folder / "app/app.py").write_text(app.replace("VERSION", name))

    def load(self):
        return Load(self.address)

    @cached_property
    def address(self):
        return self.sandbox.task("lb_info", {"name": "rolling"})["lbs"][0]["address"]

    def get(self, headers=None):
        """The words of an answer."""
        request = urllib.request.Request(f"http://{self.address}/", headers=headers or {})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode().split()

    def served(self):
        """{server: its version} of some requests, one after the other."""
        return dict(self.get()[:2] for _ in range(8))


@pytest.fixture(scope="module")
def site(sandbox, tmp_path_factory):
    site = Site(sandbox, tmp_path_factory.mktemp("rolling"))
    site.version("one")
    site.succeed("site.yml")
    yield site
    site.succeed("playbooks/destroy.yml", "-e", "confirm=rolling destroy_data=true")


def test_a_new_version_fails_no_request(site):
    """Neither does one that does not start: it stays on no server, and the one that comes after it goes to all."""
    with site.load() as load:
        site.version("two", "raise SystemExit('it does not start')")
        run = site.run("playbooks/deploy.yml")
        assert run.code != 0
        assert re.search("rolling-1: rolling [0-9a-f]{12} did not become healthy on rolling-1", run.output)
        assert re.search("There runs now: rolling-1 ([0-9a-f]{12}), rolling-2 \\1", run.output)
        assert site.served() == dict.fromkeys(SERVERS, "one")
        site.version("three")
        site.succeed("playbooks/deploy.yml")
    assert not load.faults
    assert load.servers() == set(SERVERS)
    assert site.served() == dict.fromkeys(SERVERS, "three")


def test_what_the_proof_refuses_goes_again_and_so_does_what_is_taken_back(site):
    with site.load() as load:
        site.version("four")
        run = site.run("playbooks/deploy.yml", "-e", json.dumps({"verify_tasks": [str(site.folder / "refuse.yml")]}))
        assert run.code != 0
        assert "four is refused" in run.output
        assert site.served() == dict.fromkeys(SERVERS, "three")
        site.succeed("playbooks/rollback.yml")
    assert not load.faults
    assert load.servers() == set(SERVERS)
    assert site.served() == dict.fromkeys(SERVERS, "one")


def test_the_application_is_told_who_asks(site):
    """The load balancer is believed: the client is the one before it, whatever the client itself claims to be."""
    _, _, protocol, client, balancer = site.get()
    assert protocol == "http"
    assert ipaddress.ip_address(client.strip(",")) in ipaddress.ip_network(site.sandbox.settings["SANDBOX_SUBNET"])
    assert ipaddress.ip_address(balancer) in ipaddress.ip_network(PRIVATE)
    assert site.get({"X-Forwarded-For": "192.0.2.1"})[3:] == ["192.0.2.1,", client, balancer]


def test_an_interruption_is_foreseen_before_there_is_a_load_balancer(site):
    """Which is what servers have before them that get one in the same run."""
    another = {"load_balancer_name": "another", "server_type": "DEV1-M"}
    run = site.succeed("site.yml", "--check", "-e", json.dumps(another))
    assert {"+ lb another", "~ instance_server rolling-1", "~ instance_server rolling-2"} <= set(run.resources())


def test_a_new_type_fails_no_request(site):
    larger = ("-e", "server_type=DEV1-M")
    with site.load() as load:
        site.succeed("site.yml", *larger)
    assert not load.faults
    assert load.servers() == set(SERVERS)
    servers = site.sandbox.task("instance_server_info", {"tags": ["rolling"]})["servers"]
    assert [server["commercial_type"] for server in servers] == ["DEV1-M", "DEV1-M"]

    site.writes()
    run = site.succeed("site.yml", *larger)  # nothing is left to do, and nobody is drained
    assert {host: counts["changed"] for host, counts in run.recap().items()} == dict.fromkeys(
        (*SERVERS, "rolling-control"), 0
    )
    assert site.writes() == []
