"""The domains that mail is sent for: the records that make one valid, and what the DNS says of them."""

import base64
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ...call import Call
from ...collection import action
from ...errors import already_exists, invalid_argument, not_found
from ...machines.dns import Record
from ...machines.smtp import HOSTNAME
from ..domain import LABEL, Records, Zones
from . import PATH, TemCollection, TemService, counts

SPF_INCLUDE = "include:_spf.tem.scaleway.com"
BLACKHOLE = "blackhole.tem.scaleway.com"
DMARC = "v=DMARC1; p=none"
CHECK_PERIOD = timedelta(days=1)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


class Domains(TemCollection):
    """A revoked domain is kept, since revoking it again still works; nothing else sees it."""

    path = f"{PATH}/domains"
    kind = "tem.domain"
    noun = "domain"
    operations = ("list", "get", "create", "update")
    common = ("id", "project_id", "organization_id", "created_at", "region")
    required = ("domain_name",)
    mutable = ("autoconfig",)
    formats = {"domain_name": rf"({LABEL}\.)+{LABEL}"}
    defaults = {
        "autoconfig": False, "last_error": None, "last_valid_at": None, "next_check_at": None, "revoked_at": None,
        "spf_config": SPF_INCLUDE,
    }  # fmt: skip
    failed = "invalid"

    def prepare(self):
        """The names of Scaleway's that the records to publish refer to."""
        gateway = self.settings.gateway
        publish = self.machines.dns.publish
        publish("_spf.tem.scaleway.com", [Record("", "TXT", f'"v=spf1 ip4:{gateway} -all"')])
        publish(BLACKHOLE, [Record("", "A", gateway)])
        publish(HOSTNAME, [Record("", "A", gateway)])

    def shape(self, body):
        name, project = body["domain_name"].lower(), body.get("project_id") or self.organization_id
        if body.get("accept_tos") is False:
            raise invalid_argument("accept_tos", "constraint", "the terms of service have to be accepted")
        for known in self.store.find(self.kind, name=name, project_id=project):
            if not known["revoked_at"]:
                raise already_exists("domain", known["id"])
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self._configuring(body) | {
            "autoconfig": bool(body.get("autoconfig")),
            "name": name,
            "dkim_config": f"v=DKIM1; h=sha256; k=rsa; p={base64.b64encode(public).decode()}",
            "_dkim_key": key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode(),
        }

    def revise(self, record, body):
        return super().revise(record, body) | self._configuring(body)

    def _configuring(self, body) -> dict:
        if body.get("autoconfig"):
            return {"status": "autoconfiguring", "next_check_at": self.now()}
        return {} if "domain_name" not in body else {"status": "unchecked"}

    def present(self, record, verb):
        sent = counts(self.store.find("tem.email", _domain_id=record["id"]))
        statistics = {name: sent[name] for name in ("total_count", "sent_count", "failed_count", "canceled_count")}
        shown = super().present(record, verb) | {"statistics": statistics}
        if verb == "revoke":
            gone = {"status": "revoked", "next_check_at": None, "autoconfig": False, "spf_config": ""}
            return shown | gone | {"records": None, "reputation": None}
        if verb == "check":
            relative = record["name"].removesuffix(self.service(Zones).domain_of(record["name"])).rstrip(".")
            dmarc = {"name": f"_dmarc.{relative}".rstrip("."), "value": DMARC}
            records = {"dkim": None, "dmarc": dmarc, "mx": None, "spf": None}
            return shown | {"autoconfig": False, "records": records, "reputation": None}
        reputation = {"status": "excellent", "score": 100, "scored_at": record["created_at"]}
        reputation |= {"previous_score": None, "previous_scored_at": None}
        return shown | {"records": self.wanted(record), "reputation": reputation}

    def wanted(self, domain: dict) -> dict[str, dict]:
        """The records that make a domain valid: {name, value} by kind."""
        name = f"{domain['name']}."
        return {
            "spf": {"name": name, "value": f"v=spf1 {SPF_INCLUDE} -all"},
            "dkim": {"name": f"{domain['project_id']}._domainkey.{name}", "value": domain["dkim_config"]},
            "dmarc": {"name": f"_dmarc.{name}", "value": DMARC},
            "mx": {"name": name, "value": f"10 {BLACKHOLE}."},
        }

    def fetch(self, id, scope=None):
        record = super().fetch(id, scope)
        if record["revoked_at"]:
            raise self.not_found(id)
        return record

    def _select(self, records, call: Call):
        return super()._select([record for record in records if not record["revoked_at"]], call)

    def started(self, record, body):
        return self.resumed(record)

    def updated(self, record, changes):
        return self.resumed(record)

    def resumed(self, record):
        if record["status"] == "autoconfiguring":
            self.configure(record)
            return self.verify(record)
        return None

    def configure(self, domain: dict):
        """Publish what is missing in the domain's zone, if the zone is here. Mail that the domain gets keeps its MX."""
        if not (zone := self.service(Zones).closest(domain["name"])):
            return
        wanted, resolve = self.wanted(domain), self.machines.dns.resolve
        apex, changes = self._relative(wanted["spf"]["name"], zone), []
        spf = [text for text in resolve(domain["name"], "TXT") if text.startswith("v=spf1")]
        if not any(SPF_INCLUDE in text.split() for text in spf):
            value = spf[0].replace("v=spf1", f"v=spf1 {SPF_INCLUDE}", 1) if spf else wanted["spf"]["value"]
            changes += [{"delete": {"id_fields": {"name": apex, "type": "TXT", "data": text}}} for text in spf]
            changes.append(_addition(apex, "TXT", value))
        if not resolve(domain["name"], "MX"):
            changes.append(_addition(apex, "MX", wanted["mx"]["value"]))
        for kind in ("dkim", "dmarc"):
            name = self._relative(wanted[kind]["name"], zone)
            published = resolve(wanted[kind]["name"], "TXT")
            if not published or (kind == "dkim" and wanted[kind]["value"] not in published):
                changes += [{"delete": {"id_fields": {"name": name, "type": "TXT"}}}]
                changes.append(_addition(name, "TXT", wanted[kind]["value"]))
        if changes:
            self.service(Records).write(zone, changes)

    @staticmethod
    def _relative(name: str, zone: dict) -> str:
        return name.rstrip(".").removesuffix(zone["_name"]).rstrip(".")

    def verify(self, domain: dict) -> dict:
        """Look the records up; the fields that follow from what is found."""
        found = self.examine(domain)
        if all(found[kind]["status"] == "valid" for kind in ("spf", "dkim", "dmarc")):
            now = datetime.now(UTC)
            due = (now + CHECK_PERIOD).isoformat().replace("+00:00", "Z")
            return {"status": "checked", "last_valid_at": self.now(), "next_check_at": due}
        return {"status": "invalid" if domain["last_valid_at"] else "unchecked"}

    def examine(self, domain: dict) -> dict[str, dict]:
        """What the DNS says about each record that is wanted: {status, error} by kind."""
        wanted, resolve = self.wanted(domain), self.machines.dns.resolve
        texts = {kind: resolve(wanted[kind]["name"], "TXT") for kind in ("spf", "dkim", "dmarc")}
        spf = [text for text in texts["spf"] if text.startswith("v=spf1")]
        key = wanted["dkim"]["value"].rpartition("p=")[2]
        return {
            "spf": _verdict(spf, len(spf) == 1 and SPF_INCLUDE in spf[0].split(), f"{SPF_INCLUDE} is missing"),
            "dkim": _verdict(
                texts["dkim"], any(_tag(text, "p") == key for text in texts["dkim"]), "the key is another one"
            ),
            "dmarc": _verdict(
                texts["dmarc"], any(text.startswith("v=DMARC1") for text in texts["dmarc"]), "not v=DMARC1"
            ),
            "mx": _verdict(resolve(wanted["mx"]["name"], "MX"), True, ""),
        }

    @action("POST", "/{id}/check")
    def check(self, record, call: Call):
        record = self.change(record, next_check_at=self.now())
        self.later(record, self.verify)
        return self.answer(record, "check")

    @action("GET", "/{id}/verification")
    def verification(self, record, call: Call):
        autoconfigurable = self.service(Zones).closest(record["name"]) is not None
        autoconfig = {"enabled": record["autoconfig"], "autoconfigurable": autoconfigurable}
        autoconfig["reason"] = None if autoconfigurable else "domain_not_found"
        return {
            "domain_id": record["id"],
            "domain_name": record["name"],
            "autoconfig_state": autoconfig,
            **{
                f"{kind}_record": found | {"last_valid_at": record["last_valid_at"]}
                for kind, found in self.examine(record).items()
            },
        }

    def sender(self, project_id: str, address: str) -> dict | None:
        """The checked domain of the project that an address belongs to."""
        found = self.store.find(self.kind, project_id=project_id, name=domain_of(address), status="checked")
        return next((domain for domain in found if not domain["revoked_at"]), None)


class Revocations(TemService):
    path = f"{PATH}/domains/{{domain_id}}/revoke"

    @action("POST", "")
    def revoke(self, call: Call):
        domains = self.service(Domains)
        if not (domain := self.store.get(domains.kind, call.params["domain_id"], call.params["region"])):
            raise not_found("domain", call.params["domain_id"])
        if not domains.permitted(domain)["revoked_at"]:
            domain = domains.change(domain, revoked_at=self.now())
        return domains.answer(domain, "revoke")


def _addition(name: str, kind: str, data: str) -> dict:
    return {"add": {"records": [{"name": name, "type": kind, "data": data}]}}


def _verdict(published: list[str], valid: bool, fault: str) -> dict:
    if not published:
        return {"status": "not_found", "error": "no such record"}
    return {"status": "valid", "error": None} if valid else {"status": "invalid", "error": fault}


def _tag(text: str, name: str) -> str | None:
    """A tag of a DKIM record (`v=DKIM1; p=...`)."""
    tags = (part.strip().partition("=") for part in text.split(";"))
    return next((value.strip() for key, _, value in tags if key.strip() == name), None)
