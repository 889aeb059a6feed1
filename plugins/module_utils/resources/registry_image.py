# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images in Container Registry: registry/v1. They come by being pushed."""

from __future__ import annotations

from ..resource import Reference, Resource


class RegistryImage(Resource):
    api = "registry.v1.RegistryV1API"
    noun = "image"
    references = {"namespace_id": Reference("registry.v1.RegistryV1API", "list_namespaces", "registry namespace")}
