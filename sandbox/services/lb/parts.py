"""What a load balancer consists of: backends, frontends, certificates, ACLs and routes."""

import hashlib
import re
import threading
import time
import uuid
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from ... import errors
from ...call import Call
from ...collection import Collection, Service, action, contains, equals
from ...machines import balancer_configuration as configured
from .ips import Ips
from .lbs import Lbs

CHECKS = tuple(f"{kind}_config" for kind in ("tcp", "http", "https", "mysql", "pgsql", "ldap", "redis"))
NO_DATE = "0001-01-01T00:00:00Z"
HOST_NAME = r"[A-Za-z0-9._-]*"
RENEWAL_SECONDS = 600
DURATION = re.compile(r"(\d+)(?:\.(\d{1,9}))?s")


class Part(Collection):
    """Something of a load balancer, whose machine follows every change of it.

    It is created and listed below its parent (`Within`), and found by its id alone.
    """

    operations = ("get", "update", "delete")
    update_method = "PUT"
    common = ("id", "name", "created_at", "updated_at")
    inside = {"_lb": Lbs}
    filters = {"name": contains("name"), "_in": equals("_in")}

    @property
    def lbs(self) -> Lbs:
        return self.service(Lbs)

    def lb_of(self, body: dict) -> str:
        """ID of the load balancer for a body of creation; the parent is known to exist."""
        return body["_in"]

    def within(self, body):
        return [(Lbs, self.lbs.fetch(self.lb_of(body)))]

    def add(self, body):
        part = super().add(body)
        self.lbs.refresh(part["_lb"])
        return part

    def shape(self, body):
        return {"_lb": self.lb_of(body), "_in": body["_in"]} | self.content(body, None)

    def content(self, body: dict, before: dict | None) -> dict:
        """A whole body, of a creation or of an update -> the fields of the record."""
        raise NotImplementedError

    def revise(self, part, body):
        return {"name": body.get("name", part.get("name"))} | self.content(body | {"_lb": part["_lb"]}, part)

    def _update(self, part, call):
        answer = super()._update(part, call)
        self.lbs.refresh(part["_lb"])
        return answer

    def remove(self, part):
        part = super().remove(part)
        self.lbs.refresh(part["_lb"])
        return part

    def with_lb(self, part: dict, with_instances: bool = True) -> dict:
        return {"lb": self.lbs.nested(part["_lb"], with_instances)}

    def own(self, id: str | None, kind: "type[Part]", lb_id: str, name: str) -> dict:
        """Another part of the same load balancer. Raises: 404; 400 if it belongs to another one."""
        found = self.service(kind).fetch(id or "")
        if found["_lb"] != lb_id:
            raise errors.invalid_argument(name, "constraint", "belongs to another load balancer")
        return found


class Within(Service):
    """Parts below their parent: what is listed and created there."""

    parts: type[Part]
    parent: type[Collection] = Lbs

    @action("GET", "")
    def list(self, call: Call):
        call.query["_in"] = [self._parent(call)["id"]]
        return self.service(self.parts)._list(call)

    @action("POST", "")
    def create(self, call: Call):
        parent = self._parent(call)
        call.body["_in"] = parent["id"]
        return self.service(self.parts)._create(call)

    def _parent(self, call: Call) -> dict:
        return self.service(self.parent).fetch(call.params["parent_id"], call.params["zone"])


# Backends ---------------------------------------------------------------------------------------------------------------


