"""What a load balancer is to be, and how HAProxy is told: a `Balancer` -> its configuration file."""

import re
from dataclasses import dataclass, field, replace

CHALLENGE_PORT = 8402
MINIMAL_TLS = {"modern": "TLSv1.3", "intermediate": "TLSv1.2", "old": "TLSv1.0"}
SEND_PROXY = {
    "v1": "send-proxy",
    "v2": "send-proxy-v2",
    "v2_ssl": "send-proxy-v2-ssl",
    "v2_ssl_cn": "send-proxy-v2-ssl-cn",
}
CHECKS = {
    "mysql": "option mysql-check user {user}",
    "pgsql": "option pgsql-check user {user}",
    "ldap": "option ldap-check",
    "redis": "option redis-check",
}


@dataclass(frozen=True)
class Condition:
    """What an ACL looks at: source networks and, over HTTP, `filter` (path_begin, path_end, regex, header) with values."""

    networks: tuple[str, ...] = ()
    filter: str = ""
    values: tuple[str, ...] = ()
    header: str = ""
    inverted: bool = False


@dataclass(frozen=True)
class Acl:
    """`action` is allow, deny, location or scheme; the last two redirect to `target` with `code`."""

    condition: Condition
    action: str
    target: str = ""
    code: int = 302


@dataclass(frozen=True)
class Route:
    """`kind` is sni, host or path."""

    kind: str
    value: str
    subdomains: bool
    backend: str


@dataclass(frozen=True)
class Frontend:
    id: str
    port: int
    protocol: str
    backend: str
    certificates: tuple[str, ...] = ()
    timeout: int | None = None
    rate_limit: int | None = None
    acls: tuple[Acl, ...] = ()
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True)
class Check:
    """`kind` is tcp, http, https, mysql, pgsql, ldap or redis. Durations in milliseconds."""

    kind: str
    port: int
    every: int
    timeout: int
    retries: int
    every_while_changing: int
    send_proxy: bool = False
    method: str = "GET"
    uri: str = "/"
    host: str = ""
    code: int = 0
    sni: str = ""
    user: str = ""


@dataclass(frozen=True)
class Backend:
    """Durations in milliseconds; None leaves HAProxy's default."""

    id: str
    protocol: str
    port: int
    algorithm: str
    servers: tuple[str, ...]
    check: Check
    sticky: str = "none"
    cookie: str = ""
    tls: bool = False
    verify: bool = True
    host: str = ""
    proxy: str = ""
    timeout_server: int | None = None
    timeout_connect: int | None = None
    timeout_tunnel: int | None = None
    timeout_queue: int | None = None
    retries: int | None = None
    redispatch: int | None = None
    max_connections: int | None = None
    shutdown_sessions: bool = False


@dataclass(frozen=True)
class Balancer:
    """`private` is {network: address with prefix length}, `certificates` {id: key, certificate and chain in PEM}."""

    id: str
    address: str | None
    compatibility: str = "intermediate"
    frontends: tuple[Frontend, ...] = ()
    backends: tuple[Backend, ...] = ()
    certificates: dict[str, str] = field(default_factory=dict)
    private: dict[str, str] = field(default_factory=dict)
    answers_challenges: bool = False

    def challenged(self):
        return replace(self, answers_challenges=True)


def configuration(balancer):
    """haproxy.cfg"""
    sections = [HEAD.format(minimal_tls=MINIMAL_TLS[balancer.compatibility])]
    challenged = balancer.answers_challenges
    sections += [_section(_frontend(frontend, challenged)) for frontend in balancer.frontends]
    sections += [_section(_backend(backend)) for backend in balancer.backends]
    if challenged:
        if not any(frontend.port == 80 for frontend in balancer.frontends):
            sections.append(_section(["frontend challenge", "mode http", "bind :80", "default_backend challenge"]))
        sections.append(
            _section(["backend challenge", "mode http", "retries 20", f"server client 127.0.0.1:{CHALLENGE_PORT}"])
        )
    return "\n".join(sections)


HEAD = """\
global
    stats socket /etc/balancer/run/haproxy.sock mode 666 level admin
    server-state-file /etc/balancer/states
    ssl-default-bind-options ssl-min-ver {minimal_tls}
    log stdout format raw local0 notice
    hard-stop-after 15m

defaults
    log global
    load-server-state-from-file global
    option dontlognull
    timeout connect 5s
    timeout client 5m
    timeout server 5m
    timeout check 5s
"""


def _section(lines):
    head, *rest = lines
    return "\n".join([head, *(f"    {line}" for line in rest)]) + "\n"


