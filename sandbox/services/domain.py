"""Domains and DNS: domain/v2beta1. What a zone holds is served by a DNS server from the moment it is written.

Shapes: scaleway-sdk-python, scaleway/domain/v2beta1/types.py. What is not served, and why: docs/sandbox.md#domain.
"""

import base64
import ipaddress
import logging
import re
import time
import uuid

import dns.exception
import dns.name
import dns.rdatatype
import dns.zone

from ..call import Call
from ..collection import Collection, action, equals
from ..errors import ApiError, invalid_argument
from ..machines.dns import Record, rdata

log = logging.getLogger(__name__)

NAMESERVERS = ["ns0.dom.scw.cloud", "ns1.dom.scw.cloud"]
NAMESERVER_TTL = 1800
DEFAULT_TTL, SHORTEST_TTL, LONGEST_TTL = 3600, 60, 2592000
PENDING_SECONDS = 1.5
"""How long a zone is pending after a change of its records: the real API takes about 8 s."""
TYPES = (
    "A", "AAAA", "ALIAS", "CAA", "CNAME", "DNAME", "DS", "HINFO", "HTTPS", "LOC", "MX", "NAPTR", "NS", "PTR", "RP", "SRV",
    "SSHFP", "SVCB", "TLSA", "TXT", "URI",
)  # fmt: skip
LARGEST_SERIAL = 2**32 - 1
DYNAMIC = ("geo_ip_config", "http_service_config", "weighted_config", "view_config")
LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
KEPT_VERSIONS = 10


