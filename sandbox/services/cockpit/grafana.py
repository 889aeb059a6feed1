"""Grafana: its address and its users; what of it there is: dashboards.py."""

import secrets

from ... import errors
from ...call import Call
from ...collection import Collection, Service, action, equals
from .data_plane import GRAFANA
from .data_sources import DataSources

FIRST_ID = 2  # 1 is Grafana's own admin
ROLES = ("editor", "viewer")


class Grafana(Service):
    path = "/cockpit/v1/grafana"
    noun = "grafana"

    @action("GET", "")
    def get(self, call: Call):
        project = project_in(self, call, call.argument("project_id"))
        return {"grafana_url": f"https://{project}.{GRAFANA}"}

    @action("POST", "/sync-data-sources", permits="write")
    def sync_data_sources(self, call: Call):
        sources, project = self.service(DataSources), project_in(self, call, call.body.get("project_id"))
        for source in self.store.find(sources.kind, project_id=project):
            sources.change(source, synchronized_with_grafana=True)


class Users(Collection):
    """Numbered by project, from 2; no number is used twice."""

    path = "/cockpit/v1/grafana/users"
    noun = "grafana_user"
    kind = "cockpit.grafana_user"
    resource = "grafana user"
    key = "_key"
    operations = ("list", "create")
    common = ()
    required = ("login", "role")
    defaults = {"_goes_with_project": True}
    formats = {"login": r"[\w-]{2,24}"}
    enums = {"role": ROLES}
    filters = {"project_id": equals("_project_id")}

    def shape(self, body):
        project = self.project(body.get("project_id"))
        if body["login"] == "admin":
            raise errors.invalid_argument("login", "constraint", "admin is Grafana's own")
        if any(user["login"] == body["login"] for user in self.store.find(self.kind, _project_id=project)):
            raise errors.already_exists(self.resource, body["login"])
        counter = self.store.get("cockpit.grafana", project) or {"last": FIRST_ID - 1, "_scope": ""}
        number = counter["last"] + 1
        self.store.put("cockpit.grafana", "", project, counter | {"last": number})
        kept = {"id": number, "login": body["login"], "role": body["role"], "password": secrets.token_urlsafe(12)}
        return kept | {"_project_id": project, "_key": f"{project}/{number}"}

    def present(self, user, verb):
        return super().present(user, verb) | ({} if verb in ("create", "reset") else {"password": ""})

    def _select(self, records, call):
        call.query.setdefault("order_by", ["login_asc"])
        return super()._select(records, call)

    @action("DELETE", "/{user_id}")
    def delete(self, call: Call):
        self.remove(self._find(call, call.argument("project_id")))

    @action("POST", "/{user_id}/reset-password", permits="write")
    def reset_password(self, call: Call):
        user = self._find(call, call.body.get("project_id"))
        return self.answer(self.change(user, password=secrets.token_urlsafe(12)), "reset")

    def _find(self, call: Call, project: str | None) -> dict:
        project = project_in(self, call, project)
        return self.fetch(f"{project}/{call.params['user_id']}", "")


class Plans(Service):
    """What is kept for how long. Superseded by the retention of each data source, and still answered."""

    path = "/cockpit/v1"
    noun = "plan"
    OFFERED = {
        "free": (0, "2678400s", "604800s", "604800s"),
        "premium": (29, "31536000s", "2678400s", "2678400s"),
        "custom": (29, "31536000s", "2678400s", "2678400s"),
    }
    """Name -> price in euros a month, how long metrics, logs and traces are kept."""

    def _plan(self, name: str) -> dict:
        price, metrics, logs, traces = self.OFFERED[name]
        kept = {"metrics": metrics, "logs": logs, "traces": traces}
        prices = {"sample_ingestion_price": 15, "logs_ingestion_price": 35, "traces_ingestion_price": 35}
        kept = {f"retention_{kind}_interval": interval for kind, interval in kept.items()}
        return {"name": name, "monthly_price": price} | prices | kept

    @action("GET", "/plans")
    def list(self, call: Call):
        plans = [self._plan(name) for name in self.OFFERED]
        return {"plans": self.page(call, plans), "total_count": len(plans)}

    @action("PATCH", "/plans")
    def select(self, call: Call):
        project, name = project_in(self, call, call.body.get("project_id")), call.body.get("plan_name")
        if name not in self.OFFERED:
            raise errors.invalid_argument("plan_name", "constraint", f"must be one of {', '.join(self.OFFERED)}")
        self.store.put("cockpit.plan", "", project, {"plan": name, "_scope": ""})
        return {}

    @action("GET", "/current-plan")
    def current(self, call: Call):
        chosen = self.store.get("cockpit.plan", project_in(self, call, call.argument("project_id")))
        return self._plan(chosen["plan"] if chosen else "free")


def project_in(service: Service, call: Call, project: str | None) -> str:
    """The project that a call is about, if it exists and the caller may do this in it."""
    project = project or service.organization_id
    if not service.store.get("account.project", project) or not call.allows(project):
        raise errors.permissions_denied(call.permission.rpartition(":")[2], "cockpit")
    return project
