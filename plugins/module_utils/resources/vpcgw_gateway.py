# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public gateways: vpc-gw/v2."""

from __future__ import annotations

import time

from ..errors import ApiError, ResourceError
from ..formats import cidr, port
from ..resource import FIRST_POLL, Resource
from ..values import UNKNOWN

IAM = "iam.v1alpha1.IamV1Alpha1API"
REPLACING_SECONDS = 120  # how long a gateway may call itself failed while it is being upgraded


class Gateway(Resource):
    api = "vpcgw.v2.VpcgwV2API"
    noun = "gateway"
    ready = {"running"}
    failed = {"failed", "locked", "stopped"}
    immutable = {"ip_id"}
    write_only = {"delete_ip"}
    create_with = {"enable_smtp": False, "enable_bastion": False}
    checks = {"bastion_port": port, "bastion_allowed_ips": cidr}

    def read(self, answer):
        if "bastion_enabled" not in answer:  # to another question than what the gateway is like
            return answer
        ip = answer.get("ipv4") or {}
        return answer | {
            "enable_bastion": answer["bastion_enabled"],
            "enable_smtp": answer["smtp_enabled"],
            "ip_id": ip.get("id", ""),
            "address": ip.get("address", ""),
        }

    # Plan --------------------------------------------------------------------------

    def differs(self, option, current):
        if option == "refresh_ssh_keys":
            return bool(self.options[option]) and self.has_newer_keys(current)
        return super().differs(option, current)

    def normalise(self, option, value):
        if option == "type" and value:
            return value.upper()
        if option == "bastion_allowed_ips":  # one address is told with and without its prefix length
            return sorted(item.removesuffix("/32") for item in value or [])
        return super().normalise(option, value)

    def has_newer_keys(self, gateway):
        """Whether a key of the project was made or changed after the gateway's last change, when it took them."""
        if gateway["id"] == UNKNOWN:  # in check mode: it would take them with its creation
            return False
        keys = self.client.list(IAM, "list_ssh_keys", project_id=gateway["project_id"])
        changed = max((key["updated_at"] or key["created_at"] for key in keys), default="")
        return gateway["bastion_enabled"] and changed[:26] > gateway["updated_at"][:26]

    # Apply -------------------------------------------------------------------------

    def create(self):
        created = self.wait(super().create(), fresh=True)
        if "bastion_allowed_ips" in self.options and self.differs("bastion_allowed_ips", created):
            self.update(created, {"bastion_allowed_ips": self.options["bastion_allowed_ips"]})
        return created

    def predict(self):
        return super().predict() | {"address": "(known after apply)", "gateway_networks": []}

    def update(self, current, changes):
        if "type" in changes:
            self.call("upgrade", current, type=changes["type"])
            self.outlive_failure(current)
        if "bastion_allowed_ips" in changes:
            name = "set_bastion_allowed_i_ps"
            where = self.scope(name) | {"gateway_id": current["id"], "ip_ranges": changes["bastion_allowed_ips"]}
            self.client.call(self.api, name, **where)
            self.wait(current)
        direct = {"name", "tags", "enable_bastion", "bastion_port", "enable_smtp"}
        if fields := {option: value for option, value in changes.items() if option in direct}:
            super().update(current, fields)
            self.wait_again(current)
        if changes.get("refresh_ssh_keys"):
            name = "refresh_ssh_keys"
            self.client.call(self.api, name, **self.scope(name), gateway_id=current["id"])
            self.wait_again(current)

    def wait_again(self, current):
        """An update is answered with the state before it: what is running now may be configuring in a moment."""
        time.sleep(FIRST_POLL)
        self.wait(current)

    def outlive_failure(self, current):
        """Wait for an upgrade, in the course of which the API says that the gateway failed."""
        give_up = min(time.monotonic() + REPLACING_SECONDS, self.client.deadline)
        while True:
            try:
                return self.wait_again(current)
            except ResourceError:
                if time.monotonic() > give_up:
                    raise

    def delete(self, current):
        try:
            self.call("delete", current, delete_ip=self.options.get("delete_ip", True))
        except ApiError as error:
            if error.status != 404:
                raise
