"""What the catalogue tells."""

import pytest
from scaleway.product_catalog.v2alpha1 import ProductCatalogV2Alpha1PublicCatalogAPI as Catalog


@pytest.fixture(scope="module")
def catalog(client):
    return Catalog(client)


def euros(product) -> float:
    price = product.price.retail_price
    assert price.currency_code == "EUR"
    return price.units + price.nanos / 1e9


def test_a_server_costs_what_its_own_api_says(catalog, api):
    (product,) = catalog.list_public_catalog_products_all(zone="fr-par-1", api_ids=["DEV1-S"])
    told = api.get("/instance/v1/zones/fr-par-1/products/servers?per_page=100").json()["servers"]["DEV1-S"]
    assert product.sku == "/compute/dev1_s/run_par1"
    assert euros(product) == told["hourly_price"]
    assert (product.unit_of_measure.unit, product.unit_of_measure.size) == ("hour", 1)
    assert product.properties.instance.offer_id == "DEV1-S"
    assert product.properties.hardware.cpu.virtual.count == told["ncpus"]


def test_a_gpu_is_priced_by_the_minute(catalog):
    (product,) = catalog.list_public_catalog_products_all(zone="fr-par-1", api_ids=["L4-1-24G"])
    assert product.unit_of_measure.unit == "minute"
    assert euros(product) == pytest.approx(0.7875 / 60)


def test_families_and_places_narrow_the_list(catalog):
    found = catalog.list_public_catalog_products_all(zone="fr-par-1", product_types=["load_balancer"])
    assert sorted(product.product for product in found) == ["Address of a load balancer", "LB-GP-M", "LB-S"]
    assert catalog.list_public_catalog_products_all(zone="pl-waw-1", product_types=["load_balancer"]) == []


def test_some_are_the_same_everywhere(api):
    """The SDK misspells this filter, so that its answer is not narrowed."""
    found = api.get("/product-catalog/v2alpha1/public-catalog/products?global=true").json()["products"]
    assert "/ip/reserved" in {product["sku"] for product in found}
    assert all(product["locality"] == {"global": True} for product in found)


def test_it_takes_one_place_at_a_time_and_needs_no_key(api):
    path = "/product-catalog/v2alpha1/public-catalog/products"
    refused = api.get(f"{path}?zone=fr-par-1&region=fr-par")
    assert (refused.status_code, refused.json()["type"]) == (400, "invalid_arguments")
    anybody = api.get(path, headers={"X-Auth-Token": None})
    assert anybody.status_code == 200
    assert anybody.json()["total_count"] > len(anybody.json()["products"])
