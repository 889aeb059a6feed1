"""Managed Redis."""

from . import Case

CLUSTER = {"version": "8", "node_type": "RED1-micro", "user_name": "app", "password": "thiZ_is_v&ry_s3cret"}

CASES = [
    Case(
        "redis_cluster",
        setup=[{"stackway.scaleway.vpc_private_network": {"name": "case-redis", "subnets": ["10.42.0.0/22"]}}],
        create=CLUSTER
        | {
            "name": "case",
            "tls_enabled": True,
            "cluster_settings": {"maxmemory-policy": "allkeys-lru", "maxclients": 500},
            "acl_rules": [{"ip_cidr": "192.0.2.0/24", "description": "office"}],
            "tags": ["a"],
        },
        changes={
            "node_type": "RED1-XS",
            "cluster_settings": {"maxclients": None, "databases": 4, "disable-save": True},
            "acl_rules": [],
            "user_name": "other",
            "private_network_id": "case-redis",
            "service_ips": ["10.42.0.9/22"],
            "public_network": False,
            "tags": ["b", "c"],
        },
        cleanup=[{"stackway.scaleway.vpc_private_network": {"name": "case-redis", "state": "absent"}}],
        refused=[
            (CLUSTER | {"name": "bad", "node_type": "RED9"}, r"node_type: RED9 is not offered in .*RED1-micro"),
            (CLUSTER | {"name": "bad", "version": "5"}, r"version: 5 is not offered in .*8\.6\.3"),
            (
                CLUSTER | {"name": "bad", "cluster_settings": {"no-such": 1}},
                r"cluster_settings: no-such: no setting of Redis 8 .*maxclients",
            ),
            (CLUSTER | {"name": "bad", "acl_rules": [{"ip_cidr": "office"}]}, r"acl_rules: 'office' is not a network"),
            (
                CLUSTER | {"name": "bad", "public_network": False, "acl_rules": [{"ip_cidr": "192.0.2.0/24"}]},
                r"acl_rules: hold for the public endpoint",
            ),
            (CLUSTER | {"name": "bad", "service_ips": ["10.0.0.1/24"]}, r"service_ips: are addresses in"),
            (CLUSTER | {"name": "bad", "private_network_id": "gone"}, r"private_network_id: private network 'gone'"),
            ({"name": "bad", "version": "8"}, r"node_type, user_name, password: needed to create cluster bad"),
        ],
    ),
]
