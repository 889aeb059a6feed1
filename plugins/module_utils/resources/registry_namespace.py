# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces of Container Registry: registry/v1."""

from __future__ import annotations

from ..resource import Resource


class RegistryNamespace(Resource):
    api = "registry.v1.RegistryV1API"
    noun = "namespace"
    ready = {"ready"}
    failed = {"error", "locked"}
    create_with = {"description": "", "is_public": False}
