"""Transactional Email: transactional-email/v1alpha1. Domains are checked in the DNS, and mail is sent for checked ones only.

Shapes: scaleway-sdk-python, scaleway/tem/v1alpha1/types.py. What is not served, and why: docs/sandbox.md#tem.
"""

import base64
import binascii
import email.policy
import email.utils
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ..call import Call
from ..collection import Collection, Service, action, catalog, equals
from ..errors import already_exists, invalid_argument, not_found, precondition_failed
from ..machines.dns import Record
from ..machines.smtp import HOSTNAME
from ..permissions import Permissions
from .domain import LABEL, Records, Zones
from .iam import is_expired

PATH = "/transactional-email/v1alpha1/regions/{region}"
REGION = "fr-par"
SPF_INCLUDE = "include:_spf.tem.scaleway.com"
BLACKHOLE = "blackhole.tem.scaleway.com"
DMARC = "v=DMARC1; p=none"
QUEUE_SECONDS = 0.2
"""How long a message stays in the queue, where it can be canceled."""
CHECK_PERIOD = timedelta(days=1)
MAX_RECIPIENTS, MAX_ATTACHMENTS, MAX_API_SIZE = 10, 10, 2 * 1024 * 1024
EVENTS = (
    "email_queued", "email_dropped", "email_deferred", "email_delivered", "email_spam", "email_mailbox_not_found",
    "email_blocklisted", "blocklist_created",
)  # fmt: skip


def is_past(moment: str) -> bool:
    return datetime.fromisoformat(moment) < datetime.now(UTC)


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()


class TemCollection(Collection):
    """The product exists in one region."""

    def _scope(self, call: Call) -> str:
        if call.params["region"] != REGION:
            raise invalid_argument("region", "constraint", f"must be {REGION}")
        return super()._scope(call)


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
        sent = self.service(Emails).counts(self.store.find("tem.email", _domain_id=record["id"]))
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
        reputation = {"status": "excellent", "score": 100, "scored_at": self.now()}
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


class Revocations(Service):
    path = f"{PATH}/domains/{{domain_id}}/revoke"

    @action("POST", "")
    def revoke(self, call: Call):
        domains = self.service(Domains)
        if not (domain := self.store.get(domains.kind, call.params["domain_id"], call.params["region"])):
            raise not_found("domain", call.params["domain_id"])
        if not domain["revoked_at"]:
            domain = domains.change(domain, revoked_at=self.now())
        return domains.answer(domain, "revoke")


