# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases of a Managed Database instance: rdb/v1."""

from __future__ import annotations

from ..rdb import INSTANCE
from ..resource import Resource


class Database(Resource):
    api = "rdb.v1.RdbV1API"
    noun = "database"
    key = ("instance_id", "name")
    references = {"instance_id": INSTANCE}
    id_field = id_parameter = "name"