class Backends(Part):
    path = "/lb/v1/zones/{zone}/backends"
    noun = "backend"
    missing = "backend not Found"
    required = ("forward_protocol", "forward_port", "forward_port_algorithm")
    enums = {
        "forward_protocol": ("http", "tcp"),
        "forward_port_algorithm": ("roundrobin", "leastconn", "first"),
        "sticky_sessions": ("none", "cookie", "table"),
        "on_marked_down_action": ("on_marked_down_action_none", "shutdown_sessions"),
        "proxy_protocol": tuple(
            f"proxy_protocol_{version}" for version in ("unknown", "none", "v1", "v2", "v2_ssl", "v2_ssl_cn")
        ),
    }
    formats = {"host": HOST_NAME}
    whole = {
        **{"failover_host": None, "host": "", "ignore_ssl_server_verify": None, "max_connections": None},
        **{"max_retries": None, "on_marked_down_action": "on_marked_down_action_none"},
        **{"proxy_protocol": "proxy_protocol_unknown", "redispatch_attempt_count": None, "send_proxy_v2": False},
        **{"ssl_bridging": False, "sticky_sessions": "none", "sticky_sessions_cookie_name": ""},
        **{"timeout_connect": 5000, "timeout_queue": None, "timeout_server": 300000, "timeout_tunnel": 900000},
    }
    """What a creation or an update that leaves them out gives."""

    def content(self, body, before):
        given = {field: body[field] for field in (*self.required, *self.whole) if field in body}
        if given.get("sticky_sessions") == "cookie" and not given.get("sticky_sessions_cookie_name"):
            raise errors.invalid_argument("sticky_sessions_cookie_name", "required", "is required for cookies")
        given["forward_port"] = port(given.get("forward_port"), "forward_port")
        if "timeout_queue" in given:
            given["timeout_queue"] = duration(given["timeout_queue"], "timeout_queue")
        fields = self.whole | given
        if before is None:
            fields["health_check"] = health_check(body.get("health_check") or {}, fields["forward_port"])
            fields["pool"] = list(body.get("server_ip") or [])
        return fields

    def present(self, backend, verb, with_instances=True):
        return super().present(backend, verb) | self.with_lb(backend, with_instances)

    def removable(self, backend):
        for kind, field in ((Frontends, "backend_id"), (Routes, "backend_id")):
            kind = self.service(kind).kind
            if any(
                part.get(f"_{field}", part.get(field)) == backend["id"]
                for part in self.store.find(kind, _lb=backend["_lb"])
            ):
                raise errors.precondition_failed("resource_still_in_use", "the backend has a frontend or a route")

    @action("PUT", "/{id}/healthcheck")
    def set_health_check(self, backend, call: Call):
        check = health_check(
            {name: value for name, value in call.body.items() if value is not None}, backend["forward_port"]
        )
        self.change(backend, health_check=check)
        self.lbs.refresh(backend["_lb"])
        return check

    @action("PUT", "/{id}/servers")
    def set_servers(self, backend, call: Call):
        return self._serve(backend, call.body.get("server_ip") or [])

    @action("POST", "/{id}/servers")
    def add_servers(self, backend, call: Call):
        return self._serve(backend, [*backend["pool"], *(call.body.get("server_ip") or [])])

    @action("DELETE", "/{id}/servers", permits="write")
    def remove_servers(self, backend, call: Call):
        gone = call.sent.get("server_ip") or []
        return self._serve(backend, [address for address in backend["pool"] if address not in gone])

    def _serve(self, backend: dict, pool: list[str]) -> dict:
        backend = self.change(backend, pool=list(dict.fromkeys(pool)))
        self.lbs.refresh(backend["_lb"])
        return self.answer(backend, "update")


class BackendsOfLb(Within):
    path = "/lb/v1/zones/{zone}/lbs/{parent_id}/backends"
    noun = "backend"
    parts = Backends


def health_check(given: dict, forward_port: int) -> dict:
    """A health check of a request -> as it is told; over TCP if it does not say how."""
    kinds = {kind: given[kind] for kind in CHECKS if given.get(kind) is not None} or {"tcp_config": {}}
    if len(kinds) > 1:
        raise errors.invalid_argument("health_check", "constraint", f"only one of {', '.join(kinds)} is possible")
    ((kind, how),) = kinds.items()
    if kind in ("http_config", "https_config"):
        how = {"uri": "/", "method": "GET", "code": None, "host_header": ""} | {
            name: value for name, value in how.items() if value is not None
        }
        if not re.fullmatch(r"[A-Z]+", how["method"]) or not re.fullmatch(r"/[^\s]*", how["uri"]):
            raise errors.invalid_argument(f"health_check.{kind}", "format", "wants a method and a path")
    return {
        "port": port(given.get("port") or forward_port, "health_check.port"),
        "check_delay": given.get("check_delay") or 60000,
        "check_timeout": given.get("check_timeout") or 30000,
        "check_max_retries": given.get("check_max_retries") or 2,
        "check_send_proxy": bool(given.get("check_send_proxy")),
        "transient_check_delay": duration(given.get("transient_check_delay") or "0.500s", "transient_check_delay"),
        kind: how,
    }


