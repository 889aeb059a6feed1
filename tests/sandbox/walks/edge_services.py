"""How to call Edge Services."""

from scaleway.edge_services.v1beta1.types import (
    RuleHttpMatch,
    ScalewayS3BackendConfig,
    SetHeadStageRequestAddNewHeadStage,
    SetHeadStageRequestRemoveHeadStage,
    SetRouteRulesRequestRouteRule,
)

# A stage has these once its pipeline has a head: docs/sandbox.md#edge-services
NOT_SENT = {
    *(f"{kind}Stage.status" for kind in ("Backend", "Cache", "DNS", "Route", "TLS", "Waf")),
    *(f"DNSStage.{field}" for field in ("wildcard_domain", "full_private", "default_private_fqdn")),
}


def walk(sdk):
    api = sdk("edge_services.v1beta1.EdgeServicesV1Beta1API")
    api.select_plan(plan_name="starter")
    api.get_current_plan()
    pipeline = api.create_pipeline(name="walked", description="")
    here = {"pipeline_id": pipeline.id}
    api.get_pipeline(**here)
    api.list_pipelines()
    api.update_pipeline(**here, description="again")
    bucket = ScalewayS3BackendConfig(bucket_name="walked", bucket_region="fr-par")
    backend = api.create_backend_stage(**here, scaleway_s3=bucket)
    waf = api.create_waf_stage(**here, paranoia_level=1, mode="enable", backend_stage_id=backend.id)
    route = api.create_route_stage(**here, waf_stage_id=waf.id)
    cache = api.create_cache_stage(**here, fallback_ttl="60s", route_stage_id=route.id)
    tls = api.create_tls_stage(**here, managed_certificate=True, cache_stage_id=cache.id)
    dns = api.create_dns_stage(**here, fqdns=["walked.example.com"], tls_stage_id=tls.id)

    rule = SetRouteRulesRequestRouteRule(
        rule_http_match=RuleHttpMatch(method_filters=["get"]), backend_stage_id=backend.id
    )
    api.set_route_rules(route_stage_id=route.id, route_rules=[rule])
    api.add_route_rules(route_stage_id=route.id, route_rules=[rule], after_position=1)
    api.list_route_rules(route_stage_id=route.id)

    add, remove = SetHeadStageRequestAddNewHeadStage(dns.id), SetHeadStageRequestRemoveHeadStage(dns.id)
    api.set_head_stage(**here, add_new_head_stage=add)
    api.list_head_stages(**here)
    sdk.until(lambda: api.get_pipeline(**here), "warning")
    api.list_pipelines_with_stages()
    request = api.create_purge_request(**here, all=True)
    sdk.until(lambda: api.get_purge_request(purge_request_id=request.id), "done")
    api.list_purge_requests()
    api.set_head_stage(**here, remove_head_stage=remove)

    changes = {
        "backend": {"pipeline_id": pipeline.id},
        "waf": {"paranoia_level": 2},
        "cache": {"include_cookies": True},
    }
    stages = {"dns": dns, "tls": tls, "cache": cache, "route": route, "waf": waf, "backend": backend}
    for kind, stage in stages.items():
        this = {f"{kind}_stage_id": stage.id}
        getattr(api, f"get_{kind}_stage")(**this)
        getattr(api, f"list_{kind}_stages")(**here)
        getattr(api, f"update_{kind}_stage")(**this, **changes.get(kind, {}))
        getattr(api, f"delete_{kind}_stage")(**this)
    api.delete_pipeline(**here)
    api.delete_current_plan()
