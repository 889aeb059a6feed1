# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files in Object Storage: S3's objects, each put as a whole."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from .. import s3
from ..errors import ApiError, ResourceError
from ..resource import Resource
from ..values import UNKNOWN

LARGEST = 5 * 1024**3  # of what is put by one call
UNTYPED = "application/octet-stream"


class ObjectFile(Resource):
    noun = "file"
    key = ("bucket", "name")
    id_field = "name"
    write_only = {"path", "backup"}

    def __init__(self, client, params, *, check_mode=False):
        super().__init__(client, params, check_mode=check_mode)
        self.s3 = s3.S3(client.credentials)

    def check_options(self):
        super().check_options()
        self.require(self.key)
        if self.params.get("state") == "absent":
            return
        self.require(["path"])
        try:
            self.content = Path(self.options["path"]).read_bytes()
        except OSError as error:
            raise ResourceError(f"path: {error.strerror}: {self.options['path']}", field="path") from error
        name = Path(self.options["name"])
        if self.options.get("backup") and (name.is_absolute() or ".." in name.parts):
            raise ResourceError(f"name: {self.options['name']} leads out of the folder of backup", field="name")
        if len(self.content) > LARGEST:
            raise ResourceError(f"path: {self.options['path']} is larger than {LARGEST} bytes", field="path")
        # What S3 calls the content by: an object that was put as a whole bears its MD5.
        self.options["etag"] = hashlib.md5(self.content, usedforsecurity=False).hexdigest()
        self.options.setdefault("content_type", mimetypes.guess_type(self.options["name"])[0] or UNTYPED)

    def observe(self):
        return None if self.client.credentials.project_id == UNKNOWN else self.get(self.options)

    def get(self, record):
        try:
            found = self.s3.call("head_object", Bucket=self.options["bucket"], Key=record["name"])
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return {
            "bucket": self.options["bucket"],
            "name": record["name"],
            "etag": found["ETag"].strip('"'),
            "content_type": found.get("ContentType"),
            "cache_control": found.get("CacheControl", ""),
            "size": found["ContentLength"],
        }

    def creation(self):
        return {}

    def create(self):
        headers = {"ContentType": self.options["content_type"]}
        if cache_control := self.options.get("cache_control"):
            headers["CacheControl"] = cache_control
        self.s3.call(
            "put_object", Bucket=self.options["bucket"], Key=self.options["name"], Body=self.content, **headers
        )
        return self.get(self.options)

    def predict(self):
        told = {name: value for name, value in self.options.items() if name not in self.write_only}
        return {"cache_control": ""} | told | {"size": len(self.content)}

    def update(self, current, changes):
        if "etag" in changes and self.options.get("backup"):
            self.keep()
        self.options = {name: current[name] for name in ("content_type", "cache_control")} | self.options
        self.create()  # what is put replaces what was there, its headers too

    def keep(self):
        """Write what the bucket has to the folder for what is replaced."""
        found = self.s3.call("get_object", Bucket=self.options["bucket"], Key=self.options["name"])
        kept = Path(self.options["backup"], self.options["name"])
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(found["Body"].read())
        except OSError as error:
            raise ResourceError(f"backup: {error.strerror}: {kept}", field="backup") from error

    def delete(self, current):
        self.s3.call("delete_object", Bucket=self.options["bucket"], Key=current["name"])
