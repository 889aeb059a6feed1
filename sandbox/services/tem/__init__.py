"""Transactional Email: transactional-email/v1alpha1. Domains are checked in the DNS, and mail is sent for checked ones only.

Shapes: scaleway-sdk-python, scaleway/tem/v1alpha1/types.py. What is not served, and why: docs/sandbox.md#tem.
"""

from ...collection import Collection, Service

PATH = "/transactional-email/v1alpha1/regions/{region}"
REGION = "fr-par"


class TemService(Service):
    """The product exists in one region."""

    regions = (REGION,)


class TemCollection(TemService, Collection):
    pass


def counts(emails: list[dict]) -> dict[str, int]:
    """How many emails there are in all, and in each status."""
    statuses = ("new", "sending", "sent", "failed", "canceled")
    found = {f"{status}_count": sum(item["status"] == status for item in emails) for status in statuses}
    return {"total_count": len(emails)} | found