def port(number, name: str) -> int:
    if not isinstance(number, int) or not 1 <= number <= 65535:
        raise errors.invalid_argument(name, "constraint", "must be between 1 and 65535")
    return number


def duration(given: str, name: str) -> str:
    """`0.500000000s` -> `0.500s`: with no, three, six or nine digits, as few as do."""
    found = DURATION.fullmatch(given) if isinstance(given, str) else None
    if not found:
        raise errors.invalid_argument(name, "format", "must be a duration such as 0.500s")
    digits = (found[2] or "").ljust(9, "0")
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{found[1]}{'.' if digits else ''}{digits}s"


def milliseconds(told: str | None) -> int | None:
    return None if told is None else int(float(told.removesuffix("s")) * 1000)


def backends(store, lb_id: str):
    """The backends of a load balancer, for its machine."""
    for backend in store.find("lb.backend", _lb=lb_id):
        check = backend["health_check"]
        ((kind, how),) = ((kind, check[kind]) for kind in CHECKS if kind in check)
        proxy = backend["proxy_protocol"].removeprefix("proxy_protocol_")
        yield configured.Backend(
            id=backend["id"],
            protocol=backend["forward_protocol"],
            port=backend["forward_port"],
            algorithm=backend["forward_port_algorithm"],
            servers=tuple(backend["pool"]),
            check=configured.Check(
                kind=kind.removesuffix("_config"),
                port=check["port"],
                every=int(check["check_delay"]),
                timeout=int(check["check_timeout"]),
                retries=check["check_max_retries"],
                every_while_changing=milliseconds(check["transient_check_delay"]),
                send_proxy=check["check_send_proxy"],
                method=how.get("method") or "GET",
                uri=how.get("uri") or "/",
                host=how.get("host_header") or "",
                code=how.get("code") or 0,
                sni=how.get("sni") or "",
                user=how.get("user") or "",
            ),
            sticky=backend["sticky_sessions"],
            cookie=backend["sticky_sessions_cookie_name"],
            tls=bool(backend["ssl_bridging"]),
            verify=not backend["ignore_ssl_server_verify"],
            host=backend["host"],
            proxy="" if proxy in ("unknown", "none") else proxy,
            timeout_server=backend["timeout_server"],
            timeout_connect=backend["timeout_connect"],
            timeout_tunnel=backend["timeout_tunnel"],
            timeout_queue=milliseconds(backend["timeout_queue"]) or None,
            retries=backend["max_retries"],
            redispatch=backend["redispatch_attempt_count"],
            max_connections=backend["max_connections"],
            shutdown_sessions=backend["on_marked_down_action"] == "shutdown_sessions",
        )


# Frontends --------------------------------------------------------------------------------------------------------------


class Frontends(Part):
    path = "/lb/v1/zones/{zone}/frontends"
    noun = "frontend"
    missing = "frontend not Found"
    required = ("inbound_port", "backend_id")
    whole = {"timeout_client": None, "enable_http3": False, "enable_access_logs": False}

    def content(self, body, before):
        lb_id = body["_lb"] if before else body["_in"]
        backend = self.own(body.get("backend_id"), Backends, lb_id, "backend_id")
        wanted = body.get("certificate_ids") or ([body["certificate_id"]] if body.get("certificate_id") else [])
        for id in wanted:
            self.own(id, Certificates, lb_id, "certificate_ids")
        number = port(body.get("inbound_port"), "inbound_port")
        for other in self.store.find(self.kind, _lb=lb_id):
            if other["inbound_port"] == number and other["id"] != (before or {}).get("id"):
                raise errors.invalid_argument("inbound_port", "constraint", f"is the port of frontend {other['id']}")
        return (
            self.whole
            | {field: body[field] for field in self.whole if field in body}
            | {
                "inbound_port": number,
                "certificate_ids": wanted,
                "connection_rate_limit": body.get("connection_rate_limit") or None,
                "_backend_id": backend["id"],
            }
        )

    def present(self, frontend, verb):
        backends, certificates = self.service(Backends), self.service(Certificates)
        first, whole = frontend["certificate_ids"][:1], verb in ("list", "update")
        return (
            super().present(frontend, verb)
            | self.with_lb(frontend, whole)
            | {
                "backend": backends.present(backends.fetch(frontend["_backend_id"]), "list", whole),
                "certificate": certificates.present(certificates.fetch(first[0]), "get") if first else None,
            }
        )

    def remove(self, frontend):
        for kind in (Acls, Routes):
            kind = self.service(kind).kind
            for part in self.store.find(kind, _frontend_id=frontend["id"]):
                self.store.delete(kind, part["id"], part["_scope"])
        return super().remove(frontend)


