# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private networks: vpc/v2."""

from __future__ import annotations

import time
from ipaddress import ip_network

from ..errors import ApiError
from ..formats import cidr
from ..resource import Reference, Resource

RELEASE_SECONDS, RELEASE_POLL = 30, 2.0


class PrivateNetwork(Resource):
    api = "vpc.v2.VpcV2API"
    noun = "private_network"
    references = {"vpc_id": Reference("vpc.v2.VpcV2API", "list_vp_cs", "VPC")}
    immutable = {"vpc_id", "subnets"}
    create_with = {"default_route_propagation_enabled": False}
    checks = {"subnets": cidr}

    def __init__(self, client, params, *, check_mode=False):
        super().__init__(client, params, check_mode=check_mode)
        if "vpc_id" in self.options:  # the same name may stand for a network in each of several VPCs
            self.key = ("vpc_id", "name")

    def read(self, answer):
        return answer | {"subnets": [subnet["subnet"] for subnet in answer["subnets"]]}

    def differs(self, option, current):
        if option == "subnets":  # the API adds one of the family that was left out
            return not {*map(ip_network, self.options["subnets"])} <= {*map(ip_network, current["subnets"])}
        return super().differs(option, current)

    def delete(self, current):
        deadline = min(time.monotonic() + RELEASE_SECONDS, self.client.deadline)
        while True:
            try:
                return super().delete(current)
            except ApiError as error:
                if error.status != 412 or time.monotonic() + RELEASE_POLL > deadline:
                    raise
            time.sleep(RELEASE_POLL)
