"""The mail itself, over the API and over SMTP, what is counted of it, and who gets none."""

import base64
import binascii
import email.policy
import email.utils
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import dkim

from ...call import Call
from ...collection import Service, action, equals
from ...errors import invalid_argument, precondition_failed
from ...permissions import Permissions
from ..iam import is_expired
from . import PATH, REGION, TemCollection, TemService, counts
from .domains import Domains, domain_of

QUEUE_SECONDS = 0.2
"""How long a message stays in the queue, where it can be canceled."""
MAX_RECIPIENTS, MAX_ATTACHMENTS, MAX_API_SIZE = 10, 10, 2 * 1024 * 1024


def is_past(moment: str) -> bool:
    return datetime.fromisoformat(moment) < datetime.now(UTC)


class Emails(TemCollection):
    """One record for each recipient of a message, whether it came over the API or over SMTP."""

    path = f"{PATH}/emails"
    kind = "tem.email"
    noun = "email"
    operations = ("list", "get")
    common = ("id", "project_id", "created_at", "updated_at")
    defaults = {"try_count": 0, "last_tries": [], "flags": [], "status_details": None, "_goes_with_project": True}
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
        project, sender = self.project(body.get("project_id")), (body.get("from") or {}).get("email") or ""
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


class Statistics(TemService):
    path = f"{PATH}/statistics"

    @action("GET", "")
    def statistics(self, call: Call):
        emails = self.service(Emails)
        found = emails._select(self.store.all(emails.kind, call.params["region"]), call)
        return counts([email for email in found if call.allows(email["project_id"])])


class Blocklists(TemCollection):
    path = f"{PATH}/blocklists"
    kind = "tem.blocklist"
    noun = "blocklist"
    operations = ("list", "delete")
    common = ("id", "created_at", "updated_at")
    inside = {"domain_id": Domains}
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


class Mail(Service):
    """What was delivered, for tests and for people: GET /_sandbox/mail?to=ann@example.org."""

    path = "/_sandbox/mail"

    @action("GET", "")
    def list(self, call: Call):
        return {"mail": self.machines.smtp.mailbox.messages(call.argument("to"))}

    @action("DELETE", "")
    def clear(self, call: Call):
        self.machines.smtp.mailbox.clear()