def _frontend(frontend, challenged):
    http = frontend.protocol == "http"
    tls = "".join(f" crt /etc/balancer/certificates/{id}.pem" for id in frontend.certificates)
    tls = f" ssl{tls}" + (" alpn h2,http/1.1" if http else "") if tls else ""
    yield f"frontend {frontend.id}"
    yield f"mode {frontend.protocol}"
    yield f"bind :{frontend.port}{tls}"
    if frontend.timeout:
        yield f"timeout client {frontend.timeout}ms"
    if frontend.rate_limit:
        yield f"rate-limit sessions {frontend.rate_limit}"
    if http:
        yield "option forwardfor"
        yield "option idle-close-on-response"  # a client's idle connection survives a change of the configuration
        yield f"http-request set-header X-Forwarded-Proto {'https' if tls else 'http'}"
        if challenged and frontend.port == 80:
            yield "use_backend challenge if { path_beg /.well-known/acme-challenge/ }"
            yield "http-request allow if { path_beg /.well-known/acme-challenge/ }"
    for acl in frontend.acls:
        yield _acl(acl, http)
    if any(route.kind == "sni" for route in frontend.routes) and not tls:
        yield "tcp-request inspect-delay 5s"
        yield "tcp-request content accept if { req.ssl_hello_type 1 }"
    for route in frontend.routes:
        yield f"use_backend {route.backend} if {_target(route, bool(tls))}"
    yield f"default_backend {frontend.backend}"


def _acl(acl, http):
    condition = acl.condition
    parts = [f"{{ src {' '.join(map(quote, condition.networks))} }}"] if condition.networks else []
    values = " ".join(map(quote, condition.values))
    if condition.filter:
        name = {"path_begin": "path -m beg", "path_end": "path -m end", "regex": "path -m reg"}.get(condition.filter)
        parts.append(f"{{ {name or f'req.hdr({condition.header}) -m str'} {values} }}")
    when = f"{'unless' if condition.inverted else 'if'} {' '.join(parts) or 'TRUE'}"
    if not http:
        return f"tcp-request connection {'accept' if acl.action == 'allow' else 'reject'} {when}"
    if acl.action in ("location", "scheme"):
        return f"http-request redirect {acl.action} {quote(acl.target)} code {acl.code} {when}"
    return f"http-request {acl.action} {when}"


def _target(route, terminated):
    if route.kind == "path":
        return f"{{ path -m beg {quote(route.value)} }}"
    sample = "req.hdr(host),field(1,:)" if route.kind == "host" else "ssl_fc_sni" if terminated else "req.ssl_sni"
    if route.subdomains:
        return f"{{ {sample} -i -m str {quote(route.value)} }} || {{ {sample} -i -m end {quote('.' + route.value)} }}"
    return f"{{ {sample} -i -m str {quote(route.value)} }}"


def _backend(backend):
    check = backend.check
    yield f"backend {backend.id}"
    yield f"mode {backend.protocol}"
    yield f"balance {backend.algorithm}"
    for name in ("server", "connect", "tunnel", "queue"):
        if (value := getattr(backend, f"timeout_{name}")) is not None:
            yield f"timeout {name} {value}ms"
    if backend.retries is not None:
        yield f"retries {backend.retries}"
    if backend.redispatch is not None:
        yield f"option redispatch {backend.redispatch or ''}".rstrip()
    if backend.sticky == "cookie":
        yield f"cookie {quote(backend.cookie)} insert indirect nocache"
    elif backend.sticky == "table":
        yield "stick-table type ip size 100k expire 30m"
        yield "stick on src"
    if backend.host and backend.protocol == "http":
        yield f"http-request set-header Host {quote(backend.host)}"
    yield f"timeout check {check.timeout}ms"
    if check.kind in ("http", "https"):
        yield "option httpchk"
        host = f" hdr Host {quote(check.host)}" if check.host else ""
        yield f"http-check send meth {check.method} uri {quote(check.uri)} ver HTTP/1.1{host or ' hdr Host localhost'}"
        yield f"http-check expect status {check.code}" if check.code else "http-check expect status 200-399"
    elif check.kind in CHECKS:
        yield CHECKS[check.kind].format(user=quote(check.user))
    options = " ".join(_server_options(backend))
    for address in backend.servers:
        cookie = f" cookie {server_name(address)}" if backend.sticky == "cookie" else ""
        where = f"[{address}]" if ":" in address else address
        yield f"server {server_name(address)} {where}:{backend.port} {options}{cookie}"


def _server_options(backend):
    check = backend.check
    yield f"check port {check.port} inter {check.every}ms fastinter {check.every_while_changing or check.every}ms"
    yield f"fall {max(check.retries, 1)}"
    if check.send_proxy:
        yield "check-send-proxy"
    if backend.tls:
        yield "ssl"
        yield "verify required ca-file /etc/ssl/certs/ca-certificates.crt" if backend.verify else "verify none"
        if backend.host:
            yield f"sni str({backend.host}) verifyhost {backend.host}"
    if check.kind == "https":
        yield "check-ssl" if backend.tls else "check-ssl verify none"
        if check.sni:
            yield f"check-sni {quote(check.sni)}"
    elif backend.tls:
        yield "no-check-ssl"
    if backend.proxy:
        yield SEND_PROXY[backend.proxy]
    if backend.max_connections:
        yield f"maxconn {backend.max_connections}"
    if backend.shutdown_sessions:
        yield "on-marked-down shutdown-sessions"


def server_name(address):
    return "s" + re.sub(r"[.:]", "-", address)


def quote(value):
    """A word of the configuration that means what it says."""
    if re.search(r"[\0-\x1f]", value):
        raise ValueError(f"{value!r} has characters that a header or a path cannot have")
    return "'" + value.replace("'", "'\\''") + "'"
