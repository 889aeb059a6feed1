"""Public addresses of what is no instance: those of the third quarter of the sandbox's network."""

import ipaddress

from .. import errors

HOLDERS = {"vpc-gw.ip": "address", "lb.ip": "ip_address"}
"""Kinds of records that have one -> the field that it is in."""


def free_address(service, resource: str) -> str:
    """An address that nobody has. Call it under the lock of the kind that takes it.

    Containers get it at the engine's bridge: the first quarter is for those whose address does not matter, the second is
    routed to instances.
    """
    pool = list(ipaddress.ip_network(service.settings.subnet).subnets(prefixlen_diff=2))[2]
    taken = {record[field] for kind, field in HOLDERS.items() for record in service.store.all(kind)}
    # Each product begins elsewhere: the lock of one does not keep another from looking.
    first = 1 + list(HOLDERS).index(service.kind) * pool.num_addresses // len(HOLDERS)
    for offset in range(first, first + pool.num_addresses // len(HOLDERS) - 1):
        if str(pool[offset]) not in taken:
            return str(pool[offset])
    raise errors.quotas_exceeded(resource, len(taken), len(taken))
