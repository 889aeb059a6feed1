"""Edge Services: what stands between names and an origin: one nginx in a container, for all pipelines."""

import functools
import hashlib
import http.client
import shutil
import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509

from .acme import DIRECTORY
from .authority import Authority
from .engine import Engine, EngineError
from .node import write

DOMAIN = "svc.edge.scw.cloud"
TRUSTED = "/usr/local/share/ca-certificates/sandbox.crt"
CERTIFICATES = "/var/lib/edge/acme/certificates"
RENEWAL = timedelta(hours=4)  # the sandbox's authority issues for half a day

MAIN = """\
include /etc/nginx/modules-enabled/*.conf;
user www-data;
worker_processes 2;
pid /run/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    server_tokens off;
    server_names_hash_bucket_size 128;
    resolver {resolver} valid=1s ipv6=off;
    include /etc/nginx/mime.types;
    map $upstream_cache_status $cache_says {{ HIT hit-fresh; default miss; }}
    server {{
        listen 80 default_server;
        location /.well-known/acme-challenge/ {{ root /var/lib/edge/challenges; }}
        location / {{ return 301 https://$host$request_uri; }}
    }}
    server {{ listen 443 ssl default_server; ssl_reject_handshake on; }}
    include /etc/edge/sites/*.conf;
}}
"""
SITE = """\
proxy_cache_path /var/lib/edge/cache/{id} levels=1:2 keys_zone={id}:1m max_size=512m inactive=7d use_temp_path=off;
{firewall}{servers}"""
SERVER = """\
server {{
    listen 443 ssl;
    server_name {name};
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    location / {{
{target}
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
{cache}
    }}
}}
"""
TO_ORIGIN = """\
        set $origin {origin};
        proxy_pass $origin$request_uri;
        proxy_set_header Host $proxy_host;"""
# Behind the cache, as the real one is: what the cache answers is not looked at.
TO_FIREWALL = """\
        proxy_pass http://127.0.0.1:8080;
        proxy_set_header Host $host;"""
FIREWALL = """\
server {{
    listen 127.0.0.1:8080;
    server_name {names};
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Forwarded-For;
    modsecurity on;
    modsecurity_rules_file /etc/edge/waf/{id}.conf;
    location / {{
{target}
    }}
}}
"""
CACHE = """\
        proxy_cache {id};
        proxy_cache_key $request_uri;
        proxy_cache_valid 200 301 302 {seconds}s;
        proxy_cache_lock on;
        add_header X-Cache $cache_says always;"""
WITHOUT_COOKIES = """
        proxy_cache_bypass $http_cookie;
        proxy_no_cache $http_cookie;"""
WAF = """\
SecRuleEngine {engine}
SecRequestBodyAccess On
SecAction "id:900000,phase:1,nolog,pass,t:none,setvar:tx.paranoia_level={level}"
Include /etc/modsecurity/crs/crs-setup.conf
Include /usr/share/modsecurity-crs/rules/*.conf
"""
ENGINES = {"enable": "On", "log_only": "DetectionOnly"}


@dataclass(frozen=True)
class Site:
    """What one pipeline serves, as `default_name` and by the custom `names`.

    `origin` is a URL. `certificate` (chain and key in PEM) is for the custom names; without one they get a managed
    certificate. `cache_seconds` says how long an answer that says nothing itself is kept, None: there is no cache.
    `waf_mode` is disable, log_only or enable.
    """

    id: str
    default_name: str
    names: tuple[str, ...]
    certificate: str | None
    origin: str
    cache_seconds: int | None
    include_cookies: bool
    waf_mode: str
    paranoia_level: int


@dataclass(frozen=True)
class Deployed:
    """Where a site is served, and until when the first of its names has a certificate (None: it has no name of its own)."""

    address: str
    expires: datetime | None = None


class SimulatedEdge:
    """The same methods, with nothing behind them."""

    def __init__(self, settings):
        self.address = settings.gateway

    def deploy(self, site: Site) -> Deployed:
        """Serve a site, new or changed, with certificates for all of its names."""
        return Deployed(self.address)

    def remove(self, id: str):
        """Serve a site no more; one that was never served is fine."""

    def purge(self, id: str, assets: list[str] | None):
        """Forget what is cached: everything, or these paths."""


