from pathlib import Path

from . import Case

ROOT = Path(__file__).parents[3]
NAME = "case-bucket"
CORS = {"allowed_origins": ["https://app.example"], "allowed_methods": ["GET", "PUT"], "max_age_seconds": 60}
UPLOADS = {"id": "uploads", "abort_incomplete_multipart_upload": {"days_after_initiation": 7}}
AGEING = {
    "id": "ageing",
    "prefix": "logs/",
    "tags": {"kind": "log"},
    "transitions": [{"days": 30, "storage_class": "ONEZONE_IA"}, {"days": 90, "storage_class": "GLACIER"}],
    "expiration": {"days": 365},
}
KEPT = {"id": "kept", "noncurrent_version_expiration": {"noncurrent_days": 5}, "expiration": {"date": "2040-01-01"}}

CASES = [
    Case(
        "object_bucket",
        create={"name": NAME, "acl": "private", "tags": {"env": "test", "number": 1}},
        changes={
            "acl": "public-read",
            "tags": {"env": "other"},
            "versioning": True,
            "cors": [CORS, {"allowed_origins": ["*"], "allowed_methods": ["GET"]}],
            "lifecycle": [UPLOADS, AGEING, KEPT],
            "website": {"index_document": "index.html", "error_document": "404.html"},
        },
        refused=[
            ({"name": "Not_A_Bucket"}, "name: 'Not_A_Bucket' is not"),
            ({"name": NAME, "website": {"error_document": "x"}}, "website.index_document"),
            ({"name": NAME, "lifecycle": [{"id": "idle"}]}, "lifecycle: rule 'idle' has no action"),
            ({"name": NAME, "default_retention": {"mode": "GOVERNANCE"}}, "default_retention: needs mode"),
        ],
    ),
    Case(
        "object_bucket",
        label="emptied",
        create={
            "name": f"{NAME}-emptied",
            "tags": {"a": "b"},
            "cors": [CORS],
            "lifecycle": [UPLOADS],
            "website": {"index_document": "index.html"},
            "versioning": True,
        },
        changes={"tags": {}, "cors": [], "lifecycle": [], "website": {}, "versioning": False},
    ),
    Case(
        "object_bucket",
        label="locked",
        create={"name": f"{NAME}-locked", "object_lock": True, "default_retention": {"mode": "GOVERNANCE", "days": 3}},
        changes={"default_retention": {"mode": "COMPLIANCE", "years": 1}},
    ),
    Case(
        "object_file",
        create={"bucket": f"{NAME}-files", "name": "texts/license", "path": str(ROOT / "LICENSE")},
        changes={
            "path": str(ROOT / "README.md"),
            "content_type": "text/markdown",
            "cache_control": "no-cache",
        },
        key=("bucket", "name"),
        setup=[{"stackway.scaleway.object_bucket": {"name": f"{NAME}-files"}}],
        cleanup=[{"stackway.scaleway.object_bucket": {"name": f"{NAME}-files", "state": "absent"}}],
        refused=[
            ({"bucket": f"{NAME}-files", "name": "x"}, "path: needed"),
            ({"bucket": f"{NAME}-files", "name": "x", "path": "/nowhere"}, "path: No such file"),
        ],
    ),
]
