# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of Managed Database share."""

from __future__ import annotations

import re

from .resource import Reference

INSTANCE = Reference("rdb.v1.RdbV1API", "list_instances", "database instance")

_PASSWORD = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[^a-zA-Z0-9]).{8,128}", re.DOTALL)
_USER_NAME = re.compile(r"(?!_rdb)[A-Za-z][\w.-]{0,62}")


def password(value: str) -> str | None:
    if _PASSWORD.fullmatch(value):
        return None
    return "must be 8 to 128 characters with a digit, an upper-case, a lower-case and a special character"


def user_name(value: str) -> str | None:
    if _USER_NAME.fullmatch(value):
        return None
    return f"{value!r} must start with a letter, have 63 characters at most, and not start with _rdb"
