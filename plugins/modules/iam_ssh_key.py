#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH keys: iam/v1alpha1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_ssh_key
short_description: Manage SSH keys of a project
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - The keys of a project are let in as root by every instance of the project that boots from then on.
  - A key is known by its name in the project. Its comment is not kept by the API, and not compared.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  name:
    description: Name of the key, unique in the project.
    type: str
  id:
    description: ID of an existing key, to rename it or to name it without doubt.
    type: str
  public_key:
    description: The public key as OpenSSH writes it. It cannot change on an existing key; O(recreate=true) replaces it.
    type: str
  disabled:
    description: Whether the key is left out when an instance boots.
    type: bool
"""

EXAMPLES = r"""
- name: Let the operator in
  stackway.scaleway.iam_ssh_key:
    name: operator
    public_key: "{{ lookup('ansible.builtin.file', '~/.ssh/id_ed25519.pub') }}"
"""

RETURN = r"""
ssh_key:
  description: The key as the API returned it.
  returned: when the key exists
  type: dict
  contains:
    id: {description: ID of the key., type: str, returned: always, sample: 95cf0b33-6ab5-4a8b-9a2f-b1f3a4a3b8a7}
    public_key: {description: The key without its comment., type: str, returned: always, sample: ssh-ed25519 AAAAC3Nz...}
    fingerprint:
      description: Size, MD5 fingerprint and type.
      type: str
      returned: always
      sample: 256 MD5:6b:cd:72:8a:ae:45:24:4b:2b:72:f6:d0:6a:8d:16:06 (ssh-ed25519)
"""

from ..module_utils.resources.iam_ssh_key import IamSshKey
from ..module_utils.run import run


def main():
    run(IamSshKey, DOCUMENTATION)


if __name__ == "__main__":
    main()