class FrontendsOfLb(Within):
    path = "/lb/v1/zones/{zone}/lbs/{parent_id}/frontends"
    noun = "frontend"
    parts = Frontends


def frontends(lbs: Lbs, lb_id: str):
    """The frontends of a load balancer, for its machine."""
    store = lbs.store
    ready = {certificate["id"] for certificate in store.find("lb.certificate", _lb=lb_id) if certificate["_chain"]}
    protocols = {backend["id"]: backend["forward_protocol"] for backend in store.find("lb.backend", _lb=lb_id)}
    for frontend in store.find("lb.frontend", _lb=lb_id):
        shown = tuple(id for id in frontend["certificate_ids"] if id in ready)
        if frontend["certificate_ids"] and not shown:
            continue  # without a certificate it would speak in the clear
        acls = sorted(store.find("lb.acl", _frontend_id=frontend["id"]), key=lambda acl: acl["index"])
        yield configured.Frontend(
            id=frontend["id"],
            port=frontend["inbound_port"],
            protocol=protocols[frontend["_backend_id"]],
            backend=frontend["_backend_id"],
            certificates=shown,
            timeout=frontend["timeout_client"],
            rate_limit=frontend["connection_rate_limit"],
            acls=tuple(_acl(acl) for acl in acls),
            routes=tuple(_route(route) for route in store.find("lb.route", _frontend_id=frontend["id"])),
        )


# ACLs -------------------------------------------------------------------------------------------------------------------


class Acls(Part):
    path = "/lb/v1/zones/{zone}/acls"
    noun = "acl"
    missing = "acl not Found"
    required = ("action", "index")
    filters = Part.filters

    def lb_of(self, body):
        return self.service(Frontends).fetch(body["_in"])["_lb"]

    def content(self, body, before):
        act, match = body.get("action") or {}, body.get("match") or {}
        if act.get("type") not in ("allow", "deny", "redirect"):
            raise errors.invalid_argument("action.type", "constraint", "must be allow, deny or redirect")
        if act["type"] == "redirect" and not (act.get("redirect") or {}).get("target"):
            raise errors.invalid_argument("action.redirect", "required", "is required to redirect")
        http_filter = match.get("http_filter") or "acl_http_filter_none"
        header = match.get("http_filter_option")
        if header and not re.fullmatch(r"[A-Za-z0-9-]+", header):
            raise errors.invalid_argument("match.http_filter_option", "format", "must be the name of a header")
        if http_filter == "http_header_match" and not header:
            raise errors.invalid_argument("match.http_filter_option", "required", "must name the header")
        return {
            "index": body.get("index") or 0,
            "description": body.get("description") or "",
            "action": {"type": act["type"], "redirect": act.get("redirect")},
            "match": {
                "ip_subnet": match.get("ip_subnet") or ["0.0.0.0/0"],
                "ips_edge_services": bool(match.get("ips_edge_services")),
                "http_filter": http_filter,
                "http_filter_value": match.get("http_filter_value") or [],
                "http_filter_option": header,
                "invert": bool(match.get("invert")),
            },
            "_frontend_id": before["_frontend_id"] if before else body["_in"],
        }

    def present(self, acl, verb):
        frontends = self.service(Frontends)
        return super().present(acl, verb) | {"frontend": frontends.present(frontends.fetch(acl["_frontend_id"]), "get")}


