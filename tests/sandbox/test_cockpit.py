"""What Cockpit refuses, and what follows from a call besides its answer."""

import time

import pytest
import yaml

from sandbox.machines.cockpit import Cockpit
from sandbox.settings import Settings

REGION = "/cockpit/v1/regions/fr-par"
USERS = "/cockpit/v1/grafana/users"
RULE = "769bd543-6030-4540-bd2d-5e2d0604e767"


@pytest.fixture
def project(api):
    """A project with its alert manager enabled."""
    id = api.post("/account/v3/projects", json={"name": "watched"}).json()["id"]
    api.post(f"{REGION}/alert-manager/enable", json={"project_id": id})
    yield id
    api.post(f"{REGION}/alert-manager/disable", json={"project_id": id})
    api.delete(f"/account/v3/projects/{id}")


def test_the_default_project_has_what_scaleways_products_report(api):
    found = api.get(f"{REGION}/data-sources", params={"origin": "scaleway"}).json()["data_sources"]
    assert [(source["name"], source["retention_days"]) for source in found] == [
        ("Scaleway Metrics", 31), ("Scaleway Logs", 7)]  # fmt: skip
    assert api.delete(f"{REGION}/data-sources/{found[0]['id']}").status_code == 412


def test_another_project_has_it_once_scaleway_watches_something_of_its(api, project):
    where = {"origin": "scaleway", "project_id": project}
    assert api.get(f"{REGION}/data-sources", params=where).json()["data_sources"] == []
    lb = api.post("/lb/v1/zones/fr-par-2/lbs", json={"name": "watched", "type": "LB-S", "project_id": project}).json()
    first, again = (api.get(f"{REGION}/data-sources", params=where).json()["data_sources"] for _ in range(2))
    assert first == again and [source["name"] for source in first] == ["Scaleway Metrics", "Scaleway Logs"]
    elsewhere = api.get(f"{REGION.replace('fr-par', 'nl-ams')}/data-sources", params=where)
    assert elsewhere.json()["data_sources"] == []
    api.delete(f"/lb/v1/zones/fr-par-2/lbs/{lb['id']}", params={"release_ip": True})
    deadline = time.monotonic() + 10
    while api.get(f"/lb/v1/zones/fr-par-2/lbs/{lb['id']}").status_code != 404:
        assert time.monotonic() < deadline
        time.sleep(0.1)  # it goes after the answer
    assert api.delete(f"/account/v3/projects/{project}").status_code == 204
    assert api.get(f"{REGION}/data-sources/{first[0]['id']}").status_code == 404


def test_scaleways_alerts_leave_rules_of_ones_own_alone(sandbox, api, project, monkeypatch):
    """Whatever their namespace is called."""
    told = {}
    monkeypatch.setattr(
        sandbox.machines.cockpit, "configure", lambda sources, *_: told.update((each.id, each) for each in sources)
    )
    lb = api.post("/lb/v1/zones/fr-par-2/lbs", json={"name": "watched", "type": "LB-S", "project_id": project}).json()
    where = {"origin": "scaleway", "project_id": project, "types": "metrics"}
    source = api.get(f"{REGION}/data-sources", params=where).json()["data_sources"][0]["id"]
    group = {"name": "web", "rules": [{"alert": "Down", "expr": "up == 0"}]}
    api.post(
        f"{REGION}/data-sources/{source}/prometheus/config/v1/rules/scaleway",
        data=yaml.safe_dump(group),
        headers={"Content-Type": "application/yaml"},
    )
    api.post(f"{REGION}/alert-manager/enable-alert-rules", json={"project_id": project, "rule_ids": [RULE]})
    api.delete(f"/lb/v1/zones/fr-par-2/lbs/{lb['id']}", params={"release_ip": True})
    own, scaleways = told[source].rules["scaleway"]
    assert own == group and [rule["alert"] for rule in scaleways["rules"]] == ["LBHighCPULoad"]


def test_the_servers_behind_keep_their_key(tmp_path):
    settings = Settings(name="tests-key", home=tmp_path)
    first = Cockpit(settings)
    first.configure([], [], [])
    assert Cockpit(settings).key == first.key


