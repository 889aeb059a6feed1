"""Data sources, and the tokens with which data is pushed to them and queried."""

import uuid

from ... import errors
from ...collection import REGIONS, Collection, Service, action, equals
from .data_plane import DATA_SOURCES, GRAFANA, RULE_GROUPS, TOKENS, products_of, publish

REGIONAL = "/cockpit/v1/regions/{region}"
TYPES = ("metrics", "logs", "traces")
RETENTION = {"metrics": 31, "logs": 7, "traces": 7}
"""Days by default, as GET /config tells them."""
LONGEST_RETENTION = 1825  # days
SCOPES = (
    "read_only_metrics", "write_only_metrics", "full_access_metrics_rules", "read_only_logs", "write_only_logs",
    "full_access_logs_rules", "full_access_alert_manager", "read_only_traces", "write_only_traces",
)  # fmt: skip


class DataSources(Collection):
    path = f"{REGIONAL}/data-sources"
    noun = "data_source"
    kind = DATA_SOURCES
    resource = "data source"
    common = ("id", "name", "project_id", "created_at", "updated_at", "region")
    required = ("name", "type")
    mutable = ("name", "retention_days")
    defaults = {"origin": "custom", "synchronized_with_grafana": False}
    enums = {"type": TYPES}
    filters = {
        "project_id": equals("project_id"),
        "origin": equals("origin"),
        "types": equals("type"),
    }

    def prepare(self):
        """The default project has what Scaleway's products report."""
        for region in REGIONS:
            self._of_scaleway(region, self.organization_id)

    def _of_scaleway(self, region: str, project: str) -> bool:
        """Have the sources of what Scaleway's products report of a project; whether they were made now."""
        if self.store.find(self.kind, region=region, project_id=project, origin="scaleway"):
            return False
        for kind in ("metrics", "logs"):
            id, now = str(uuid.uuid4()), self.now()
            record = {"id": id, "name": f"Scaleway {kind.capitalize()}", "type": kind, "origin": "scaleway"}
            record |= {"project_id": project, "created_at": now, "updated_at": now, "region": region}
            record |= {"retention_days": RETENTION[kind], "synchronized_with_grafana": True}
            self.store.put(self.kind, region, id, record | {"_scope": region})
        return True

    def _list(self, call):
        """Other projects have those, too, from when Scaleway watches something of theirs."""
        region, project = call.params["region"], call.argument("project_id")
        if project and any(products_of(self.store, project, region)):
            with self.store.lock(self.kind):
                made = self._of_scaleway(region, project)
            if made:
                publish(self)
            if not self.machines.cockpit.is_up():
                self.later(self.store.find(self.kind, project_id=project, region=region)[0], self.started, {})
        return super()._list(call)

    def shape(self, body):
        check_retention(body)
        days = body.get("retention_days") or RETENTION[body["type"]]
        return super().shape(body) | {"retention_days": days}

    def revise(self, source, body):
        check_retention(body)
        return super().revise(source, body)

    def removable(self, source):
        if source["origin"] == "scaleway":
            raise errors.precondition_failed("resource_not_usable", "the data source belongs to Scaleway's products")

    def present(self, source, verb):
        url = f"https://{source['id']}.{domain(source['type'], source['region'])}"
        return super().present(source, verb) | {"url": url}

    # The data plane -------------------------------------------------------------------------------------------------

    def add(self, body):
        source = super().add(body)
        publish(self)
        return source

    def change(self, record, **fields):
        changed = super().change(record, **fields)
        publish(self)
        return changed

    def remove(self, record):
        removed = super().remove(record)
        publish(self)
        return removed

    def started(self, source, body):
        """The first one starts the servers, which takes a moment."""
        domains = [GRAFANA, *(domain(kind, region) for region in REGIONS for kind in TYPES)]
        self.machines.cockpit.start(self.machines.dns, domains)

    def resume(self):
        publish(self)
        pushed_to = self.store.find(self.kind, origin="custom")
        evaluating = [self.fetch(group["source_id"]) for group in self.store.all(RULE_GROUPS)[:1]]
        for source in (pushed_to + evaluating)[:1]:
            self.later(source, self.started, {})


class Tokens(Collection):
    """The secret key is told once; what a later answer has in its place is empty."""

    path = f"{REGIONAL}/tokens"
    noun = "token"
    kind = TOKENS
    operations = ("list", "get", "create", "delete")
    common = ("id", "name", "project_id", "created_at", "updated_at", "region")
    required = ("name",)
    filters = {
        "project_id": equals("project_id"),
        "token_scopes": lambda token, values: bool(set(token["scopes"]) & set(values)),
    }

    def shape(self, body):
        scopes = body.get("token_scopes") or []
        if unknown := [scope for scope in scopes if scope not in SCOPES]:
            raise errors.invalid_argument("token_scopes", "constraint", f"unknown scope {unknown[0]}")
        return super().shape(body) | {"scopes": scopes, "_secret_key": str(uuid.uuid4())}

    def present(self, token, verb):
        return super().present(token, verb) | {"secret_key": token["_secret_key"] if verb == "create" else ""}

    def add(self, body):
        token = super().add(body)
        publish(self)
        return token

    def remove(self, token):
        removed = super().remove(token)
        publish(self)
        return removed


class Exporters(Collection):
    """Kept, and never carried out: there is nobody to export to."""

    path = f"{REGIONAL}/exporters"
    noun = "exporter"
    kind = "cockpit.exporter"
    common = ("id", "name", "created_at", "updated_at")
    required = ("datasource_id",)
    mutable = ("name", "description", "exported_products", "datadog_destination", "otlp_destination")
    defaults = {"description": "", "exported_products": []}
    initial = updating = "creating"
    filters = {"datasource_id": equals("datasource_id"), "project_id": equals("_project_id")}

    def shape(self, body):
        source = self.service(DataSources).fetch(body["datasource_id"], body["region"])
        return super().shape(body) | {"_project_id": source["project_id"]}

    def present(self, exporter, verb):
        shown = super().present(exporter, verb)
        if destination := shown.get("datadog_destination"):
            shown["datadog_destination"] = destination | {"api_key": None}
        return shown


class Config(Service):
    path = f"{REGIONAL}/config"

    @action("GET", "")
    def get(self, call):
        bounds = {
            kind: {"min_days": 1, "default_days": days, "max_days": LONGEST_RETENTION}
            for kind, days in RETENTION.items()
        }
        return {f"custom_{kind}_retention": found for kind, found in bounds.items()} | {
            f"product_{kind}_retention": bounds[kind] for kind in ("metrics", "logs")
        }


def domain(kind: str, region: str) -> str:
    """Data sources have their names in it."""
    return f"{kind}.cockpit.{region}.scw.cloud"


def check_retention(body: dict):
    days = body.get("retention_days")
    if days is not None and not (isinstance(days, int) and 1 <= days <= LONGEST_RETENTION):
        raise errors.invalid_argument("retention_days", "constraint", f"must be between 1 and {LONGEST_RETENTION}")
