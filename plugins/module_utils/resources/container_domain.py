# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains of Serverless Containers: containers/v1."""

from __future__ import annotations

import time

from ..containers import CONTAINER, NAMESPACE
from ..errors import ApiError
from ..formats import domain
from ..resource import Resource

ASK_AGAIN_SECONDS = 2


class ContainerDomain(Resource):
    api = "container.v1.ContainerV1API"
    noun = "domain"
    key = ("hostname",)
    references = {"namespace_id": NAMESPACE, "container_id": CONTAINER}
    ready = {"ready"}
    failed = {"error", "locked"}
    immutable = {"container_id"}
    write_only = {"namespace_id", "dns_timeout"}
    checks = {"hostname": domain}

    def normalise(self, option, value):
        return value.lower().rstrip(".") if option == "hostname" else super().normalise(option, value)

    def create(self):
        """The API refuses a name until its CNAME record is seen everywhere: ask again for a while."""
        deadline = time.monotonic() + self.params.get("dns_timeout", 0)
        while True:
            try:
                return super().create()
            except ApiError as error:
                if not is_about_name(error) or time.monotonic() + ASK_AGAIN_SECONDS > deadline:
                    raise
            self.client.progress(f"{self.title()}: waiting for its CNAME record")
            time.sleep(ASK_AGAIN_SECONDS)


def is_about_name(error: ApiError) -> bool:
    return error.status == 400 and "hostname" in str(error)
