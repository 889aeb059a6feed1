"""How to call Managed Redis."""

from scaleway.redis.v1.types import (
    ACLRuleSpec,
    ClusterSetting,
    EndpointSpec,
    EndpointSpecPrivateNetworkSpec,
    EndpointSpecPrivateNetworkSpecIpamConfig,
    EndpointSpecPublicNetworkSpec,
)

PASSWORD = "thiZ_is_v&ry_s3cret"


def walk(sdk):
    api = sdk("redis.v1.RedisV1API")
    network = sdk("vpc.v2.VpcV2API").create_private_network(default_route_propagation_enabled=False, name="for redis")
    api.list_cluster_versions(include_disabled=False, include_beta=False, include_deprecated=True)
    api.list_node_types(include_disabled_types=False)
    cluster = api.create_cluster(
        name="walked", version="8.6.3", node_type="RED1-micro", user_name="walker", password=PASSWORD, tls_enabled=True
    )
    this = {"cluster_id": cluster.id}

    def ready():
        return sdk.until(lambda: api.get_cluster(**this), "ready")

    ready()
    api.list_clusters()
    api.get_cluster_certificate(**this)
    changes = [
        lambda: api.update_cluster(**this, password=PASSWORD + "2", tags=["walked"]),
        lambda: api.migrate_cluster(**this, node_type="RED1-S"),
        lambda: api.renew_cluster_certificate(**this),
        lambda: api.set_cluster_settings(**this, settings=[ClusterSetting(name="maxclients", value="200")]),
        lambda: api.add_cluster_settings(**this, settings=[ClusterSetting(name="databases", value="2")]),
        lambda: api.delete_cluster_setting(**this, setting_name="databases"),
        lambda: api.set_acl_rules(**this, acl_rules=[ACLRuleSpec(ip_cidr="192.0.2.0/24", description="one")]),
        lambda: api.add_acl_rules(**this, acl_rules=[ACLRuleSpec(ip_cidr="198.51.100.0/24", description="two")]),
    ]
    for change in changes:
        change()
        ready()
    rule = ready().acl_rules[0]
    assert api.get_acl_rule(acl_id=rule.id).ip_cidr == "192.0.2.0/24"
    api.delete_acl_rule(acl_id=rule.id)
    assert [rule.ip_cidr for rule in ready().acl_rules] == ["198.51.100.0/24"]
    walk_endpoints(api, this, ready, network)
    api.delete_cluster(**this)


def walk_endpoints(api, this, ready, network):
    config = EndpointSpecPrivateNetworkSpecIpamConfig()
    private = EndpointSpecPrivateNetworkSpec(id=network.id, service_ips=None, ipam_config=config)
    api.set_endpoints(**this, endpoints=[EndpointSpec(private_network=private)])
    (endpoint,) = ready().endpoints
    assert api.get_endpoint(endpoint_id=endpoint.id).private_network.id == network.id
    api.add_endpoints(**this, endpoints=[EndpointSpec(public_network=EndpointSpecPublicNetworkSpec())])
    ready()
    api.update_endpoint(endpoint_id=endpoint.id, private_network=private)
    ready()
    api.delete_endpoint(endpoint_id=ready().endpoints[0].id)
    assert len(ready().endpoints) == 1
