"""Which variables an application gets is told from the inventory alone."""

from __future__ import annotations

from docs.app_variables import Variable, source, variables

SHOP = {
    "shop_key": "{{ lookup('stackway.scaleway.secret', '/shop/key') }}",
    "shop_shared": {
        "KEY": "{{ (shop_key | from_json).access_key }}",
        "REGION": "{{ shop_region | default('fr-par') }}",
    },
    "shop_region": "nl-ams",
    "instance_servers": [
        {"name": "api", "tags": ["app_compose", "shop_api"]},
        {"name": "worker", "tags": ["app_compose"], "count": 0},
        {"name": "cache", "tags": ["redis"]},
    ],
    "app_compose_environment": "{{ shop_shared | combine({'MODE': 'api' if 'shop_api' in group_names else 'worker'}) }}",
    "app_compose_services": [
        {"name": "{{ 'api' if 'shop_api' in group_names else 'worker' }}", "environment": {"N": 1}}
    ],
    "serverless_environment": {"EVERYBODY": "x", "MODE": "y"},
    "serverless_images": [{"name": "shop", "path": "/shop"}],
    "serverless_containers": [
        {"name": "jobs", "image": "shop", "environment": {"MODE": "jobs"}},
        {"name": "cache", "image": "redis:8"},
    ],
    "serverless_secret_environment": {
        "jobs": {
            "URL": "pg://{{ shop_key | urlencode }}@{{ hostvars['shop-control'].rdb_endpoint.ip }}/{{ rdb_pool_size // 2 }}"
        }
    },
}


def test_each_gets_its_own():
    found = set(variables(SHOP))
    assert Variable("MODE", "api", "api", "Compose") in found
    assert Variable("MODE", "worker", "worker", "Compose") in found
    assert Variable("REGION", "nl-ams", "worker", "Compose") in found
    assert Variable("N", "1", "api", "Compose") in found
    assert Variable("KEY", "<secret /shop/key, access_key>", "api", "Compose") in found
    assert {each.name for each in found if each.owner == "cache"} == {"EVERYBODY", "MODE"}
    assert {(each.name, each.value) for each in found if each.owner == "jobs"} == {
        ("APP_VERSION", "<serverless_deployed.shop>"),
        ("EVERYBODY", "x"),
        ("MODE", "jobs"),
        ("URL", "pg://<secret /shop/key>@<rdb_endpoint.ip>/<rdb_pool_size // 2>"),
    }


def test_where_a_value_comes_from():
    assert source("nl-ams") == "inventory"
    assert source("<secret /shop/key, access_key>") == "secret `/shop/key`, its `access_key`"
    assert source("a <rdb_endpoint.ip>:<rdb_endpoint.port>") == "role [rdb](../../roles/rdb/README.md), `rdb_endpoint`"
    assert source("<shop_admins[0]>") == "`shop_admins[0]`, of the environment"
