"""Webhooks: kept, and not called."""

from ...call import Call
from ...collection import Collection, action, equals
from ...errors import invalid_argument
from . import PATH, TemCollection
from .domains import Domains

EVENTS = (
    "email_queued", "email_dropped", "email_deferred", "email_delivered", "email_spam", "email_mailbox_not_found",
    "email_blocklisted", "blocklist_created",
)  # fmt: skip


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
