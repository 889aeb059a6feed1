"""What the collections of instance/v1 have in common: zones, envelopes, dates, names of fields."""

import secrets
from datetime import UTC, datetime

from .. import errors
from ..collection import Collection, contains, equals, has_all

SERVER = "instance.server"
"""Kind of the servers' records, which other collections refer to in their field `_server`."""
PRIVATE_NIC = "instance.private_nic"


class Zonal(Collection):
    envelope = True
    created_code = 201
    total_in_header = True
    page_size = 50
    status = "state"
    common = ("id", "name", "project", "organization", "creation_date", "modification_date", "zone")
    filters = {
        "name": contains("name"),
        "project": equals("project"),
        "organization": equals("organization"),
        "tags": has_all("tags"),
        "state": equals("state"),
    }

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self.resource = f"instance_{self.noun}"

    def now(self):
        return datetime.now(UTC).isoformat(timespec="microseconds")

    @property
    def servers(self):
        return self._collection(SERVER)

    @property
    def nics(self):
        return self._collection(PRIVATE_NIC)

    def _collection(self, kind: str):
        """A collection whose module needs this one's."""
        return next(service for service in self.sandbox.services.values() if getattr(service, "kind", "") == kind)

    def server_of(self, record: dict) -> dict | None:
        """`{id, name}` of the server that has this record, as answers show it."""
        server = self.store.get(SERVER, record["_server"]) if record["_server"] else None
        return {"id": server["id"], "name": server["name"]} if server else None

    def _select(self, records, call):
        found = super()._select(records, call)
        return found[::-1] if call.argument("order", "").endswith("_desc") else found


def not_a_value(argument: str) -> errors.ApiError:
    return errors.invalid_argument(argument, "constraint", "not a valid value")


def random_mac(parts: int = 4) -> str:
    return ":".join(f"{byte:02x}" for byte in secrets.token_bytes(parts))
