"""What the services of Cockpit tell the servers behind the data sources."""

from collections.abc import Iterator

from ...collection import catalog, project_of
from ...machines.cockpit import Contact, Source, Token
from ...service import Service

DATA_SOURCES, TOKENS = "cockpit.data_source", "cockpit.token"
RULE_GROUPS, ALERT_MANAGERS = "cockpit.rule_group", "cockpit.alert_manager"
GRAFANA = "dashboard.cockpit.scaleway.com"
"""Below it each project has its Grafana."""
PRODUCTS = "/_sandbox/cockpit/{region}/{source_id}/metrics"
"""Where the Prometheus of one of Scaleway's own data sources reads what its products report."""
REPORTING = ("containers.container", "rdb.instance", "lb.lb", "instance.server")
"""Kinds of resources that Scaleway watches."""
PRECONFIGURED = "scaleway"
"""Namespace of the rules of the alerts that Scaleway has configured."""
EVERY = "15s"  # those rules are evaluated; they wait for minutes before they fire


def publish(service: Service):
    """Tell which sources and rules there are, which tokens open them, and who is told of alerts. It has force at once."""
    store, rules = service.store, {}
    for found in store.all(RULE_GROUPS):
        rules.setdefault(found["source_id"], {}).setdefault(found["namespace"], []).append(found["group"])
    managers, sources = store.all(ALERT_MANAGERS), []
    for source in store.all(DATA_SOURCES):
        own, products = rules.get(source["id"], {}), ""
        if source["origin"] == "scaleway" and source["type"] == "metrics":
            products = PRODUCTS.format(source_id=source["id"], **source)
            if scaleways := preconfigured(source, managers):
                group = {"name": "preconfigured", "interval": EVERY, "rules": scaleways}
                own = own | {PRECONFIGURED: [*own.get(PRECONFIGURED, []), group]}
        told = (source[field] for field in ("id", "name", "type", "project_id", "region", "retention_days"))
        sources.append(Source(*told, own, products))
    tokens = [
        Token(token["_secret_key"], token["project_id"], token["region"], tuple(token["scopes"]))
        for token in store.all(TOKENS)
    ]
    contacts = [
        Contact(
            manager["_project_id"], manager["_scope"], contact["email"]["to"], contact["send_resolved_notifications"]
        )
        for manager in managers
        for contact in manager["contacts"]
    ]
    service.machines.cockpit.configure(sources, tokens, contacts)


def preconfigured(source: dict, managers: list[dict]) -> list[dict]:
    """The rules of Scaleway's alerts that are on where this source is."""
    on = {
        id
        for manager in managers
        if (manager["_project_id"], manager["_scope"]) == (source["project_id"], source["region"])
        for id, status in manager["rules"].items()
        if status in ("enabling", "enabled")
    }
    return [
        {"alert": rule["name"], "expr": rule["rule"], "for": rule["duration"], "annotations": rule["annotations"]}
        for rule in catalog("cockpit-alerts")
        if rule["id"] in on
    ]


def products_of(store, project: str, region: str) -> Iterator[tuple[str, dict]]:
    """The resources of a project in a region that Scaleway watches, with their kinds."""
    for kind in REPORTING:
        for resource in store.all(kind):
            where = resource.get("region") or resource["zone"].rpartition("-")[0]
            if (resource.get("_project_id") or project_of(resource), where) == (project, region):
                yield kind, resource
