# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of Cockpit's Grafana: cockpit/v1."""

from __future__ import annotations

from ..cockpit import GLOBAL, login
from ..errors import ResourceError
from ..told_once import ToldOnce


class GrafanaUser(ToldOnce):
    api = GLOBAL
    noun = "grafana_user"
    key = ("login",)
    told = ("id", "login", "password")
    immutable = {"role"}
    checks = {"login": login}

    def get(self, record):
        return self.observe()  # there is no method that gets one

    def creation(self):
        if "role" not in self.options:
            raise ResourceError(f"role: needed to create {self.title()}", field="role")
        return super().creation()