class Emails(TemCollection):
    """One record for each recipient of a message, whether it came over the API or over SMTP."""

    path = f"{PATH}/emails"
    kind = "tem.email"
    noun = "email"
    operations = ("list", "get")
    common = ("id", "project_id", "created_at", "updated_at")
    defaults = {"try_count": 0, "last_tries": [], "flags": [], "status_details": None}
    initial, ready, failed = "new", "sent", "failed"
    filters = {
        "project_id": equals("project_id"),
        "domain_id": equals("_domain_id"),
        "message_id": equals("message_id"),
        "mail_from": equals("mail_from"),
        "mail_rcpt": equals("mail_rcpt"),
        "mail_to": equals("mail_rcpt"),
        "subject": equals("subject"),
        "statuses": equals("status"),
        "flags": lambda record, values: bool(set(values) & set(record["flags"])),
        "search": lambda record, values: any(
            values[-1] in record[field] for field in ("mail_from", "mail_rcpt", "subject")
        ),
        "since": lambda record, values: record["created_at"] >= values[-1],
        "until": lambda record, values: record["created_at"] <= values[-1],
    }

    def prepare(self):
        self.machines.smtp.start(self)

    # The office that the SMTP server asks

    def authenticate(self, user: str, password: str) -> str | None:
        """The project, if the password is the secret of an API key that may send from it."""
        if not self.store.get("account.project", user):
            return None
        keys = [key for key in self.store.find("iam.api_key", _secret_key=password) if not is_expired(key)]
        allowed = any(Permissions(self.store, key).allow("transactional-email:email_smtp:create", user) for key in keys)
        return user if allowed else None

    def refusal(self, account: str, sender: str) -> str | None:
        if self.service(Domains).sender(account, sender):
            return None
        return f"{domain_of(sender)} is not a checked domain of project {account}"

    def accept(self, account: str, sender: str, recipients: list[str], content: bytes):
        message = email.message_from_bytes(content, policy=email.policy.default)
        kinds = {
            address.addr_spec.lower(): kind
            for kind in ("cc", "to")
            for header in message.get_all(kind, [])
            for address in header.addresses
        }
        self.send(account, sender, {rcpt: kinds.get(rcpt.lower(), "bcc") for rcpt in recipients}, message)

    # Sending

    def send(self, project_id: str, sender: str, recipients: dict[str, str], message: EmailMessage, send_before=None):
        """Queue a message for {address: to, cc or bcc}; the records of the emails."""
        domain = self.service(Domains).sender(project_id, sender)
        del message["Bcc"]
        if "Message-ID" not in message:
            message["Message-ID"] = email.utils.make_msgid(domain=domain["name"])
        if "Date" not in message:
            message["Date"] = email.utils.format_datetime(datetime.now(UTC))
        content = self.sign(domain, message.as_bytes(policy=email.policy.SMTP))
        common = {
            "region": REGION,
            "project_id": project_id,
            "mail_from": sender,
            "message_id": str(message["Message-ID"]).strip("<>"),
            "subject": str(message.get("Subject", "")),
            "_domain_id": domain["id"],
            "content": content,
            "send_before": send_before,
        }
        return [self.add(common | {"mail_rcpt": rcpt, "rcpt_type": kind}) for rcpt, kind in recipients.items()]

    def sign(self, domain: dict, content: bytes) -> bytes:
        """The message with a DKIM signature in front, which the domain's published key verifies."""
        selector, name, key = (domain[field].encode() for field in ("project_id", "name", "_dkim_key"))
        return dkim.sign(content, selector, name, key) + content

    def shape(self, body):
        kept = ("mail_from", "mail_rcpt", "rcpt_type", "message_id", "subject", "_domain_id")
        return {field: body[field] for field in kept} | {"rcpt_to": body["mail_rcpt"]}

    def started(self, record, body):
        """Deliver: everybody's mailbox is the sandbox's."""
        blocked = self.store.find("tem.blocklist", domain_id=record["_domain_id"], email=record["mail_rcpt"].lower())
        if blocked:
            return {"status": "failed", "flags": ["blocklisted"], "status_details": blocked[0]["reason"]}
        if body["send_before"] and is_past(body["send_before"]):
            return {"status": "failed", "flags": ["send_before_expiration"]}
        time.sleep(QUEUE_SECONDS)
        with self.store.lock(self.kind, record["_scope"], record["id"]):
            if self.fetch(record["id"])["status"] != "new":
                return None
            self.change(record, status="sending")
        self.machines.smtp.mailbox.keep(
            record["project_id"], record["mail_from"], [record["mail_rcpt"]], body["content"]
        )
        attempt = {"rank": 1, "tried_at": self.now(), "code": 250, "message": "250 2.0.0 Ok"}
        return {"status": "sent", "try_count": 1, "last_tries": [attempt]}

    @action("POST", "")
    def create(self, call: Call):
        body = call.body
        project, sender = body.get("project_id") or self.organization_id, (body.get("from") or {}).get("email") or ""
        if not self.service(Domains).sender(project, sender):
            raise invalid_argument("from.email", "constraint", self.refusal(project, sender))
        recipients = {
            address["email"]: kind
            for kind in ("bcc", "cc", "to")
            for address in body.get(kind) or []
            if address.get("email")
        }
        if not 1 <= len(recipients) <= MAX_RECIPIENTS:
            raise invalid_argument("to", "constraint", f"between 1 and {MAX_RECIPIENTS} recipients")
        message = self._message(body)
        if len(message.as_bytes()) > MAX_API_SIZE:
            raise invalid_argument("attachments", "constraint", f"the message is larger than {MAX_API_SIZE} bytes")
        emails = self.send(project, sender, recipients, message, body.get("send_before"))
        return {"emails": [self.present(record, "create") for record in emails]}

    def _message(self, body: dict) -> EmailMessage:
        message = EmailMessage()
        for header, addresses in {"From": [body["from"]], "To": body.get("to"), "Cc": body.get("cc")}.items():
            if addresses:
                message[header] = ", ".join(
                    email.utils.formataddr((address.get("name") or "", address["email"])) for address in addresses
                )
        message["Subject"] = body.get("subject", "")
        for header in body.get("additional_headers") or []:
            message[header["key"]] = header["value"]
        message.set_content(body.get("text", ""))
        if body.get("html"):
            message.add_alternative(body["html"], subtype="html")
        attachments = body.get("attachments") or []
        if len(attachments) > MAX_ATTACHMENTS:
            raise invalid_argument("attachments", "constraint", f"at most {MAX_ATTACHMENTS}")
        for attachment in attachments:
            main, _, sub = attachment["type"].partition("/")
            try:
                content = base64.b64decode(attachment["content"], validate=True)
            except binascii.Error:
                raise invalid_argument("attachments.content", "format", "not base64") from None
            message.add_attachment(content, maintype=main, subtype=sub, filename=attachment["name"])
        return message

    @action("POST", "/{id}/cancel")
    def cancel(self, record, call: Call):
        if record["status"] != "new":
            raise precondition_failed("resource_not_usable", f"the email is {record['status']}")
        return self.answer(self.change(record, status="canceled"), "cancel")

    @staticmethod
    def counts(emails: list[dict]) -> dict[str, int]:
        statuses = ("new", "sending", "sent", "failed", "canceled")
        found = {f"{status}_count": sum(item["status"] == status for item in emails) for status in statuses}
        return {"total_count": len(emails)} | found


