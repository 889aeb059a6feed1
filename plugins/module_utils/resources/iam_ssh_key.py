# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH keys: iam/v1alpha1."""

from __future__ import annotations

from ..resource import Resource


def fault(public_key):
    """What is wrong with a public key, or None."""
    if "PRIVATE KEY" in public_key:
        return "this is a private key: give the public one, and replace the pair if the private key was shown anywhere"
    if len(public_key.split()) < 2:
        return "not a public key as OpenSSH writes it, such as ssh-ed25519 AAAAC3Nz... comment"
    return None


class IamSshKey(Resource):
    api = "iam.v1alpha1.IamV1Alpha1API"
    noun = "ssh_key"
    immutable = {"public_key"}
    checks = {"public_key": fault}

    def normalise(self, option, value):
        if option == "public_key" and value:
            return " ".join(value.split()[:2])
        return super().normalise(option, value)

    def create(self):
        record = super().create()
        if self.options.get("disabled"):  # creation knows no such field
            record = self.call("update", record, disabled=True)
        return record
