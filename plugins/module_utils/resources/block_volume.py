# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block volumes: block/v1."""

from __future__ import annotations

from ..errors import ResourceError
from ..resource import Reference, Resource


class Volume(Resource):
    api = "block.v1.BlockV1API"
    noun = "volume"
    references = {
        "snapshot_id": Reference("block.v1.BlockV1API", "list_snapshots", "snapshot", given={"include_deleted": False})
    }
    ready = {"available", "in_use"}
    failed = {"error", "locked"}
    deleted_at_once = True
    immutable = {"snapshot_id", "kms_key_id"}
    create_with = {"perf_iops": 5000}

    def read(self, answer):
        return answer | {"perf_iops": answer["specs"]["perf_iops"], "snapshot_id": answer["parent_snapshot_id"]}

    def list_arguments(self):
        return super().list_arguments() | {"include_deleted": False}

    def plan(self, current):
        changes = super().plan(current)
        if changes.get("size", current["size"]) < current["size"]:
            raise ResourceError(
                f"size: {self.title()} has {current['size']} bytes and cannot shrink to {changes['size']} "
                "(make a smaller volume and copy the data)",
                field="size",
            )
        return changes

    def creation(self):
        size, snapshot_id = self.options.get("size"), self.options.get("snapshot_id")
        if not (size or snapshot_id):
            raise ResourceError(f"size: needed to create {self.title()}, or snapshot_id", field="size")
        content = (
            {"from_snapshot": {"snapshot_id": snapshot_id, "size": size}}
            if snapshot_id
            else {"from_empty": {"size": size}}
        )
        return super().creation() | content
