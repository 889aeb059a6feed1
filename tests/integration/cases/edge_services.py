"""Edge Services: the life of a pipeline, stage by stage."""

from __future__ import annotations

from . import Case

BUCKET = {"scaleway_s3": {"bucket_name": "case-edge"}}
ELSEWHERE = {"scaleway_s3": {"bucket_name": "case-edge-other", "bucket_region": "nl-ams", "is_website": True}}

CASES = [
    Case(
        "edge_services_pipeline",
        create={"name": "case", "backend": BUCKET, "description": "made by a case"},
        changes={
            "description": "",
            "cache": {"fallback_ttl": "60s"},
            "tls": {"managed_certificate": True},
            "waf": {"mode": "log_only", "paranoia_level": 2},
            "dns": {"fqdns": ["media.case-edge.test"]},
            "backend": ELSEWHERE,
        },
        refused=[
            ({"name": "bad"}, r"backend: needed to create pipeline bad"),
            ({"name": "bad", "backend": {}}, r"backend: give one of scaleway_s3"),
            ({"name": "bad", "backend": {"scaleway_s3": {}}}, r"backend.scaleway_s3.bucket_name: needed"),
            ({"name": "bad", "backend": BUCKET, "waf": {"paranoia_level": 1}}, r"waf: needs a stage tls or cache"),
            ({"name": "bad", "backend": BUCKET, "tls": {"managed_certificate": False}}, r"tls: give either"),
            ({"name": "bad", "backend": BUCKET, "dns": {"fqdns": ["nodots"]}}, r"dns.fqdns: 'nodots' is not a domain"),
            ({"name": "bad", "state": "purged"}, r"name: pipeline bad does not exist"),
            ({"name": "bad", "state": "purged", "assets": ["logo.png"]}, r"assets: 'logo.png' is no path"),
        ],
    ),
    Case(
        "edge_services_pipeline",
        label="shrinking",
        create={
            "name": "case-shrinking",
            "backend": BUCKET,
            "cache": {"include_cookies": True},
            "tls": {"managed_certificate": True},
            "waf": {"paranoia_level": 1},
        },
        changes={"waf": {}, "tls": {}, "cache": {}},
    ),
    Case(
        "edge_services_plan",
        setup=[{"stackway.scaleway.account_project": {"name": "case-edge-plan"}, "register": "project"}],
        create={"project_id": "{{ project.project.id }}", "plan_name": "starter"},
        key=("project_id",),
        changes={"plan_name": "professional"},
        cleanup=[{"stackway.scaleway.account_project": {"name": "case-edge-plan", "state": "absent"}}],
        refused=[({"project_id": "{{ project.project.id }}"}, r"plan_name: needed")],
    ),
]
