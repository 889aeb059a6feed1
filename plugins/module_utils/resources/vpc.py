# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VPCs: vpc/v2."""

from __future__ import annotations

from ..resource import Resource


class Vpc(Resource):
    api = "vpc.v2.VpcV2API"
    noun = "vpc"
    methods = {"list": "list_vp_cs"}
    create_with = {"enable_routing": True, "enable_transitivity": False}  # routing is on whatever is sent
