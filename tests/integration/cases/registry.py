"""Container Registry."""

from __future__ import annotations

from . import Case

CASES = [
    Case(
        "registry_namespace",
        create={"name": "case-images"},
        changes={"description": "images", "is_public": True},
        refused=[({"name": "Bad Name"}, r"name: ")],
    ),
]
