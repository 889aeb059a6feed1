"""What the services of Cockpit tell the servers behind the data sources."""

from ...machines.cockpit import Contact, Source, Token
from ...service import Service

DATA_SOURCES, TOKENS = "cockpit.data_source", "cockpit.token"
RULE_GROUPS, ALERT_MANAGERS = "cockpit.rule_group", "cockpit.alert_manager"


def publish(service: Service):
    """Tell which sources and rules there are, which tokens open them, and who is told of alerts. It has force at once."""
    store, rules = service.store, {}
    for found in store.all(RULE_GROUPS):
        rules.setdefault(found["source_id"], {}).setdefault(found["namespace"], []).append(found["group"])
    sources = [
        Source(
            source["id"], source["type"], source["project_id"], source["region"], source["retention_days"],
            rules.get(source["id"], {}),
        )
        for source in store.all(DATA_SOURCES)
    ]  # fmt: skip
    tokens = [
        Token(token["_secret_key"], token["project_id"], token["region"], tuple(token["scopes"]))
        for token in store.all(TOKENS)
    ]
    contacts = [
        Contact(
            manager["_project_id"], manager["_scope"], contact["email"]["to"], contact["send_resolved_notifications"]
        )
        for manager in store.all(ALERT_MANAGERS)
        for contact in manager["contacts"]
    ]
    service.machines.cockpit.configure(sources, tokens, contacts)