class AclsOfFrontend(Within):
    path = "/lb/v1/zones/{zone}/frontends/{parent_id}/acls"
    noun = "acl"
    parts, parent = Acls, Frontends

    @action("PUT", "")
    def set(self, call: Call):
        """Exactly these."""
        frontend, acls = self._parent(call), self.service(Acls)
        place = {"zone": call.params["zone"], "_in": frontend["id"]}
        wanted = [spec | place for spec in call.body.get("acls") or []]
        for spec in wanted:
            acls.content(spec, None)  # refused before anything is lost
        for acl in self.store.find(acls.kind, _frontend_id=frontend["id"]):
            self.store.delete(acls.kind, acl["id"], acl["_scope"])
        made = [acls.add(spec) for spec in wanted]
        acls.lbs.refresh(frontend["_lb"])
        return {"acls": [acls.present(acl, "list") for acl in made], "total_count": len(made)}


def _acl(acl: dict) -> configured.Acl:
    match, action = acl["match"], acl["action"]
    redirect = action["redirect"] or {}
    filters = {"http_header_match": "header", "acl_http_filter_none": ""}
    networks = () if match["ip_subnet"] == ["0.0.0.0/0"] else tuple(match["ip_subnet"])
    condition = configured.Condition(
        networks=networks,
        filter=filters.get(match["http_filter"], match["http_filter"]),
        values=tuple(match["http_filter_value"]),
        header=match["http_filter_option"] or "",
        inverted=match["invert"],
    )
    kind = redirect.get("type") or "location" if action["type"] == "redirect" else action["type"]
    return configured.Acl(condition, kind, redirect.get("target") or "", redirect.get("code") or 302)


# Routes -----------------------------------------------------------------------------------------------------------------


class Routes(Part):
    path = "/lb/v1/zones/{zone}/routes"
    noun = "route"
    missing = "privateNetwork not Found"  # so the real one says
    operations = ("list", "get", "create", "update", "delete")
    common = ("id", "created_at", "updated_at")
    required = ("frontend_id", "backend_id")
    filters = {"frontend_id": equals("frontend_id")}

    def lb_of(self, body):
        return self.service(Frontends).fetch(body["frontend_id"])["_lb"]

    def shape(self, body):
        return super().shape(body | {"_in": body["frontend_id"]})

    def revise(self, route, body):
        return self.content(body | {"_lb": route["_lb"]}, route)

    def content(self, body, before):
        frontend = self.service(Frontends).fetch(before["frontend_id"] if before else body["frontend_id"])
        backend = self.own(body.get("backend_id"), Backends, frontend["_lb"], "backend_id")
        match = {name: value for name, value in (body.get("match") or {}).items() if value}
        kinds = [kind for kind in ("sni", "host_header", "path_begin") if kind in match]
        if len(kinds) != 1:
            raise errors.invalid_argument("match", "constraint", "must have one of sni, host_header and path_begin")
        if (kinds[0] == "sni") == (backend["forward_protocol"] == "http"):
            words = "sni is for TCP, host_header and path_begin are for HTTP"
            raise errors.invalid_argument("match", "constraint", words)
        return {
            "frontend_id": frontend["id"],
            "backend_id": backend["id"],
            "match": {kinds[0]: match[kinds[0]], "match_subdomains": bool(match.get("match_subdomains"))},
            "_frontend_id": frontend["id"],
        }


def _route(route: dict) -> configured.Route:
    match = route["match"]
    kinds = {"sni": "sni", "host_header": "host", "path_begin": "path"}
    ((name, kind),) = ((name, kind) for name, kind in kinds.items() if name in match)
    return configured.Route(kind, match[name], match["match_subdomains"], route["backend_id"])


# Certificates -----------------------------------------------------------------------------------------------------------


