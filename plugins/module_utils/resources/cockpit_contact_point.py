# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact points of Cockpit's alert manager: cockpit/v1."""

from __future__ import annotations

from ..cockpit import REGIONAL, email
from ..resource import Resource


class ContactPoint(Resource):
    api = REGIONAL
    noun = "contact_point"
    key = ("email",)
    id_field = "email"
    checks = {"email": email}

    def read(self, answer):
        return answer | {"email": answer["email"]["to"]}

    def get(self, record):
        return self.observe()  # there is no method that gets one

    def identity(self, name, record):
        return {"email": {"to": record["email"]}} if record else {}

    def creation(self):
        return super().creation() | {"email": {"to": self.options["email"]}}
