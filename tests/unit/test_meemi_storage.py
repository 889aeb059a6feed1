"""Where meemi keeps files: both backends, as the rest of it uses them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "examples/meemi/meemi/storage.py"
SPEC = importlib.util.spec_from_file_location("meemi_storage", FILE)
storage = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(storage)


def test_local_files_come_and_go(tmp_path):
    local = storage.LocalStorage(tmp_path)
    local.put("a.jpg", b"picture", "image/jpeg")
    assert (local.path("a.jpg").read_bytes(), local.public_url("a.jpg")) == (b"picture", "/api/files/a.jpg")
    local.delete("a.jpg")
    local.delete("a.jpg")
    assert not local.path("a.jpg").exists()


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "a/b", "..", ".", ""])
def test_a_key_never_leaves_the_folder(tmp_path, key):
    with pytest.raises(ValueError, match="is no key"):
        storage.LocalStorage(tmp_path).path(key)


def test_objects_are_put_as_they_are_and_read_at_their_public_address():
    calls = []

    class Client:
        def put_object(self, **request):
            calls.append(request)

    bucket = storage.S3Storage(Client(), "meemit-media", "https://meemit-media.s3.fr-par.scw.cloud")
    bucket.put("a.jpg", b"picture", "image/jpeg")
    assert (calls[0]["Bucket"], calls[0]["Key"], calls[0]["ContentType"]) == ("meemit-media", "a.jpg", "image/jpeg")
    assert "ACL" not in calls[0]  # the bucket's policy opens it
    assert bucket.public_url("a.jpg") == "https://meemit-media.s3.fr-par.scw.cloud/a.jpg"
