# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Alerts of Cockpit: cockpit/v1."""

from __future__ import annotations

from ..cockpit import REGIONAL
from ..resource import Resource


class Alert(Resource):
    api = REGIONAL
    noun = "alert"
