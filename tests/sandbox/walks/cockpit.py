"""How to call Cockpit."""

from scaleway.cockpit.v1.types import ContactPointEmail, ExporterDatadogDestination

NOT_SENT = {"Exporter.region"}
RULES = "/cockpit/v1/regions/{region}/data-sources/{source_id}/prometheus/config/v1/rules"
GRAFANA = "/cockpit/v1/projects/{project_id}/grafana/api"
NOT_IN_SDK = {
    *(f"GET {RULES}{path}" for path in ("", "/{namespace}", "/{namespace}/{group}")),
    *(f"DELETE {RULES}{path}" for path in ("/{namespace}", "/{namespace}/{group}")),
    f"POST {RULES}/{{namespace}}",
    f"GET {GRAFANA}/search",
    *(f"{method} {GRAFANA}/dashboards/uid/{{uid}}" for method in ("GET", "DELETE")),
    f"POST {GRAFANA}/dashboards/db",
}
"""Mimir's API, which data sources speak, and Grafana's."""
RULE = "769bd543-6030-4540-bd2d-5e2d0604e767"


def walk(sdk):
    api = sdk("cockpit.v1.CockpitV1RegionalAPI")
    api.get_config()
    source = api.create_data_source(name="walked", type_="metrics", retention_days=30)
    api.get_data_source(data_source_id=source.id)
    api.list_data_sources(origin="scaleway", types=["logs"])
    api.update_data_source(data_source_id=source.id, retention_days=40)
    token = api.create_token(name="walked", token_scopes=["write_only_metrics"])
    api.get_token(token_id=token.id)
    api.list_tokens()
    api.delete_token(token_id=token.id)
    walk_exporters(sdk, api, source)
    api.delete_data_source(data_source_id=source.id)
    walk_alerts(api)
    walk_grafana(sdk("cockpit.v1.CockpitV1GlobalAPI"))


def walk_exporters(sdk, api, source):
    exporter = api.create_exporter(
        datasource_id=source.id, exported_products=["all"], name="walked",
        datadog_destination=ExporterDatadogDestination(api_key="k", endpoint="https://example.com"),
    )  # fmt: skip
    sdk.until(lambda: api.get_exporter(exporter_id=exporter.id), "ready")
    api.list_exporters()
    api.update_exporter(exporter_id=exporter.id, name="again")
    api.delete_exporter(exporter_id=exporter.id)


def walk_alerts(api):
    api.enable_alert_manager()
    api.get_alert_manager()
    here = ContactPointEmail(to="walker@example.com")
    api.create_contact_point(email=here)
    api.list_contact_points()
    api.update_contact_point(email=here, send_resolved_notifications=False)
    api.trigger_test_alert()
    api.delete_contact_point(email=here)
    api.enable_alert_rules(rule_ids=[RULE])
    api.list_alerts()
    api.get_rules_count()
    api.disable_alert_rules(rule_ids=[RULE])
    api.enable_managed_alerts()
    api.disable_managed_alerts()
    api.disable_alert_manager()


def walk_grafana(api):
    api.get_grafana()
    user = api.create_grafana_user(login="walker", role="viewer")
    api.list_grafana_users()
    api.reset_grafana_user_password(grafana_user_id=user.id)
    api.delete_grafana_user(grafana_user_id=user.id)
    api.sync_grafana_data_sources()
    api.list_plans()
    api.select_plan(plan_name="premium")
    api.get_current_plan()
