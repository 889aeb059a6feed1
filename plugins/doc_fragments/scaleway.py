# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ..module_utils import options


class ModuleDocFragment:
    DOCUMENTATION: str = options.CREDENTIALS
    REGION: str = options.REGION
    ZONE: str = options.ZONE
    STATE: str = options.STATE
    RECREATE: str = options.RECREATE
    STORE: str = options.STORE
