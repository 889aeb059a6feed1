#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances: instance/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: instance_server
short_description: Manage instances
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - An instance is a virtual machine. It lets in the SSH keys that its project had when it was created, as root.
  - A new instance gets its user data before it is started for the first time, since cloud-init reads it then.
  - Removing an instance removes its root volume. Its other volumes and its flexible IPs stay.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.zone
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of the instance, to rename it or where its name is not unique.
    type: str
  name:
    description: Name of the instance, and its host name when it is created.
    type: str
  commercial_type:
    description:
      - Type of the instance, such as V(PLAY2-PICO) or V(DEV1-S).
      - An instance that runs is stopped to change its type, and started again.
    type: str
  image:
    description:
      - Label of an image of the marketplace, such as V(debian_trixie), V(ubuntu_noble) or V(docker), or an image's ID.
      - An existing instance is compared by label, so that a new release of the same image changes nothing. Another image
        needs a new instance.
    type: str
  root_volume:
    description: The volume that the instance starts from.
    type: dict
    suboptions:
      volume_type:
        description: A block volume, or the disk of the machine, which not every type has. It cannot change.
        type: str
        choices: [sbs_volume, l_ssd]
        default: sbs_volume
      size:
        description: Size in bytes, a multiple of 1 GB (1000000000). A block volume grows, and never shrinks.
        type: int
  volumes:
    description: IDs or names of the block volumes that are attached beside the root volume. An empty list detaches all.
    type: list
    elements: str
  public_ips:
    description:
      - IDs, addresses, or names (M(stackway.scaleway.instance_ip)) of the flexible IPs that the instance has. An empty list
        takes them away.
    type: list
    elements: str
  dynamic_ip_required:
    description:
      - Whether the instance gets a public address of its own while it runs, where it has no flexible IP of version 4. That
        one changes with every start.
      - Default is V(false) for a new instance.
    type: bool
  private_networks:
    description: IDs or names of the private networks that the instance is in. An empty list takes it out of all.
    type: list
    elements: str
  security_group_id:
    description: ID or name of the security group. Default is the project's default group for a new instance.
    type: str
  placement_group_id:
    description:
      - ID or name of the placement group. An empty string takes the instance out of it.
      - It changes while the instance is stopped, so that one that runs is stopped and started again.
    type: str
  cloud_init:
    description:
      - What cloud-init does at the first boot, as a cloud-config document or a script.
      - A change is stored with the instance, for one that boots for the first time later. It does not run again.
    type: str
  user_data:
    description: Further user data, as text by key. An empty text removes a key; keys left out are left alone.
    type: dict
  tags:
    description: Tags of the instance; the inventory plugin makes groups of them.
    type: list
    elements: str
  protected:
    description: Whether the API refuses to remove the instance.
    type: bool
  boot_type:
    description: What the instance boots from. A change takes effect at the next boot.
    type: str
    choices: [local, rescue]
  power_state:
    description:
      - V(running) starts an instance that is off, V(stopped) shuts it down and gives the machine back, V(stopped_in_place)
        shuts it down and keeps the machine. V(rebooted) restarts one that runs, every time, and starts one that is off.
    type: str
    choices: [running, stopped, stopped_in_place, rebooted]
    default: running
  may_stop:
    description:
      - Whether an instance that runs may be stopped for a change that needs it, of O(commercial_type) or O(placement_group_id).
        With V(false) these stay as they are; compare what is returned with what was asked for.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Have a web server with Docker
  stackway.scaleway.instance_server:
    name: web
    commercial_type: PLAY2-PICO
    image: docker
    root_volume: {size: 20000000000}
    public_ips: [web]
    security_group_id: web
    private_networks: [backend]
    tags: [web, prod]
    cloud_init: |
      #cloud-config
      package_update: true

- name: Give it more memory, which restarts it
  stackway.scaleway.instance_server:
    name: web
    commercial_type: PLAY2-NANO

- name: Remove it
  stackway.scaleway.instance_server:
    name: web
    state: absent
"""

RETURN = r"""
server:
  description: The instance as the API returned it.
  returned: when the instance exists
  type: dict
  contains:
    id: {description: ID of the instance., type: str, returned: always, sample: cf55eb83-a278-477c-a2a0-46439b329cc6}
    state: {description: "V(running), V(stopped) or V(stopped in place).", type: str, returned: always, sample: running}
    public_ip:
      description: The first of its public IPs, with its C(address), or null.
      type: dict
      returned: always
    public_ips: {description: Its public IPs., type: list, elements: dict, returned: always}
    private_nics: {description: Its cards in private networks., type: list, elements: dict, returned: always}
    volumes: {description: "Its volumes by index, V(0) being the root volume.", type: dict, returned: always}
"""

from ..module_utils.resources.instance_server import Server
from ..module_utils.run import run


def main():
    run(Server, DOCUMENTATION)


if __name__ == "__main__":
    main()