class Statistics(Service):
    path = f"{PATH}/statistics"

    @action("GET", "")
    def statistics(self, call: Call):
        emails = self.service(Emails)
        return emails.counts(emails._select(self.store.all(emails.kind, call.params["region"]), call))


class Webhooks(TemCollection):
    path = f"{PATH}/webhooks"
    kind = "tem.webhook"
    noun = "webhook"
    resource = "webhook_id"
    common = ("id", "name", "project_id", "organization_id", "created_at", "updated_at")
    required = ("domain_id", "name", "sns_arn")
    mutable = ("name", "event_types", "sns_arn")
    defaults = {"event_types": []}
    formats = {"name": r".{3,127}", "sns_arn": r"arn:scw:sns:.{3,115}"}
    filters = Collection.filters | {"domain_id": equals("domain_id")}

    def shape(self, body):
        self.service(Domains).fetch(body["domain_id"])
        return super().shape(body)

    def _validate(self, body, required=()):
        super()._validate(body, required)
        if unknown := sorted(set(body.get("event_types") or []) - set(EVENTS)):
            raise invalid_argument("event_types", "constraint", f"unknown: {', '.join(unknown)}")

    @action("GET", "/{id}/events")
    def events(self, record, call: Call):
        return {"webhook_events": [], "total_count": 0}


class Blocklists(TemCollection):
    path = f"{PATH}/blocklists"
    kind = "tem.blocklist"
    noun = "blocklist"
    operations = ("list", "delete")
    common = ("id", "created_at", "updated_at")
    required = ("domain_id", "emails", "type")
    enums = {"type": ("mailbox_full", "mailbox_not_found")}
    filters = {field: equals(field) for field in ("domain_id", "email", "type", "custom")}

    @action("POST", "")
    def create(self, call: Call):
        body = self._given(call)
        self._validate(body, self.required)
        self.service(Domains).fetch(body["domain_id"])
        blocked = [self.add(body | {"email": address}) for address in body["emails"]]
        return {"blocklists": [self.present(record, "create") for record in blocked]}

    def shape(self, body):
        kept = {"domain_id": body["domain_id"], "email": body["email"].lower(), "type": body["type"]}
        return kept | {"reason": body.get("reason", ""), "custom": True, "ends_at": None}


