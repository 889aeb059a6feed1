"""Where products do not exist, and pages that are none: every route refuses them alike."""

import re

import pytest

PAGED = [
    "/iam/v1alpha1/permission-sets",
    "/vpc/v2/regions/fr-par/vpcs",
    "/instance/v1/zones/fr-par-1/products/servers",
    "/instance/v2alpha1/zones/fr-par-1/private-network-interfaces",
    "/marketplace/v2/images",
    "/product-catalog/v2alpha1/public-catalog/products",
    "/secret-manager/v1beta1/regions/fr-par/secrets/browse",
    "/block/v1/zones/fr-par-1/volume-types",
    "/lb/v1/zones/fr-par-1/lb-types",
]


def size_of(path: str) -> str:
    return "per_page" if "/instance/v1/" in path else "page_size"


@pytest.mark.parametrize("wrong", ["0", "-1", "abc", "²", "1.5", "9" * 5000])
@pytest.mark.parametrize("path", PAGED)
def test_a_page_that_is_none_is_refused(api, path, wrong):
    for name in ("page", size_of(path)):
        answer = api.get(path, params={name: wrong})
        assert (answer.status_code, answer.json()["details"][0]["argument_name"]) == (400, name)


@pytest.mark.parametrize("path", PAGED)
def test_pages_come_to_an_end(api, path):
    """A client that asks for everything asks until a page is empty."""
    answer = api.get(path, params={"page": "1000000000"})
    assert answer.status_code == 200
    assert not any(value for name, value in answer.json().items() if name not in ("total_count", "current_path"))


def test_no_page_is_larger_than_a_hundred(api):
    assert len(api.get(PAGED[0], params={"page_size": "1000"}).json()["permission_sets"]) == 100


@pytest.mark.parametrize("wrong", ["xx-yyy", "fr-par-1", "fr-par-9"])
def test_no_route_is_served_where_its_product_is_not(sandbox, api, wrong):
    """Whatever else is asked for: what is checked is the route, not what it finds."""
    wherever = {
        (route.method, re.sub(r"{(\w+)}", lambda name: wrong if name[1] in ("region", "zone") else "x", route.path))
        for route in sandbox.router.served()
        if {"{region}", "{zone}"} & set(route.path.split("/")) and not (wrong == "fr-par-1" and "{zone}" in route.path)
    }
    assert len(wherever) > 100
    for method, path in sorted(wherever):
        answer = api.request(method, path, json={})
        assert answer.status_code == 400, f"{method} {path}: {answer.text}"
        assert answer.json()["details"][0]["argument_name"] in ("region", "zone")


def test_mail_is_sent_from_one_region(api):
    for path in ("domains", "offers", "statistics"):
        assert api.get(f"/transactional-email/v1alpha1/regions/nl-ams/{path}").status_code == 400