@pytest.mark.parametrize(
    ("path", "body", "argument"),
    [
        ("data-sources", {"name": "x", "type": "smells"}, "type"),
        ("data-sources", {"name": "x", "type": "logs", "retention_days": 0}, "retention_days"),
        ("data-sources", {"type": "logs"}, "name"),
        ("tokens", {"name": "x", "token_scopes": ["everything"]}, "token_scopes"),
    ],
)
def test_what_is_malformed_is_refused(api, path, body, argument):
    answer = api.post(f"{REGION}/{path}", json=body)
    assert (answer.status_code, answer.json()["details"][0]["argument_name"]) == (400, argument)


def test_a_token_tells_its_secret_once(api):
    made = api.post(f"{REGION}/tokens", json={"name": "once", "token_scopes": ["read_only_logs"]}).json()
    assert len(made["secret_key"]) == 36
    assert api.get(f"{REGION}/tokens/{made['id']}").json()["secret_key"] == ""
    assert api.delete(f"{REGION}/tokens/{made['id']}").status_code == 204
    gone = api.delete(f"{REGION}/tokens/{made['id']}")
    assert (gone.status_code, gone.json()["resource"]) == (404, "token")


def test_numbers_of_grafana_users_are_not_used_twice(api, project):
    wanted = {"project_id": project, "login": "team", "role": "viewer"}
    first = api.post(USERS, json=wanted).json()
    assert first["id"] == 2 and first["password"]
    assert api.post(USERS, json=wanted).status_code == 409
    assert api.get(USERS, params={"project_id": project}).json()["grafana_users"][0]["password"] == ""
    assert api.delete(f"{USERS}/2", params={"project_id": project}).status_code == 204
    assert api.post(USERS, json=wanted).json()["id"] == 3
    assert api.delete(f"{USERS}/3").status_code == 404  # the default project has none
    api.delete(f"{USERS}/3", params={"project_id": project})


def test_contact_points_need_an_alert_manager_and_get_mail(sandbox, api, project):
    point = {"project_id": project, "email": {"to": "duty@example.com"}}
    other = {"email": {"to": "duty@example.com"}}
    assert api.post(f"{REGION}/alert-manager/contact-points", json=other).status_code == 412
    assert api.post(f"{REGION}/alert-manager/contact-points", json=point).json()["send_resolved_notifications"]
    assert api.post(f"{REGION}/alert-manager/contact-points", json=point).status_code == 409
    assert api.post(f"{REGION}/alert-manager/trigger-test-alert", json={"project_id": project}).status_code == 204
    (mail,) = sandbox.machines.smtp.mailbox.messages("duty@example.com")
    assert mail["project_id"] == project and "TestAlert" in mail["subject"]
    assert api.post(f"{REGION}/alert-manager/contact-points/delete", json=point).status_code == 204
    assert api.post(f"{REGION}/alert-manager/contact-points/delete", json=point).status_code == 404


def test_rules_are_listed_once_one_was_switched_and_settle_when_they_were_seen(api, project):
    def statuses():
        alerts = api.get(f"{REGION}/alerts", params={"project_id": project, "is_preconfigured": True}).json()["alerts"]
        return {alert["preconfigured_data"]["preconfigured_rule_id"]: alert["rule_status"] for alert in alerts}

    assert statuses() == {}
    switch = {"project_id": project, "rule_ids": [RULE]}
    for expected in ([RULE], []):
        answer = api.post(f"{REGION}/alert-manager/enable-alert-rules", json=switch).json()
        assert answer == {"enabled_rule_ids": expected}
    assert len(statuses()) == 21
    assert statuses()[RULE] == "enabled"
    assert list(statuses().values()).count("disabled") == 20
    assert api.post(f"{REGION}/alert-manager/disable-alert-rules", json=switch | {"rule_ids": ["x"]}).status_code == 404


def test_an_unknown_project_is_refused_as_one_without_rights(api):
    answer = api.get(f"{REGION}/alert-manager", params={"project_id": "95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7"})
    assert (answer.status_code, answer.json()["details"]) == (403, [{"action": "read", "resource": "cockpit"}])


