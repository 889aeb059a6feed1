# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects: account/v3."""

from __future__ import annotations

from ..errors import ResourceError
from ..resource import Resource


class AccountProject(Resource):
    api = "account.v3.AccountV3ProjectAPI"
    noun = "project"
    create_with = {"description": ""}

    def check_removal(self, current):
        if current["id"] == current["organization_id"]:
            raise ResourceError(f"{self.title()} is the organization's default project, which cannot be deleted")