class Offers(Service):
    """What a project subscribed to; nothing is limited by it."""

    path = PATH
    kind = "tem.offer_subscription"

    @action("GET", "/offers")
    def offers(self, call: Call):
        offers = [{"name": name} | limits for name, limits in catalog("tem-offers").items()]
        return {"offers": offers, "total_count": len(offers)}

    @action("GET", "/offer-subscriptions")
    def subscriptions(self, call: Call):
        subscription = self._subscription(call.argument("project_id") or self.organization_id)
        return {"offer_subscriptions": [subscription], "total_count": 1}

    @action("PATCH", "/offer-subscriptions")
    def subscribe(self, call: Call):
        project, name = call.body.get("project_id") or self.organization_id, call.body.get("name")
        if name not in catalog("tem-offers"):
            raise invalid_argument("name", "constraint", f"must be one of {', '.join(catalog('tem-offers'))}")
        now = datetime.now(UTC)
        dates = {"subscribed_at": now.isoformat(), "cancellation_available_at": (now + timedelta(days=30)).isoformat()}
        self.store.put(self.kind, "", project, {"offer_name": name, "_scope": ""} | dates)
        return self._subscription(project)

    def _subscription(self, project_id: str) -> dict:
        chosen = self.store.get(self.kind, project_id) or {"offer_name": "essential"}
        limits = {
            key: value
            for key, value in catalog("tem-offers")[chosen["offer_name"]].items()
            if key != "commitment_period"
        }
        dates = {"subscribed_at": None, "cancellation_available_at": None}
        owner = {"organization_id": self.organization_id, "project_id": project_id}
        return owner | limits | dates | {key: value for key, value in chosen.items() if key != "_scope"}

    @action("GET", "/pools")
    def pools(self, call: Call):
        return {"pools": [], "total_count": 0}

    @action("GET", "/project-consumption")
    def consumption(self, call: Call):
        project = call.argument("project_id") or self.organization_id
        of_project = {
            kind: self.store.find(f"tem.{kind}", project_id=project) for kind in ("domain", "email", "webhook")
        }
        domains = {domain["id"] for domain in of_project["domain"] if not domain["revoked_at"]}
        month = datetime.now(UTC).isoformat()[:7]
        return {
            "project_id": project,
            "domains_count": len(domains),
            "dedicated_ips_count": 0,
            "monthly_emails_count": sum(sent["created_at"].startswith(month) for sent in of_project["email"]),
            "webhooks_count": len(of_project["webhook"]),
            "custom_blocklists_count": sum(
                blocked["domain_id"] in domains for blocked in self.store.all("tem.blocklist")
            ),
        }

    @action("GET", "/project/{project_id}/settings")
    def settings_of(self, call: Call):
        report = {"enabled": False, "frequency": "monthly", "sending_hour": 0, "sending_day": 1}
        kept = self.store.get("tem.settings", call.params["project_id"]) or {}
        return {"periodic_report": report | kept.get("periodic_report", {})}

    @action("PATCH", "/project/{project_id}/settings")
    def change_settings(self, call: Call):
        given = {key: value for key, value in (call.body.get("periodic_report") or {}).items() if value is not None}
        report = self.settings_of(call)["periodic_report"] | given
        self.store.put("tem.settings", "", call.params["project_id"], {"periodic_report": report, "_scope": ""})
        return self.settings_of(call)


class Mail(Service):
    """What was delivered, for tests and for people: GET /_sandbox/mail?to=ann@example.org."""

    path = "/_sandbox/mail"

    @action("GET", "")
    def list(self, call: Call):
        return {"mail": self.machines.smtp.mailbox.messages(call.argument("to"))}

    @action("DELETE", "")
    def clear(self, call: Call):
        self.machines.smtp.mailbox.clear()


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
