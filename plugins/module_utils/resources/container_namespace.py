# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces of Serverless Containers: containers/v1."""

from __future__ import annotations

from ..containers import WithEnvironment


class ContainerNamespace(WithEnvironment):
    api = "container.v1.ContainerV1API"
    noun = "namespace"
    ready = {"ready"}
    failed = {"error", "locked"}
