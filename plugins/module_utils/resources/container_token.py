# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens for private containers: containers/v1beta1, which is the only version that has them."""

from __future__ import annotations

from ..containers import CONTAINER, NAMESPACE
from ..errors import ResourceError
from ..told_once import ToldOnce
from .iam_api_key import fault, instant

MASKED = "<"
"""What the value of a token begins with in every answer but the first."""


class ContainerToken(ToldOnce):
    api = "container.v1beta1.ContainerV1Beta1API"
    noun = "token"
    references = {"container_id": CONTAINER, "namespace_id": NAMESPACE}
    ready = {"ready"}
    failed = {"error"}
    immutable = {"expires_at"}
    told = ("id", "token")
    checks = {"expires_at": fault}

    def __init__(self, client, params, **options):
        super().__init__(client, params, **options)
        scope = "container_id" if "container_id" in self.options else "namespace_id"
        self.key = (scope, "description")

    def check_options(self):
        super().check_options()
        if {"container_id", "namespace_id"} <= self.options.keys():
            raise ResourceError(
                "container_id, namespace_id: a token is for one of them", fields=["container_id", "namespace_id"]
            )

    def read(self, answer):
        hidden = {"public_key"} | ({"token"} if answer["token"].startswith(MASKED) else set())
        return {name: value for name, value in answer.items() if name not in hidden}

    def normalise(self, option, value):
        return instant(value) if option == "expires_at" and value else super().normalise(option, value)

    def creation(self):
        arguments = super().creation()
        if "expires_at" in arguments:  # the SDK wants more than text here
            arguments["expires_at"] = instant(arguments["expires_at"])
        return arguments
