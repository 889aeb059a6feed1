# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys: iam/v1alpha1."""

from __future__ import annotations

from datetime import datetime

from ..errors import ResourceError
from ..resource import Reference
from ..told_once import ToldOnce


def instant(value):
    return datetime.fromisoformat(value.replace("Z", "+00:00"))


def fault(moment):
    """What is wrong with a date, or None."""
    try:
        return None if instant(moment).tzinfo else f"{moment!r} has no time zone: write it as 2030-01-01T00:00:00Z"
    except ValueError:
        return f"{moment!r} is not a date such as 2030-01-01T00:00:00Z"


class IamApiKey(ToldOnce):
    api = "iam.v1alpha1.IamV1Alpha1API"
    noun = "api_key"
    id_field = "access_key"
    id_parameter = "access_key"
    filters = {"application_id": "bearer_id", "user_id": "bearer_id"}
    references = {
        "application_id": Reference("iam.v1alpha1.IamV1Alpha1API", "list_applications", "application"),
        "default_project_id": Reference("account.v3.AccountV3ProjectAPI", "list_projects", "project"),
    }
    immutable = {"expires_at"}
    told = ("access_key", "secret_key")
    checks = {"expires_at": fault}

    def __init__(self, client, params, **options):
        super().__init__(client, params, **options)
        bearer = "user_id" if "user_id" in self.options else "application_id"
        self.key = (bearer, "description")

    def check_options(self):
        super().check_options()
        if {"application_id", "user_id"} <= self.options.keys():
            raise ResourceError(
                "application_id, user_id: a key has one bearer: give one of them", fields=["application_id", "user_id"]
            )

    def normalise(self, option, value):
        if option == "expires_at" and value:
            return instant(value)
        return super().normalise(option, value)

    def creation(self):
        arguments = super().creation()
        if "expires_at" in arguments:  # the SDK wants more than text here
            arguments["expires_at"] = instant(arguments["expires_at"])
        return arguments