class Certificates(Part):
    path = "/lb/v1/zones/{zone}/certificates"
    noun = "certificate"
    missing = "certificate not Found"
    initial = "pending"
    defaults = {
        **{"common_name": "", "subject_alternative_name": [], "fingerprint": "", "status_details": None},
        **{"not_valid_before": NO_DATE, "not_valid_after": NO_DATE, "_chain": ""},
    }

    def content(self, body, before):
        if before:
            return {}
        if chain := (body.get("custom_certificate") or {}).get("certificate_chain"):
            return {"type": "custom", "id": str(uuid.uuid4())} | described(chain)
        wanted = body.get("letsencrypt") or {}
        if not wanted.get("common_name"):
            raise errors.invalid_argument("type", "required", "must be letsencrypt or custom_certificate")
        names = [wanted["common_name"], *(wanted.get("subject_alternative_name") or [])]
        return {"type": "letsencrypt", "common_name": names[0], "subject_alternative_name": names[1:]}

    def resume(self):
        super().resume()
        if not self.settings.api_only:
            threading.Thread(target=self._keep_fresh, name="lb.certificate renewal", daemon=True).start()

    def _keep_fresh(self):
        """Have certificates issued again before they end, as long as the sandbox runs."""
        while True:
            for certificate in self.store.find(self.kind, type="letsencrypt", status=self.ready):
                if is_ending(certificate):
                    self.later(certificate, self.issued)
            time.sleep(RENEWAL_SECONDS)

    def started(self, certificate, body):
        if certificate["_chain"]:
            return {"status": self.ready}
        return self.issued(certificate)

    def resumed(self, certificate):
        return self.started(certificate, {}) if certificate["status"] == self.initial else None

    def issued(self, certificate: dict) -> dict:
        names = [certificate["common_name"], *certificate["subject_alternative_name"]]
        lb = self.lbs.machine(certificate["_lb"])
        addresses = {ip["ip_address"] for ip in self.store.find(self.service(Ips).kind, lb_id=certificate["_lb"])}
        for name in names:
            if not addresses & set(self.machines.dns.resolve(name, "A")):
                return {
                    "status": "error",
                    "status_details": f"{name} does not resolve to {', '.join(sorted(addresses))}",
                }
        try:
            chain = self.machines.balancers.obtain(lb, names)
        except Exception as error:  # the authority's refusal, in whichever way the machine learnt of it
            return {"status": "error", "status_details": str(error)}
        self.change(certificate, **described(chain) | {"common_name": names[0], "subject_alternative_name": names[1:]})
        self.lbs.refresh(certificate["_lb"])
        return {"status": self.ready}

    def present(self, certificate, verb):
        return super().present(certificate, verb) | self.with_lb(certificate, verb == "create")

    def removable(self, certificate):
        for frontend in self.store.find(self.service(Frontends).kind, _lb=certificate["_lb"]):
            if certificate["id"] in frontend["certificate_ids"]:
                raise errors.precondition_failed("resource_still_in_use", f"frontend {frontend['id']} has it")


class CertificatesOfLb(Within):
    path = "/lb/v1/zones/{zone}/lbs/{parent_id}/certificates"
    noun = "certificate"
    parts = Certificates


def described(chain: str) -> dict:
    """What is told of a private key with its certificates in PEM. Raises: 400 where they do not belong together."""
    try:
        leaf = x509.load_pem_x509_certificates(chain.encode())[0]
        key = load_pem_private_key(
            re.sub(r"(?s)-----BEGIN CERTIFICATE.*?END CERTIFICATE-----", "", chain).encode(), None
        )
    except (ValueError, TypeError) as error:
        raise errors.invalid_argument("certificate_chain", "format", f"not a key and certificates: {error}") from None
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(*form) != leaf.public_key().public_bytes(*form):
        raise errors.invalid_argument("certificate_chain", "constraint", "the key is not that of the first certificate")
    names = leaf.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    try:
        more = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        alternatives = more.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        alternatives = []
    common_name = names[0].value if names else next(iter(alternatives), "")

    def told(date):
        return date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    return {
        "common_name": common_name,
        "subject_alternative_name": [name for name in alternatives if name != common_name],
        "fingerprint": hashlib.sha1(leaf.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest(),
        "not_valid_before": told(leaf.not_valid_before_utc),
        "not_valid_after": told(leaf.not_valid_after_utc),
        "_chain": chain,
    }


def is_ending(certificate: dict) -> bool:
    """Whether less than a third of its time is left."""
    begin, end = (datetime.fromisoformat(certificate[field]) for field in ("not_valid_before", "not_valid_after"))
    return end - datetime.now(UTC) < (end - begin) / 3


def certificates(store, lb_id: str) -> dict[str, str]:
    """{id: key and certificates in PEM} of a load balancer, for its machine."""
    return {found["id"]: found["_chain"] for found in store.find("lb.certificate", _lb=lb_id) if found["_chain"]}