class Zones(Collection):
    """A zone is known by its name. The root zone of a domain comes with the domain: every domain is ours in the sandbox."""

    path = "/domain/v2beta1/dns-zones"
    noun = "dns_zone"
    key = "_name"
    missing = "dns zone not found"
    operations = ("list", "create", "update", "delete")
    common = ("project_id", "updated_at")
    required = ("domain",)
    formats = {"domain": rf"({LABEL}\.)+{LABEL}", "subdomain": rf"(({LABEL}\.)*{LABEL})?"}
    defaults = {
        "ns": NAMESERVERS, "ns_default": NAMESERVERS, "ns_master": [], "linked_products": [], "message": None,
        "_pending_until": 0, "_serial": 1,
    }  # fmt: skip
    delete_code = 200
    filters = {
        "domain": equals("domain"),
        "dns_zone": equals("_name"),
        "dns_zones": equals("_name"),
        "project_id": equals("project_id"),
    }

    def prepare(self):
        """Take the service of every zone up again, and the names that Scaleway itself serves."""
        self.machines.dns.start()
        for server in NAMESERVERS:
            self.machines.dns.publish(server, [Record("", "A", self.settings.gateway)])
        for zone in self.store.all(self.kind):
            try:
                self.publish(zone)
            except Exception:  # everything else starts without it, and its records can still be mended
                log.exception("zone %s is not served", zone["_name"])

    def now(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def shape(self, body):
        subdomain = body.get("subdomain", "")
        name = f"{subdomain}.{body['domain']}".lstrip(".")
        if self.store.get(self.kind, name):
            raise ApiError(409, f"dns zone {name} already exists")
        check_length("domain", name)
        return {"_name": name, "domain": body["domain"], "subdomain": subdomain}

    def present(self, record, verb):
        if verb == "delete":
            return {}
        status = "pending" if time.time() < record["_pending_until"] else "active"
        return super().present(record, verb) | {"status": status}

    def add(self, body) -> dict:
        """A zone with its name servers, and the root zone that it is a part of."""
        if body.get("subdomain") and not self.store.get(self.kind, body["domain"]):
            self.add({"domain": body["domain"], "project_id": body.get("project_id")})
        zone = super().add(body)
        servers = [{"name": "", "type": "NS", "data": f"{name}.", "ttl": NAMESERVER_TTL} for name in NAMESERVERS]
        self.service(Records).write(zone, [{"add": {"records": servers}}])
        return self.change(zone, _pending_until=0)

    def ensure(self, name: str, project_id: str | None = None) -> dict:
        """The zone of that name, made if it is not there: a change of records makes its zone."""
        with self.store.lock(self.kind, name):  # two clients that write to a new zone make one
            if zone := self.store.get(self.kind, name):
                return self.permitted(zone)
            self.permit(project_id or self.organization_id)
            domain = self.domain_of(name)
            body = {"domain": domain, "subdomain": name.removesuffix(domain).rstrip("."), "project_id": project_id}
            self._validate(body, self.required)
            return self.add(body)

    def domain_of(self, name: str) -> str:
        """The domain that a name belongs to: the one known here, else its last two labels."""
        labels = name.split(".")
        above = [".".join(labels[start:]) for start in range(len(labels) - 1)]
        return next((zone for zone in above if self._is_root(zone)), above[-1] if above else name)

    def closest(self, name: str) -> dict | None:
        """The zone that holds the records of a name."""
        while name:
            if zone := self.store.get(self.kind, name):
                return zone
            name = name.partition(".")[2]
        return None

    def _is_root(self, name: str) -> bool:
        zone = self.store.get(self.kind, name)
        return bool(zone) and zone["subdomain"] == ""

    def removable(self, zone):
        if zone["subdomain"] == "":
            raise ApiError(403, "root zone can't be deleted")

    def stopped(self, zone):
        self.machines.dns.withdraw(zone["_name"])

    def _update(self, zone, call: Call):
        """Rename a zone below its domain; its records move with it."""
        name = call.body.get("new_dns_zone") or zone["_name"]
        if name == zone["_name"]:
            return self.answer(zone, "update")
        subdomain = name.removesuffix(f".{zone['domain']}")
        if zone["subdomain"] == "" or subdomain == name or not re.fullmatch(self.formats["subdomain"], subdomain):
            raise invalid_argument("new_dns_zone", "constraint", f"must be below {zone['domain']}")
        if self.store.get(self.kind, name):
            raise ApiError(409, f"dns zone {name} already exists")
        records = self.service(Records).of(zone)
        self.store.delete(self.kind, zone["_name"], "")
        self.machines.dns.withdraw(zone["_name"])
        moved = zone | {"_name": name, "subdomain": subdomain, "updated_at": self.now()}
        self.store.put(self.kind, "", name, moved)
        for record in records:
            self.store.put(self.service(Records).kind, name, record["id"], record | {"_scope": name})
        self.publish(moved)
        return self.answer(moved, "update")

    def changed(self, zone: dict, serial: int = 0) -> dict:
        """After a change of its records: count the serial up, and serve them."""
        pending = time.time() + PENDING_SECONDS
        zone = self.change(zone, _serial=serial or zone["_serial"] + 1, _pending_until=pending)
        self.publish(zone)
        return zone

    def publish(self, zone: dict):
        records = [served(record) for record in self.service(Records).of(zone)]
        self.machines.dns.publish(zone["_name"], records, zone["_serial"])

    @action("POST", "/{id}/clone")
    def clone(self, zone, call: Call):
        target = call.body.get("dest_dns_zone", "")
        if self.store.get(self.kind, target) and not call.body.get("overwrite"):
            raise ApiError(409, f"dns zone {target} already exists")
        cloned = self.ensure(target, call.body.get("project_id") or zone["project_id"])
        copies = [
            {key: value for key, value in record.items() if key != "id"} for record in self.service(Records).of(zone)
        ]
        everything = [{"delete": {"id": record["id"]}} for record in self.service(Records).of(cloned)]
        self.service(Records).write(cloned, [*everything, {"add": {"records": copies}}])
        return self.answer(self.fetch(target), "clone")

    @action("POST", "/{id}/refresh")
    def refresh(self, zone, call: Call):
        self.publish(zone)
        return {"dns_zones": [self.present(zone, "list")]}

    @action("GET", "/{id}/nameservers")
    def nameservers(self, zone, call: Call):
        return {
            "ns": [{"name": name, "ip": [self.settings.gateway] if name in NAMESERVERS else []} for name in zone["ns"]]
        }

    @action("PUT", "/{id}/nameservers")
    def set_nameservers(self, zone, call: Call):
        names = [server["name"].rstrip(".") for server in call.body.get("ns", [])]
        if not names:
            raise invalid_argument("ns", "required", "at least one name server")
        servers = [{"name": "", "type": "NS", "data": f"{name}.", "ttl": NAMESERVER_TTL} for name in names]
        self.service(Records).write(zone, [{"set": {"id_fields": {"name": "", "type": "NS"}, "records": servers}}])
        return self.nameservers(self.change(zone, ns=names), call)

    @action("GET", "/{id}/raw")
    def export(self, zone, call: Call):
        """The zone in the format of a BIND file."""
        lines = [f"$ORIGIN {zone['_name']}."]
        for record in self.service(Records).of(zone):
            data = record["data"]
            if record["type"] == "TXT":  # a string of a zone file is at most 255 bytes long
                data = rdata("TXT", data, dns.name.root).to_text()
            lines.append(f"{record['name'] or '@'} {record['ttl']} IN {record['type']} {data}")
        content = base64.b64encode("\n".join([*lines, ""]).encode()).decode()
        return {"name": f"{zone['_name']}.zone", "content_type": "text/plain", "content": content}

    @action("POST", "/{id}/raw")
    def import_(self, zone, call: Call):
        """Replace every record but the name servers of the apex by those of a BIND file."""
        text = (call.body.get("bind_source") or {}).get("content") or call.body.get("content") or ""
        try:
            parsed = dns.zone.from_text(text, origin=f"{zone['_name']}.", relativize=False, check_origin=False)
        except dns.exception.DNSException as error:
            raise invalid_argument("content", "format", str(error)) from None
        found = [
            {
                "name": "" if owner == parsed.origin else str(owner.relativize(parsed.origin)),
                "type": dns.rdatatype.to_text(item.rdtype),
                "data": b"".join(item.strings).decode() if item.rdtype == dns.rdatatype.TXT else item.to_text(),
                "ttl": ttl,
            }
            for owner, ttl, item in parsed.iterate_rdatas()
            if not (owner == parsed.origin and dns.rdatatype.to_text(item.rdtype) in ("SOA", "NS"))
        ]
        changes = [{"clear": {}}, {"add": {"records": found}}]
        return {"records": self.service(Records).write(zone, changes)}


class Records(Collection):
    path = "/domain/v2beta1/dns-zones/{dns_zone}/records"
    parent = Zones
    noun = "record"
    operations = ("list",)
    filters = {"name": equals("name"), "type": equals("type"), "id": equals("id")}

    def now(self) -> str:
        return self.service(Zones).now()

    def of(self, zone: dict) -> list[dict]:
        return self.store.all(self.kind, zone["_name"])

    def _select(self, records, call: Call):
        call.query["type"] = [value.upper() for value in call.query.get("type", []) if value.lower() != "unknown"]
        call.query.setdefault("order_by", ["name_asc"])
        return super()._select(records, call)

    @action("DELETE", "")
    def clear(self, call: Call):
        self.write(self.service(Zones).fetch(call.params["dns_zone"]), [{"clear": {}}])
        return {}

    def routes(self):
        """The change of records is no action on an existing zone: it makes the zone where there is none."""
        yield from super().routes()
        yield self._served("PATCH", self.path, self.patch, "write")

    def patch(self, call: Call):
        """Apply a list of changes, all or none."""
        zones, name = self.service(Zones), call.params["dns_zone"]
        changes = call.body.get("changes") or []
        for change in changes:
            if not isinstance(change, dict) or len([key for key in change if change[key] is not None]) != 1:
                raise invalid_argument("changes", "constraint", "each change is one of add, set, delete and clear")
        serial = call.body.get("serial") or 0
        if not isinstance(serial, int) or not 0 <= serial <= LARGEST_SERIAL:
            raise invalid_argument("serial", "constraint", f"must be between 0 and {LARGEST_SERIAL}")
        if not self.store.get(zones.kind, name):
            if call.body.get("disallow_new_zone_creation"):
                raise zones.not_found(name)
            self.apply([], changes, name)  # refuses what is malformed before the zone is made
        zone = zones.ensure(name)
        written = self.write(zone, changes, serial)
        everything = self.of(zone) if call.body.get("return_all_records") else written
        return {"records": [self.present(record, "update") for record in everything]}

    def write(self, zone: dict, changes: list[dict], serial: int = 0) -> list[dict]:
        """Apply changes to a zone and serve it; the records written."""
        name = zone["_name"]
        with self.service(Zones).held(zone), self.store.lock(self.kind, name):
            before = {record["id"]: record for record in self.of(zone)}
            after, written = self.apply(list(before.values()), changes, name)
            after = {record["id"]: record for record in after}
            for id in before.keys() - after.keys():
                self.store.delete(self.kind, id, name)
            for id, record in after.items():
                if record is not before.get(id):
                    self.store.put(self.kind, name, id, record)
            self.service(Zones).changed(self.service(Zones).fetch(name), serial)
            self.service(Versions).keep(name, list(after.values()))
        return [record for record in written if record["id"] in after]

    def apply(self, records: list[dict], changes: list[dict], zone: str) -> tuple[list[dict], list[dict]]:
        """Records and changes -> (records afterwards, those written). Raises ApiError for what is malformed."""
        written = []
        for change in changes:
            [(kind, body)] = [(kind, body) for kind, body in change.items() if body is not None]
            if kind == "clear":
                records = [record for record in records if record["name"] == "" and record["type"] == "NS"]
                continue
            if kind not in ("add", "set", "delete"):
                raise invalid_argument("changes", "unknown", f"no such change: {kind}")
            new = [self.shape(record | {"zone": zone}) for record in body.get("records") or []]
            if kind != "add":
                meant = self._selected(records, body)
                records = [record for record in records if record not in meant]
                for record, replaced in zip(new, meant, strict=False):
                    record["id"] = replaced["id"]
            records = records + new
            written += new
        return records, written

    def _selected(self, records: list[dict], selector: dict) -> list[dict]:
        if id := selector.get("id"):
            found = [record for record in records if record["id"] == id]
            if not found:
                raise ApiError(404, "record not found")
            return found
        if not (fields := selector.get("id_fields")):
            raise invalid_argument("id", "required", "a change names the records by id or id_fields")
        wanted = {"name": fields.get("name", ""), "type": str(fields.get("type", "")).upper()}
        wanted |= {key: fields[key] for key in ("data", "ttl") if fields.get(key) is not None}
        return [
            record
            for record in records
            if all(
                record[key] == value or (key == "data" and unquoted(record[key]) == value)
                for key, value in wanted.items()
            )
        ]

    def shape(self, body):
        """A record as a client writes it -> as the API gives it back: texts quoted, MX with its priority in front."""
        zone, name, kind = body["zone"], body.get("name") or "", str(body.get("type") or "").upper()
        ttl, priority, data = (
            body.get("ttl") or DEFAULT_TTL,
            body.get("priority") or 0,
            (body.get("data") or "").strip(),
        )
        if kind not in TYPES:
            raise invalid_argument("type", "constraint", f"must be one of {', '.join(TYPES)}")
        if not re.fullmatch(rf"((\*|{LABEL})(\.{LABEL})*)?", name, re.IGNORECASE):
            raise invalid_argument("name", "format", f"{name!r} is no name in a zone")
        check_length("name", f"{name}.{zone}".lstrip("."))
        if not SHORTEST_TTL <= ttl <= LONGEST_TTL:
            raise invalid_argument("ttl", "constraint", f"must be between {SHORTEST_TTL} and {LONGEST_TTL}")
        if kind == "TXT" and not data.startswith('"'):
            data = '"' + data.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if kind == "MX" and not data[:1].isdigit():
            data = f"{priority} {data}"
        self._check_data("data", kind, data, zone)
        configs = {config: body[config] for config in DYNAMIC if body.get(config)}
        for view in self._choices(configs, "view_config", "views", ("subnet", "data")):
            self._check_data("view_config", kind, view["data"], zone)
            self._check_subnet(view["subnet"])
        weighted = self._choices(configs, "weighted_config", "weighted_ips", ("ip", "weight"))
        for choice in weighted:
            self._check_data("weighted_config", kind, choice["ip"], zone)
        weights = [choice["weight"] for choice in weighted]
        if weights and (min(weights) < 0 or not any(weights)):
            words = "no weight may be negative, and one has to be positive"
            raise invalid_argument("weighted_config", "constraint", words)
        record = {"id": str(uuid.uuid4()), "name": name, "type": kind, "data": data, "ttl": ttl, "priority": priority}
        record |= {"comment": body.get("comment"), "updated_at": self.now(), "_scope": zone}
        return record | configs

    @staticmethod
    def _choices(configs: dict, config: str, name: str, fields: tuple[str, ...]) -> list[dict]:
        """The list that a configuration consists of, each with these fields; kept as a list where the client sent null."""
        if config not in configs:
            return []
        found = configs[config].get(name) or []
        for field in fields:
            if any(choice.get(field) is None for choice in found):
                raise invalid_argument(config, "required", f"each of {name} needs {field}")
        configs[config] = {name: found}
        return found

    @staticmethod
    def _check_data(argument: str, kind: str, data: str, zone: str):
        try:
            rdata(kind, data, dns.name.from_text(zone))
        except (dns.exception.DNSException, ValueError) as error:
            raise invalid_argument(argument, "format", f"{data!r} is no {kind} record: {error}") from None

    @staticmethod
    def _check_subnet(subnet: str):
        try:
            ipaddress.ip_network(subnet, strict=False)
        except ValueError as error:
            raise invalid_argument("view_config", "format", str(error)) from None


class Versions(Collection):
    """What a zone held after each of its last changes."""

    path = "/domain/v2beta1/dns-zones/{dns_zone}/versions"
    parent = Zones
    noun = "version"
    operations = ("list",)
    common = ("id", "created_at")

    def keep(self, zone: str, records: list[dict]):
        self.add({"dns_zone": zone, "_records": records})
        for outdated in self.store.all(self.kind, zone)[:-KEPT_VERSIONS]:
            self.store.delete(self.kind, outdated["id"], zone)

    def shape(self, body):
        return {"_records": body["_records"]}


class Version(Collection):
    """A version by its id, whatever its zone."""

    path = "/domain/v2beta1/dns-zones/version"
    kind = f"{Versions.path.split('/')[1]}.{Versions.noun}"
    inside = {"_scope": Zones}
    noun = "version"
    operations = ()

    def _scope(self, call: Call) -> None:
        return None

    @action("GET", "/{id}")
    def records(self, version, call: Call):
        shown = [Collection.present(self, record, "list") for record in version["_records"]]
        return {"records": self.page(call, shown), "total_count": len(shown)}

    @action("POST", "/{id}/restore")
    def restore(self, version, call: Call):
        zone = self.service(Zones).fetch(version["_scope"])
        everything = [{"delete": {"id": record["id"]}} for record in self.service(Records).of(zone)]
        self.service(Records).write(zone, [*everything, {"add": {"records": version["_records"]}}])
        return {}


def check_length(argument: str, name: str):
    """A name of the DNS has 255 bytes at most."""
    try:
        dns.name.from_text(name)
    except dns.exception.DNSException as error:
        raise invalid_argument(argument, "format", f"{name!r}: {error}") from None


def unquoted(data: str) -> str:
    return data[1:-1] if len(data) > 1 and data[0] == data[-1] == '"' else data


def served(record: dict) -> Record:
    """A record of the API -> what the DNS server needs to know of it."""
    views = tuple((view["subnet"], view["data"]) for view in record.get("view_config", {}).get("views", []))
    weighted = record.get("weighted_config", {}).get("weighted_ips", [])
    weights = tuple((choice["ip"], choice["weight"]) for choice in weighted)
    return Record(record["name"], record["type"], record["data"], record["ttl"], views, weights)
