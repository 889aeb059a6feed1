# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that stand for something: what check mode cannot know yet, JSON null, a masked secret."""

from __future__ import annotations

import re

UNKNOWN = "(known after apply)"
"""Stands for what only a real run can tell, such as the id of a resource that check mode would create."""

MASK = "********"
"""Stands for a secret in a diff."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Null:
    def __repr__(self) -> str:
        return "NULL"


NULL = _Null()
"""JSON null in a request. The SDK drops None, so None cannot say it."""