def test_groups_of_rules_are_kept_in_their_namespace_until_their_data_source_goes(api):
    source = api.post(f"{REGION}/data-sources", json={"name": "ruled", "type": "metrics"}).json()["id"]
    rules = f"{REGION}/data-sources/{source}/prometheus/config/v1/rules"
    group = {"name": "web", "interval": "30s", "rules": [{"alert": "Down", "expr": "up == 0", "for": "5m"}]}
    yaml_text = {"data": yaml.safe_dump(group), "headers": {"Content-Type": "application/yaml"}}
    assert api.get(rules).status_code == 404
    assert api.post(f"{rules}/shop", **yaml_text).status_code == 202
    assert api.post(f"{rules}/shop%2Fdev", **yaml_text).status_code == 202
    assert yaml.safe_load(api.get(rules).text) == {"shop": [group], "shop/dev": [group]}
    assert yaml.safe_load(api.get(f"{rules}/shop").text) == {"shop": [group]}
    assert yaml.safe_load(api.get(f"{rules}/shop%2Fdev/web").text) == group
    (alert, _other) = api.get(f"{REGION}/alerts", params={"data_source_id": source}).json()["alerts"]
    assert (alert["name"], alert["duration"], alert["preconfigured"]) == ("Down", "5m", False)
    assert api.get(f"{REGION}/rules/count").json()["custom_rules_count"] == 2

    assert api.delete(f"{rules}/shop/web").status_code == 202
    assert api.delete(f"{rules}/shop/web").status_code == 404
    assert api.post(f"{rules}/shop", data="name: [", headers={"Content-Type": "application/yaml"}).status_code == 400
    assert api.post(f"{rules}/shop", data="name: x", headers={"Content-Type": "application/yaml"}).status_code == 400
    assert api.delete(f"{rules}/shop%2Fdev").status_code == 202
    assert api.post(f"{rules}/shop", **yaml_text).status_code == 202
    api.delete(f"{REGION}/data-sources/{source}")
    assert api.get(rules).status_code == 404
    assert api.get(f"{REGION}/rules/count").json()["custom_rules_count"] == 0


def test_rules_are_about_metrics(api):
    source = api.post(f"{REGION}/data-sources", json={"name": "unruled", "type": "logs"}).json()["id"]
    assert api.get(f"{REGION}/data-sources/{source}/prometheus/config/v1/rules").status_code == 404
    api.delete(f"{REGION}/data-sources/{source}")


def grafana(project, path):
    return f"/cockpit/v1/projects/{project}/grafana/api{path}"


def test_dashboards_are_kept_by_uid_and_project(api, project):
    model = {"uid": "shop", "title": "Shop & more", "tags": ["shop"], "panels": [{"type": "text"}]}
    made = api.post(grafana(project, "/dashboards/db"), json={"dashboard": model}).json()
    assert made == {
        "id": 1,
        "uid": "shop",
        "url": "/d/shop/shop-more",
        "slug": "shop-more",
        "status": "success",
        "version": 1,
    }
    stale = api.post(grafana(project, "/dashboards/db"), json={"dashboard": model | {"version": 0}})
    assert (stale.status_code, stale.json()["status"]) == (412, "version-mismatch")
    again = api.post(grafana(project, "/dashboards/db"), json={"dashboard": model, "overwrite": True}).json()
    assert (again["id"], again["version"]) == (1, 2)
    told = api.get(grafana(project, "/dashboards/uid/shop")).json()
    assert told["dashboard"] == model | {"id": 1, "version": 2} and told["meta"]["url"] == made["url"]
    assert [each["uid"] for each in api.get(grafana(project, "/search"), params={"tag": "shop"}).json()] == ["shop"]
    assert api.get(grafana(project, "/search"), params={"tag": "other"}).json() == []
    elsewhere = api.get("/account/v3/projects").json()["projects"][0]["id"]
    assert api.get(grafana(elsewhere, "/dashboards/uid/shop")).status_code == 404
    assert api.delete(grafana(project, "/dashboards/uid/shop")).status_code == 200
    assert api.delete(grafana(project, "/dashboards/uid/shop")).status_code == 404


@pytest.mark.parametrize("model", [{"uid": "x"}, {"uid": "a b", "title": "x"}, {"uid": "x" * 41, "title": "x"}])
def test_a_malformed_dashboard_is_refused(api, project, model):
    assert api.post(grafana(project, "/dashboards/db"), json={"dashboard": model}).status_code == 400
