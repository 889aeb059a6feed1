# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of frontends: lb/v1."""

from __future__ import annotations

from .lb import LB, OfLb
from .lb_frontend import BACKEND, FRONTEND


class Route(OfLb):
    noun = "route"
    references = {"lb_id": LB, "frontend_id": FRONTEND, "backend_id": BACKEND}
    key = ("lb_id", "frontend_id", "match")
