# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an option's value must look like: each function returns the fault in words, or None."""

from __future__ import annotations

import ipaddress
import re

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})+\.?", re.IGNORECASE)


def cidr(value: str) -> str | None:
    """An IPv4 or IPv6 network or address."""
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        return f"{value!r} is not a network such as 10.0.0.0/24: {error}"
    return None


def address(value: str) -> str | None:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return f"{value!r} is not an IP address"
    return None


def port(value: int) -> str | None:
    return None if 1 <= int(value) <= 65535 else f"{value} is not a port between 1 and 65535"


def domain(value: str) -> str | None:
    """A domain name of at least two labels, with or without the final dot."""
    if len(value) <= 254 and _DOMAIN.fullmatch(value):
        return None
    return f"{value!r} is not a domain name such as example.com"
