"""What instance/v1 offers in a zone: types of servers and of volumes."""

from ..call import Call
from ..collection import Service, action
from .instance_base import Zonal
from .marketplace import server_types


class Products(Service):
    """What is on offer in a zone."""

    path = "/instance/v1/zones/{zone}/products"

    @action("GET", "/servers")
    def servers(self, call: Call):
        return self._page(call, {name: _offer(given) for name, given in self._offered(call).items()})

    @action("GET", "/servers/availability")
    def availability(self, call: Call):
        return self._page(call, {name: {"availability": "available"} for name in self._offered(call)})

    @action("GET", "/volumes")
    def volumes(self, call: Call):
        capabilities = {"snapshot": True}
        sizes = {"min": 1_000_000_000, "max": 800_000_000_000}
        local = {"display_name": "Local SSD", "capabilities": capabilities, "constraints": sizes}
        scratch = {"display_name": "Scratch", "capabilities": {"snapshot": False}, "constraints": sizes}
        return {"volumes": {"l_ssd": local, "scratch": scratch}}

    def _offered(self, call: Call) -> dict:
        zone = call.params["zone"]
        return {name: given for name, given in sorted(server_types().items()) if zone in given["zones"]}

    def _page(self, call: Call, found: dict):
        names = self.page(call, list(found), Zonal.page_size)
        return 200, {"servers": {name: found[name] for name in names}}, {"X-Total-Count": str(len(found))}


def _offer(given: dict) -> dict:
    bandwidth = given["bandwidth"]
    inside, outside = bandwidth if isinstance(bandwidth, list) else (bandwidth, bandwidth)
    shown = {name: value for name, value in given.items() if name not in ("zones", "bandwidth")}
    return shown | {
        "network": {
            "ipv6_support": True,
            "sum_internal_bandwidth": inside,
            "sum_internet_bandwidth": outside,
            "interfaces": [{"internal_bandwidth": inside, "internet_bandwidth": outside}],
        }
    }