class Edge(SimulatedEdge):
    def __init__(self, settings):
        super().__init__(settings)
        self.engine = Engine(settings)
        self.authority = Authority(settings)
        self.home = settings.home / "edge"
        self._changing = threading.RLock()  # one nginx, one change at a time

    def deploy(self, site):
        with self._changing:
            container = self._started()
            address = self.engine.address(container)
            self._write(site, names=())
            self._reload(container)
            managed = site.names if site.certificate is None else ()
            for name in managed:
                self._certify(container, name)
            if site.names:
                self._write(site, site.names)
                self._reload(container)
            expiries = [
                self.engine.await_answer(container, functools.partial(self._served_until, address, name))
                for name in (site.default_name, *site.names)
            ]
        return Deployed(address, expiries[1] if site.names else None)

    def remove(self, id):
        with self._changing:
            for file in (self.home / "sites" / f"{id}.conf", self.home / "waf" / f"{id}.conf"):
                file.unlink(missing_ok=True)
            for file in (self.home / "tls").glob(f"{id}.*"):
                file.unlink()
            container = self.engine.container("edge")
            if container and container.status == "running":
                self._reload(container)
                container.exec_run(["rm", "-rf", f"/var/lib/edge/cache/{id}"])

    def purge(self, id, assets):
        digests = [hashlib.md5(path.encode(), usedforsecurity=False).hexdigest() for path in assets or []]
        files = [f"{digest[-1]}/{digest[-3:-1]}/{digest}" for digest in digests]
        command = ["rm", "-f", *files] if assets is not None else ["sh", "-c", "rm -rf -- *"]
        if container := self.engine.container("edge"):
            container.exec_run(command, workdir=f"/var/lib/edge/cache/{id}")

    # Inside

    def _started(self):
        for folder in ("sites", "tls", "waf"):
            (self.home / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        certificate, key = self.authority.issue(f"*.{DOMAIN}")
        shutil.copyfile(certificate, self.home / "tls" / "default.pem")
        write(self.home / "tls" / "default.key", key.read_bytes(), 0o600)
        write(self.home / "nginx.conf", MAIN.format(resolver=self.engine.gateway).encode())
        container = self.engine.container("edge")
        if container is None:
            volumes = {
                str(self.home.resolve()): {"bind": "/etc/edge", "mode": "ro"},
                str(self.authority.certificate_file.resolve()): {"bind": TRUSTED, "mode": "ro"},
                self.engine.volume("edge"): {"bind": "/var/lib/edge", "mode": "rw"},
            }
            container = self.engine.run("edge", "edge", dns=[self.engine.gateway], volumes=volumes)
        container.start()
        self.engine.await_answer(container, functools.partial(self._visit, self.engine.address(container)))
        return container

    def _write(self, site, names):
        target, firewall, cache = TO_ORIGIN.format(origin=site.origin), "", ""
        if engine := ENGINES.get(site.waf_mode):
            rules = WAF.format(engine=engine, level=site.paranoia_level)
            write(self.home / "waf" / f"{site.id}.conf", rules.encode())
            firewall = FIREWALL.format(id=site.id, names=" ".join((site.default_name, *names)), target=target)
            target = TO_FIREWALL
        if site.cache_seconds is not None:
            cache = CACHE.format(id=site.id, seconds=site.cache_seconds)
            cache += "" if site.include_cookies else WITHOUT_COOKIES
        files = {site.default_name: ("/etc/edge/tls/default.pem", "/etc/edge/tls/default.key")}
        for name in names:
            files[name] = tuple(f"{CERTIFICATES}/{name}.{kind}" for kind in ("crt", "key"))
        if site.certificate is not None:
            write(self.home / "tls" / f"{site.id}.pem", site.certificate.encode(), 0o600)
            files |= dict.fromkeys(names, (f"/etc/edge/tls/{site.id}.pem",) * 2)
        servers = [
            SERVER.format(name=name, certificate=certificate, key=key, target=target, cache=cache)
            for name, (certificate, key) in files.items()
        ]
        content = SITE.format(id=site.id, firewall=firewall, servers="".join(servers))
        write(self.home / "sites" / f"{site.id}.conf", content.encode())

    @staticmethod
    def _reload(container):
        """Take the files over, without a connection being lost. Raises EngineError with what nginx says of them."""
        for command in (["-t", "-q"], ["-s", "reload"]):
            status, output = container.exec_run(["nginx", "-c", "/etc/edge/nginx.conf", *command])
            if status:
                raise EngineError(output.decode(errors="replace").strip())

    @staticmethod
    def _certify(container, name):
        """Have a certificate of the ACME authority for a name that leads here."""
        held = container.exec_run(["cat", f"{CERTIFICATES}/{name}.crt"])
        if held.exit_code == 0:
            expires = x509.load_pem_x509_certificate(held.output).not_valid_after_utc
            if expires > datetime.now(UTC) + RENEWAL:
                return
        command = [
            *("lego", "--accept-tos", "--email", "edge@sandbox.internal", "--server", DIRECTORY),
            *("--path", "/var/lib/edge/acme", "--http", "--http.webroot", "/var/lib/edge/challenges"),
            *("--domains", name, "run"),
        ]
        status, output = container.exec_run(command, environment={"LEGO_CA_CERTIFICATES": TRUSTED})
        if status:
            raise EngineError(f"{name}: {output.decode(errors='replace').strip().rpartition(chr(10))[2]}")

    @staticmethod
    def _visit(address):
        """Have an answer, whatever it is. Until it gives one, nginx does not hear that it should reload."""
        connection = http.client.HTTPConnection(address, timeout=5)
        connection.request("HEAD", "/")
        connection.getresponse()
        connection.close()

    @staticmethod
    def _served_until(address, name):
        """Visit the name by TLS; when its certificate expires."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # whoever issued it: that is the client's affair
        with (
            socket.create_connection((address, 443), timeout=5) as connection,
            context.wrap_socket(connection, server_hostname=name) as tls,
        ):
            return x509.load_der_x509_certificate(tls.getpeercert(binary_form=True)).not_valid_after_utc
