# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of Cockpit: cockpit/v1."""

from __future__ import annotations

from ..cockpit import REGIONAL
from ..told_once import ToldOnce


class Token(ToldOnce):
    api = REGIONAL
    noun = "token"
    told = ("id", "secret_key")
    immutable = {"scopes"}

    def creation(self):
        return super().creation() | {
            "token_scopes": self.options.get("scopes", ["write_only_metrics", "write_only_logs"])
        }
