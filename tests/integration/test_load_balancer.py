"""Load balancers with real traffic: two servers in a private network, which only the load balancer can reach."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter

import docker
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from sandbox.machines.authority import Authority
from sandbox.settings import Settings

from .conftest import ROOT
from .load import Load

ADDRESSES = {"balanced-1": "10.45.0.2", "balanced-2": "10.45.0.3"}  # the first that are free
HEALTH = {"check_delay": 500, "check_max_retries": 2, "http_config": {"uri": "/health"}}

APP = """\
import http.server, os, ssl, threading, time
NAME, well = os.uname().nodename, threading.Event()
well.set()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/slow": time.sleep(2)
        if self.path == "/sick": well.clear()
        if self.path == "/well": well.set()
        status = 200 if self.path != "/health" or well.is_set() else 503
        body = f"{NAME} {self.path} {self.headers.get('X-Forwarded-Proto')} {self.server.server_port}".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass
servers = [http.server.ThreadingHTTPServer(("", port), Handler) for port in (8080, 8443)]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/opt/app.pem")
servers[1].socket = context.wrap_socket(servers[1].socket, server_side=True)
for server in servers: threading.Thread(target=server.serve_forever).start()
"""


def certificate(sandbox, *names):
    """A key and a certificate of the sandbox's authority, in PEM."""
    made, key = Authority(Settings(name="test", home=sandbox.home)).issue(*names)
    plain = load_pem_private_key(key.read_bytes(), None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    return plain.decode() + made.read_text()


def cloud_init(pem):
    files = [
        {"path": "/opt/app.py", "content": APP},
        {"path": "/opt/app.pem", "content": pem, "permissions": "0600"},
    ]
    run = [["systemd-run", "--unit", "app", "python3", "/opt/app.py"]]
    return "#cloud-config\n" + json.dumps({"write_files": files, "runcmd": run})


@pytest.fixture(scope="module")
def variables(sandbox):
    """What role load_balancer declares."""
    return {
        "load_balancer_name": "balanced",
        "load_balancer_private_networks": ["balanced"],
        "load_balancer_backends": [
            {
                "name": "app",
                "forward_port": 8080,
                "server_ip": list(ADDRESSES.values()),
                "health_check": HEALTH,
                "sticky_sessions": "none",
            }
        ],
        "load_balancer_frontends": [{"name": "http", "inbound_port": 80, "backend": "app"}],
        "load_balancer_drain_seconds": 3,
    }


class Site:
    def __init__(self, sandbox, variables, folder):
        self.sandbox, self.variables, self.folder = sandbox, variables, folder
        self.address = ""

    def role(self, *tasks_from, **more):
        """Run the role (or entry points of it); how many tasks changed something."""
        tasks = [
            {"ansible.builtin.import_role": {"name": "stackway.scaleway.load_balancer", "tasks_from": name}}
            for name in tasks_from or ["main"]
        ]
        file, hosts = self.folder / "role.yml", self.folder / "hosts"
        file.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        hosts.write_text(f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n")
        done = subprocess.run(
            ["ansible-playbook", str(file), "-i", str(hosts), "-e", json.dumps(self.variables | more)],
            cwd=ROOT,
            env=self.sandbox.environment | {"ANSIBLE_NOCOLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return int(done.stdout.partition("PLAY RECAP")[2].partition("changed=")[2].split()[0])

    def get(self, path="/", port=80, name="", headers=None):
        """(status, headers, text) of a request of its own; over TLS where a name is given, that is checked."""
        connection = http.client.HTTPConnection(self.address, port, timeout=10)
        if name:
            trust = ssl.create_default_context(cafile=self.sandbox.home / "ca.pem")
            plain = socket.create_connection((self.address, port), 10)
            connection.sock = trust.wrap_socket(plain, server_hostname=name)
        try:
            connection.request("GET", path, headers={"Host": name or "balanced.example"} | (headers or {}))
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def served_by(self, times=10, **how):
        """{server: how many of some requests it answered}"""
        return Counter(self.get(**how)[2].split()[0] for _ in range(times))

    def health(self, backend="app"):
        """{address: what its last check found, with "?" while it takes more checks to be believed}"""
        (found,) = self.sandbox.task("lb_backend_info", {"lb_id": "balanced", "name": backend})["backends"]
        return {
            address: server["last_health_check_status"] + "?" * (server["server_state"] in ("starting", "stopping"))
            for address, server in found["servers"].items()
        }

    def make_well(self):
        """Tell the servers themselves, from where the load balancer is: there is no other way."""
        client = docker.from_env()
        filters = {"name": f"{self.sandbox.settings['SANDBOX_NAME']}-balancer-"}
        (balancer,) = client.containers.list(filters=filters)
        for address in ADDRESSES.values():
            probe = f"import urllib.request; urllib.request.urlopen('http://{address}:8080/well')"
            pid = str(balancer.attrs["State"]["Pid"])
            subprocess.run(["nsenter", "-t", pid, "-n", sys.executable, "-c", probe], check=True)

    def until_health(self, **wanted):
        wanted = {ADDRESSES[name.replace("_", "-")]: check for name, check in wanted.items()}
        deadline = time.monotonic() + 60
        while (found := self.health()) != wanted:
            assert time.monotonic() < deadline, f"{found}, not {wanted}"
            time.sleep(0.5)


@pytest.fixture(scope="module")
def site(sandbox, variables, tmp_path_factory):
    pem = certificate(sandbox, "app.internal")
    tasks = [{"stackway.scaleway.vpc_private_network": {"name": "balanced", "subnets": ["10.45.0.0/24"]}}]
    for name in ADDRESSES:
        server = {"name": name, "commercial_type": "DEV1-S", "image": "debian_trixie", "public_ips": []}
        server |= {"private_networks": ["balanced"], "cloud_init": cloud_init(pem)}
        tasks.append({"stackway.scaleway.instance_server": server})
    results = sandbox.play([{"name": f"task {number}"} | task for number, task in enumerate(tasks)])
    assert not [result["msg"] for result in results.values() if result.get("failed")]
    site = Site(sandbox, variables, tmp_path_factory.mktemp("site"))
    site.role()
    site.address = sandbox.task("lb_info", {"name": "balanced"})["lbs"][0]["address"]
    yield site
    site.role(load_balancer_state="absent")
    gone = [("instance_server", name) for name in ADDRESSES] + [("vpc_private_network", "balanced")]
    results = sandbox.play(
        [{"name": name, f"stackway.scaleway.{kind}": {"name": name, "state": "absent"}} for kind, name in gone]
    )
    assert not [result["msg"] for result in results.values() if result.get("failed")]


def test_servers_are_used_once_they_are_well(site):
    site.until_health(balanced_1="passed", balanced_2="passed")
    assert site.served_by() == {"balanced-1": 5, "balanced-2": 5}
    sick = site.get("/sick")[2].split()[0]
    well = next(name for name in ADDRESSES if name != sick)
    try:
        site.until_health(**{sick.replace("-", "_"): "failed", well.replace("-", "_"): "passed"})
        assert site.served_by() == {well: 10}
        assert site.role() == 0  # which is no change, and leaves the sick one out
        assert site.served_by() == {well: 10}
    finally:
        site.make_well()
    site.until_health(balanced_1="passed", balanced_2="passed")
    assert len(site.served_by()) == 2


def test_a_client_stays_with_its_server(site, variables):
    (app,) = variables["load_balancer_backends"]
    sticky = app | {"sticky_sessions": "cookie", "sticky_sessions_cookie_name": "seat"}
    assert site.role(load_balancer_backends=[sticky]) == 1
    cookie = site.get()[1]["set-cookie"].partition(";")[0]
    assert cookie.startswith("seat=")
    assert len(site.served_by(headers={"Cookie": cookie})) == 1
    assert site.role() == 1
    assert "set-cookie" not in site.get()[1]


def test_routes_acls_and_certificates(site, variables):
    """Let's Encrypt by the load balancer's own name, a certificate of our own by another, TLS on both sides."""
    sandbox = site.sandbox
    own = f"{site.address.replace('.', '-')}.lb.fr-par.scw.cloud"
    chain = certificate(sandbox, "balanced.example")
    assert sandbox.task("secret", {"name": "balanced", "path": "/test", "value": chain})["changed"]
    app = variables["load_balancer_backends"][0]
    backends = [
        app,
        app
        | {"name": "tls", "forward_port": 8443, "ssl_bridging": True, "host": "app.internal"}
        | {"health_check": {"check_delay": 500, "https_config": {"uri": "/health", "sni": "app.internal"}}},
        app | {"name": "nobody", "server_ip": []},
    ]
    redirect = {"type": "redirect", "redirect": {"type": "scheme", "target": "https", "code": 301}}
    frontends = [
        {
            "name": "http",
            "inbound_port": 80,
            "backend": "app",
            "acls": [
                {"name": "ours", "index": 1, "action": {"type": "allow"}, "match": path("/plain")},
                {"name": "closed", "index": 2, "action": {"type": "deny"}, "match": path("/admin", "/private")},
                {"name": "tls", "index": 3, "action": redirect},
            ],
        },
        {
            "name": "https",
            "inbound_port": 443,
            "backend": "app",
            "certificates": ["own", "given"],
            "routes": [
                {"match": {"path_begin": "/tls"}, "backend": "tls"},
                {"match": {"host_header": "nobody.example"}, "backend": "nobody"},
            ],
        },
    ]
    whole = {
        "load_balancer_certificates": [
            {"name": "own", "letsencrypt": {"common_name": own}},
            {"name": "given", "secret": "/test/balanced"},
        ],
        "load_balancer_backends": backends,
        "load_balancer_frontends": frontends,
    }
    assert site.role(**whole) > 0
    assert site.role(**whole) == 0

    assert site.get("/plain")[0] == 200
    assert site.get("/admin/x")[0] == 403
    status, headers, _ = site.get("/page")
    assert status == 301 and headers["location"] == "https://balanced.example/page"
    for name in (own, "balanced.example"):
        assert site.get("/", 443, name)[2].split()[2:] == ["https", "8080"]
    deadline = time.monotonic() + 30
    while site.get("/tls", 443, own)[0] != 200:  # its health is looked at first
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert site.get("/tls", 443, own)[2].split()[3] == "8443"
    assert site.get("/", 443, own, {"Host": "nobody.example"})[0] == 503

    assert site.role() > 0  # what is not declared any more goes
    assert site.role() == 0
    assert site.get("/admin/x")[0] == 200
    with pytest.raises(OSError):
        site.get("/", 443, own)
    assert sandbox.task("lb_certificate_info", {"lb_id": "balanced"})["certificates"] == []
    assert sandbox.task("secret", {"name": "balanced", "path": "/test", "state": "absent"})["changed"]


def path(*begins):
    return {"http_filter": "path_begin", "http_filter_value": list(begins)}


def test_a_name_that_leads_elsewhere_gets_no_certificate(site):
    options = {"lb_id": "balanced", "name": "foreign", "letsencrypt": {"common_name": "foreign.example"}}
    refused = site.sandbox.task("lb_certificate", options)
    assert refused["failed"] and "foreign.example does not resolve to" in refused["msg"]
    assert site.sandbox.task("lb_certificate", options | {"state": "absent"})["changed"]


def test_no_request_fails_while_servers_are_drained_and_added(site):
    """Also none of those that take long, on connections that are kept open as on those that are not."""
    with Load(site.address) as load:
        for address in ADDRESSES.values():
            assert site.role("drain", load_balancer_server=address) == 1
            assert list(site.health()) == [other for other in ADDRESSES.values() if other != address]
            assert site.role("add", load_balancer_server=address) == 1
            assert site.health()[address] == "passed"  # believed already: the next one may go
    assert not load.faults
    assert load.servers() == set(ADDRESSES)
    assert sum(load.seen.values()) > 200


def test_a_server_that_nobody_can_stand_in_for_is_not_drained(site):
    """Because it is the only one, or the only one that is well."""
    sick = site.get("/sick")[2].split()[0]
    (well,) = set(ADDRESSES) - {sick}
    try:
        site.until_health(**{sick.replace("-", "_"): "failed", well.replace("-", "_"): "passed"})
        assert site.role("drain", load_balancer_server=ADDRESSES[well]) == 0
        assert site.served_by() == {well: 10}
    finally:
        site.make_well()
    one = [site.variables["load_balancer_backends"][0] | {"server_ip": ["10.45.0.2"]}]
    assert site.role(load_balancer_backends=one) == 1
    assert site.role("drain", load_balancer_server="10.45.0.2") == 0
    assert site.served_by() == {"balanced-1": 10}
    assert site.role() == 1


def test_it_leaves_a_private_network_that_is_not_declared_any_more(site):
    networks = {"lb_id": "balanced"}
    assert len(site.sandbox.task("lb_private_network_info", networks)["private_networks"]) == 1
    assert site.role(load_balancer_private_networks=[]) == 1
    assert site.sandbox.task("lb_private_network_info", networks)["private_networks"] == []
    assert site.role(load_balancer_private_networks=[]) == 0


def test_a_frontend_without_its_backend_is_refused(site):
    frontends = [{"name": "http", "inbound_port": 80, "backend": "typo"}]
    with pytest.raises(AssertionError, match="load_balancer_frontends: typo: no such backend"):
        site.role(load_balancer_frontends=frontends)
