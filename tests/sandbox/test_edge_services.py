"""What Edge Services refuses, and what follows from a call besides its answer."""

import time

import pytest

from sandbox.machines.engine import EngineError

BASE = "/edge-services/v1beta1"
BUCKET = {"scaleway_s3": {"bucket_name": "media", "bucket_region": "fr-par"}}


def stage(api, pipeline, kind, **body):
    return api.post(f"{BASE}/pipelines/{pipeline}/{kind}-stages", json=body)


@pytest.fixture
def pipeline(api):
    id = api.post(f"{BASE}/pipelines", json={"name": "media"}).json()["id"]
    yield id
    api.delete(f"{BASE}/pipelines/{id}")


def settled(api, pipeline):
    deadline = time.monotonic() + 5
    while (found := api.get(f"{BASE}/pipelines/{pipeline}").json())["status"] == "pending":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_a_pipeline_is_of_no_use_without_a_head(api, pipeline):
    found = api.get(f"{BASE}/pipelines/{pipeline}").json()
    assert found["status"] == "warning"
    assert [error["code"] for error in found["errors"]] == ["pipeline_missing_head_stage"]


def test_one_stage_follows_another_and_no_stranger(api, pipeline):
    backend = stage(api, pipeline, "backend", **BUCKET).json()["id"]
    cache = stage(api, pipeline, "cache", fallback_ttl="7200.000000000s", backend_stage_id=backend).json()
    assert cache["fallback_ttl"] == "7200s"
    tls = stage(api, pipeline, "tls", managed_certificate=True, cache_stage_id=cache["id"]).json()
    moved = api.patch(f"{BASE}/tls-stages/{tls['id']}", json={"backend_stage_id": backend}).json()
    assert "cache_stage_id" not in moved and moved["backend_stage_id"] == backend
    assert stage(api, pipeline, "waf", paranoia_level=1, cache_stage_id=cache["id"]).status_code == 400
    assert stage(api, pipeline, "waf", paranoia_level=9).status_code == 400
    assert stage(api, pipeline, "dns", tls_stage_id=tls["id"], backend_stage_id=backend).status_code == 400
    assert stage(api, pipeline, "backend", **BUCKET, scaleway_lb={"lbs": []}).status_code == 400
    assert stage(api, pipeline, "backend").status_code == 400
    other = api.post(f"{BASE}/pipelines", json={"name": "other"}).json()["id"]
    assert stage(api, other, "dns", backend_stage_id=backend).status_code == 404
    api.delete(f"{BASE}/pipelines/{other}")
    assert api.delete(f"{BASE}/tls-stages/{tls['id']}").status_code == 204
    assert api.delete(f"{BASE}/tls-stages/{tls['id']}").json() == {"message": "Not Found"}


def test_a_name_works_once_its_record_leads_to_the_pipeline(api, pipeline):
    api.patch("/domain/v2beta1/dns-zones/edge.test/records", json={"changes": []})
    backend = stage(api, pipeline, "backend", **BUCKET).json()["id"]
    tls = stage(api, pipeline, "tls", managed_certificate=True, backend_stage_id=backend).json()["id"]
    dns = stage(api, pipeline, "dns", fqdns=["media.edge.test", "edge.test"], tls_stage_id=tls).json()
    assert (dns["type"], dns["default_fqdn"]) == ("custom", "")
    head = {"add_new_head_stage": {"new_stage_id": dns["id"]}}
    assert api.post(f"{BASE}/pipelines/{pipeline}/set-head-stage", json=head).status_code == 200
    found = settled(api, pipeline)
    assert [error["code"] for error in found["errors"]] == ["dns_cname_dont_exist", "dns_forbidden_root_domain"]

    target = api.get(f"{BASE}/dns-stages/{dns['id']}").json()["default_fqdn"]
    assert target == f"{pipeline}.svc.edge.scw.cloud"
    record = {"name": "media", "type": "CNAME", "data": f"{target}.", "ttl": 60}
    changes = {"changes": [{"add": {"records": [record]}}]}
    assert api.patch("/domain/v2beta1/dns-zones/edge.test/records", json=changes).status_code == 200
    api.patch(f"{BASE}/dns-stages/{dns['id']}", json={"fqdns": ["media.edge.test"]})
    assert settled(api, pipeline)["status"] == "ready"
    shown = api.get(f"{BASE}/dns-stages/{dns['id']}").json()
    assert (shown["status"], shown["type"]) == ("active", "managed")

    taken = stage(
        api, api.post(f"{BASE}/pipelines", json={"name": "other"}).json()["id"], "dns", fqdns=["media.edge.test"]
    )
    assert taken.status_code == 200  # it is told as an error of the pipeline, once it has a head
    api.delete(f"{BASE}/pipelines/{taken.json()['pipeline_id']}")


def test_an_edge_that_refuses_its_configuration_says_why(api, sandbox, pipeline, monkeypatch):
    def refuse(site):
        raise EngineError("nginx: no")

    monkeypatch.setattr(sandbox.machines.edge, "deploy", refuse)
    backend = stage(api, pipeline, "backend", **BUCKET).json()["id"]
    dns = stage(api, pipeline, "dns", backend_stage_id=backend).json()["id"]
    api.post(f"{BASE}/pipelines/{pipeline}/set-head-stage", json={"add_new_head_stage": {"new_stage_id": dns}})
    found = settled(api, pipeline)
    assert found["status"] == "error"
    assert [(error["code"], error["message"]) for error in found["errors"]] == [
        ("pipeline_configuration_failed", "nginx: no")
    ]


def test_a_certificate_of_ones_own_has_to_be_one(api, pipeline):
    secret = api.post("/secret-manager/v1beta1/regions/fr-par/secrets", json={"name": "certificate"}).json()["id"]
    where = {"secret_id": secret, "region": "fr-par"}
    assert stage(api, pipeline, "tls", secrets=[where | {"secret_id": pipeline}]).status_code == 404
    tls = stage(api, pipeline, "tls", secrets=[where]).json()
    assert tls["secrets"] == [where] and tls["managed_certificate"] is False
    managed = api.patch(f"{BASE}/tls-stages/{tls['id']}", json={"managed_certificate": True}).json()
    assert managed["secrets"] == []


def test_rules_are_numbered_and_replaced(api, pipeline):
    backend = stage(api, pipeline, "backend", **BUCKET).json()["id"]
    route = stage(api, pipeline, "route", backend_stage_id=backend).json()["id"]
    path = f"{BASE}/route-stages/{route}/route-rules"
    rule = {"rule_http_match": {"method_filters": ["get"]}, "backend_stage_id": backend}
    assert [each["position"] for each in api.put(path, json={"route_rules": [rule, rule]}).json()["route_rules"]] == [
        1,
        2,
    ]
    wrong = {"rule_http_match": {"method_filters": ["fetch"]}, "backend_stage_id": backend}
    assert api.put(path, json={"route_rules": [wrong]}).status_code == 400
    assert api.get(path).json()["total_count"] == 2
    assert api.put(path, json={"route_rules": []}).json() == {"route_rules": []}
