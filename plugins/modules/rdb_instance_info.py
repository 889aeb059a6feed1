#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look up Managed Database instances: rdb/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rdb_instance_info
short_description: Look up Managed Database instances
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Lists the instances of a project and region that match every option given.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  id:
    description: ID of one instance.
    type: str
  name:
    description: Exact name.
    type: str
  tags:
    description: Tags that an instance must have, all of them.
    type: list
    elements: str
  certificate:
    description: Whether to get the certificate that clients check the server's against, too.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Look up a database and its certificate
  stackway.scaleway.rdb_instance_info:
    name: riff
    certificate: true
  register: found

- name: Keep the certificate for clients (sslmode=verify-full)
  ansible.builtin.copy:
    content: "{{ found.instances[0].certificate }}"
    dest: /etc/riff/database.pem
    mode: "0644"
"""

RETURN = r"""
instances:
  description: The instances as M(stackway.scaleway.rdb_instance) returns one; an empty list where there is none.
  returned: success
  type: list
  elements: dict
  contains:
    certificate: {description: "In PEM.", type: str, returned: with O(certificate=true)}
"""

import base64

from ..module_utils.resource import Info
from ..module_utils.resources.rdb_instance import Instance
from ..module_utils.run import run


class InstanceInfo(Info):
    resource = Instance

    @classmethod
    def look_up(cls, client, params):
        found = super().look_up(client, params)
        return [instance | cls.certificate(client, instance) for instance in found] if params["certificate"] else found

    @staticmethod
    def certificate(client, instance):
        region = client.credentials.region
        answer = client.call(Instance.api, "get_instance_certificate", region=region, instance_id=instance["id"])
        return {"certificate": base64.b64decode(answer["content"]).decode()}


def main():
    run(InstanceInfo, DOCUMENTATION)


if __name__ == "__main__":
    main()
