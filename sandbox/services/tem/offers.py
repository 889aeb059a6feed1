"""What a project subscribed to, used and set."""

from datetime import UTC, datetime, timedelta

from ...call import Call
from ...collection import action, catalog
from ...errors import invalid_argument
from . import PATH, TemService


class Offers(TemService):
    """What a project subscribed to; nothing is limited by it."""

    path = PATH
    kind = "tem.offer_subscription"

    @action("GET", "/offers")
    def offers(self, call: Call):
        offers = [{"name": name} | limits for name, limits in catalog("tem-offers").items()]
        return {"offers": offers, "total_count": len(offers)}

    @action("GET", "/offer-subscriptions")
    def subscriptions(self, call: Call):
        subscription = self._subscription(self.project(call.argument("project_id")))
        return {"offer_subscriptions": [subscription], "total_count": 1}

    @action("PATCH", "/offer-subscriptions")
    def subscribe(self, call: Call):
        project, name = self.project(call.body.get("project_id")), call.body.get("name")
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
        project = self.project(call.argument("project_id"))
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
        kept = self.store.get("tem.settings", self.project(call.params["project_id"])) or {}
        return {"periodic_report": report | kept.get("periodic_report", {})}

    @action("PATCH", "/project/{project_id}/settings")
    def change_settings(self, call: Call):
        given = {key: value for key, value in (call.body.get("periodic_report") or {}).items() if value is not None}
        report = self.settings_of(call)["periodic_report"] | given
        project = self.project(call.params["project_id"])
        self.store.put("tem.settings", "", project, {"periodic_report": report, "_scope": ""})
        return self.settings_of(call)
