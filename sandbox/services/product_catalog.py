"""Product catalogue: what Scaleway sells, where and for how much. Which prices are known: docs/sandbox.md#product-catalog.

Shapes: scaleway-sdk-python, scaleway/product_catalog/v2alpha1/types.py.
"""

from functools import cache

from .. import errors
from ..call import Call
from ..collection import Service, action, catalog
from ..service import MAX_PAGE_SIZE
from .marketplace import server_types

HOURS = {"minute": 1 / 60, "hour": 1, "gigabyte_day": 24}
"""How long one unit of measure lasts."""
SHORT_ZONES = {"fr-par-1": "par1", "nl-ams-1": "ams1"}
"""What the first zones are called in a sku."""
LOCALITIES = ("global", "region", "zone", "datacenter")


@cache
def products() -> list[dict]:
    servers = [
        _server(name, offered, zone) for name, offered in sorted(server_types().items()) for zone in offered["zones"]
    ]
    return servers + [_product(**known) for known in catalog("products")["products"]]


class Products(Service):
    path = "/product-catalog/v2alpha1/public-catalog/products"
    noun = "product"
    needs_token = False

    @action("GET", "")
    def list(self, call: Call):
        places = {
            name: value for name in LOCALITIES if (value := call.argument(name)) not in (None, "", "false", "False")
        }
        if len(places) > 1:
            raise errors.invalid_argument(sorted(places)[0], "constraint", f"only one of {', '.join(LOCALITIES)}")
        types, ids, statuses = (_asked(call, name) for name in ("product_types", "api_ids", "status"))
        found = [
            product
            for product in products()
            if all(str(product["locality"].get(name, "")).lower() == value.lower() for name, value in places.items())
            and (not types or types & product["properties"].keys())
            and (not ids or _api_id(product) in ids)
            and (not statuses or product["status"] in statuses)
        ]
        return {"products": self.page(call, found, MAX_PAGE_SIZE), "total_count": len(found)}


def _asked(call: Call, name: str) -> set[str]:
    """The values of a repeated argument; `unknown…` means no filter."""
    return {value for value in call.query.get(name, []) if value and not value.startswith("unknown")}


def _api_id(product: dict) -> str | None:
    properties = product["properties"]
    if "instance" in properties:
        return properties["instance"]["offer_id"]
    return properties.get("load_balancer", {}).get("node", {}).get("offer_id")


def _server(name: str, offered: dict, zone: str) -> dict:
    sku = f"/compute/{name.lower().replace('-', '_')}/run_{SHORT_ZONES.get(zone, zone)}"
    bandwidth = offered["bandwidth"]
    inside, outside = bandwidth if isinstance(bandwidth, list) else (bandwidth, bandwidth)
    arch = {"x86_64": "x64"}.get(offered["arch"], offered["arch"])
    properties = {
        "hardware": {
            "cpu": {
                "description": "", "arch": arch, "type": "", "threads": offered["ncpus"], "shared": False,
                "virtual": {"count": offered["ncpus"]},
            },
            "ram": {"description": "", "size": offered["ram"], "type": ""},
            "network": {
                "description": "", "internal_bandwidth": inside, "public_bandwidth": outside, "max_public_bandwidth": outside,
            },
        },
        "instance": {"range": name.partition("-")[0], "offer_id": name, "recommended_replacement_offer_ids": []},
    }  # fmt: skip
    unit = "minute" if offered["gpu"] else "hour"
    known = _product(sku, "Instance", name, {"zone": zone}, unit, offered["hourly_price"], properties)
    return known | {"service_category": "Compute"}


def _product(sku: str, family: str, product: str, locality: dict, unit: str, per_hour: float, properties=None) -> dict:
    """A `family` is what the product category says; properties are those of a family that the SDK knows."""
    price = per_hour * HOURS[unit]
    units, nanos = divmod(round(price * 1_000_000_000), 1_000_000_000)
    return {
        "sku": sku, "service_category": "", "product_category": family, "product": product, "variant": "",
        "description": f"{product}: {price:g} EUR per {unit.replace('_', ' and ')}", "locality": locality,
        "price": {"retail_price": {"currency_code": "EUR", "units": units, "nanos": nanos}},
        "properties": properties or {}, "environmental_impact_estimation": None,
        "unit_of_measure": {"unit": unit, "size": 1}, "status": "general_availability", "badges": [],
        "end_of_sale_at": None, "end_of_life_at": None, "end_of_growth_at": None,
    }  # fmt: skip
