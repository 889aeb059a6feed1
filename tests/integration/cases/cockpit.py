"""Cockpit: what is in an alert manager needs it enabled; each case has a project of its own, since there is one in each."""

from __future__ import annotations

from . import Case


def project(name):
    return {"stackway.scaleway.account_project": {"name": name}, "register": "project"}


def no_project(name):
    return {"stackway.scaleway.account_project": {"name": name, "state": "absent"}}


def alert_manager(state="present"):
    return {"stackway.scaleway.cockpit_alert_manager": {"project_id": "{{ project.project.id }}", "state": state}}


def secret_gone(name):
    return {"stackway.scaleway.secret": {"name": name, "path": "/cases", "state": "absent"}}


PROFILE = "lookup('ansible.builtin.file', lookup('ansible.builtin.env', 'SCW_CONFIG_PATH')) | from_yaml"
COCKPIT = f"{{{{ ({PROFILE}).api_url }}}}/cockpit/v1"
PROJECT = f"{{{{ ({PROFILE}).default_project_id }}}}"
RULES = {
    "data_source_id": "case-rules",
    "namespace": "case",
    "name": "group",
    "url": COCKPIT + "/regions/fr-par/data-sources/{{ source.data_source.id }}",
}
"""By the API: the name of the data source is in the sandbox's DNS alone."""
DASHBOARD = {
    "uid": "case",
    "url": f"{COCKPIT}/projects/{PROJECT}/grafana",
}
HERE = {"project_id": "{{ project.project.id }}"}

CASES = [
    Case(
        "cockpit_source",
        create={"name": "case", "type": "metrics", "retention_days": 30},
        key=("name", "type"),
        changes={"retention_days": 60},
        refused=[
            ({"name": "bad"}, r"type: needed"),
            (
                {"name": "bad", "type": "logs", "retention_days": 4000},
                r"retention_days: 4000 is not between 1 and 1825",
            ),
        ],
    ),
    Case("cockpit_source", label="logs", create={"name": "case", "type": "logs"}, key=("name", "type")),
    Case(
        "cockpit_rule_group",
        setup=[{"stackway.scaleway.cockpit_source": {"name": "case-rules", "type": "metrics"}, "register": "source"}],
        create=RULES | {"interval": "90s", "rules": [{"alert": "Down", "expr": "up == 0", "for": "2m"}]},
        key=("data_source_id", "namespace", "name", "url"),
        changes={
            "interval": "1m",
            "rules": [
                {"record": "up:count", "expr": "count(up)"},
                {"alert": "Down", "expr": "up == 0", "for": "90s", "labels": {"severity": 1, "pages": True}},
            ],
        },
        cleanup=[{"stackway.scaleway.cockpit_source": {"name": "case-rules", "type": "metrics", "state": "absent"}}],
        refused=[
            (RULES, r"rules: needed to create rule group case-rules/case/group"),
            (
                RULES | {"rules": []},
                r"rules: rule group case-rules/case/group cannot be empty \(state: absent removes it\)",
            ),
            (RULES | {"rules": [{"alert": "Down", "expr": "up ="}]}, r"could not parse expression"),
            (RULES | {"rules": [{"expr": "up"}]}, r"rules: a rule has either alert or record: up"),
            (
                RULES | {"rules": [{"alert": "Down", "expr": "up", "for": "ever"}]},
                r"rules: Down: for: 'ever' is not a duration",
            ),
            (RULES | {"data_source_id": "nowhere"}, r"data_source_id: data source 'nowhere' does not exist"),
        ],
    ),
    Case(
        "cockpit_dashboard",
        create=DASHBOARD | {"model": {"title": "Case", "tags": ["case"], "panels": [{"type": "text", "id": 1}]}},
        key=("uid", "url"),
        changes={
            "model": {"title": "Case", "panels": [{"type": "text", "id": 1, "title": "{% raw %}{{x}}{% endraw %}"}]}
        },
        refused=[
            (DASHBOARD, r"model: needed to create dashboard case"),
            (DASHBOARD | {"uid": "a b"}, r"uid: 'a b' must have 1 to 40 letters, digits, _ and -"),
            (DASHBOARD | {"model": {"panels": []}}, r"model: it has no title"),
            (DASHBOARD | {"model": {"title": "Case", "uid": "other"}}, r"model: it says uid 'other'"),
        ],
    ),
    Case(
        "cockpit_token",
        label="stored",
        create={"name": "case-stored", "store": {"name": "case-token", "path": "/cases"}},
        changes={"store": {"name": "case-token-elsewhere", "path": "/cases"}},
        cleanup=[secret_gone("case-token"), secret_gone("case-token-elsewhere")],
    ),
    Case(
        "cockpit_token",
        label="revealed",
        create={
            "name": "case-revealed",
            "scopes": ["read_only_logs", "read_only_metrics"],
            "reveal": True,
            "recreate": True,
        },
        changes={"scopes": ["read_only_logs"]},
        refused=[
            ({"name": "bad"}, r"store, reveal: the secret key of token bad is told once"),
            ({"name": "bad", "scopes": ["everything"], "reveal": True}, r"scopes"),
        ],
    ),
    Case(
        "cockpit_grafana_user",
        create={"login": "case", "role": "viewer", "reveal": True, "recreate": True},
        key=("login",),
        changes={"role": "editor"},
        refused=[
            ({"login": "x", "role": "viewer", "reveal": True}, r"login: 'x' must have 2 to 24"),
            ({"login": "admin", "role": "viewer", "reveal": True}, r"login: admin is the name of"),
            ({"login": "bad", "reveal": True}, r"role: needed to create grafana user bad"),
        ],
    ),
    Case(
        "cockpit_alert_manager",
        setup=[project("case-alert-manager")],
        create=HERE,
        key=("project_id",),
        cleanup=[no_project("case-alert-manager")],
    ),
    Case(
        "cockpit_contact_point",
        setup=[project("case-contact-point"), alert_manager()],
        create=HERE | {"email": "duty@example.com"},
        key=("project_id", "email"),
        changes={"send_resolved_notifications": False},
        cleanup=[alert_manager("absent"), no_project("case-contact-point")],
        refused=[(HERE | {"email": "nobody"}, r"email: 'nobody' is not an email address")],
    ),
    Case(
        "cockpit_alert_rules",
        setup=[project("case-alert-rules"), alert_manager()],
        create=HERE | {"rules": ["LBHighCPULoad", "615245e6-3882-4d99-8798-d17ca1c95645"]},
        key=("project_id",),
        changes={"rules": ["LBHighCPULoad", "LBBackendDown"]},
        cleanup=[alert_manager("absent"), no_project("case-alert-rules")],
        refused=[
            (
                HERE | {"rules": ["NoSuchAlert"]},
                r"rules: NoSuchAlert: no alert that Scaleway has configured .*LBBackendDown",
            ),
            (HERE, r"rules: needed"),
        ],
    ),
]
