#!/usr/bin/python
# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Triggers of Serverless Containers: containers/v1."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_trigger
short_description: Manage triggers of Serverless Containers
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Creates, changes and removes triggers, which call a container by a schedule, or with every message of an SQS queue or a
    NATS subject as the body of a request.
  - A trigger has one source; another one replaces the trigger, with O(recreate).
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
  - stackway.scaleway.scaleway.state
  - stackway.scaleway.scaleway.recreate
options:
  id:
    description: ID of the trigger, where its name is not unique.
    type: str
  container_id:
    description: ID or name of the container.
    type: str
  namespace_id:
    description: ID or name of the container's namespace, where a name alone does not tell which container is meant.
    type: str
  name:
    description: Name of the trigger, unique among those of the container.
    type: str
  description:
    description: What the trigger is for.
    type: str
  destination_config:
    description: What the container is asked. What is left out stays as it is.
    type: dict
    suboptions:
      http_path: {description: Path. Default is V(/)., type: str}
      http_method: {description: Method. Default is V(post)., type: str, choices: [get, post, put, patch, delete]}
  cron_config:
    description: Call it by a schedule.
    type: dict
    suboptions:
      schedule: {description: "UNIX cron's five fields, such as V(5 4 * * *).", type: str}
      timezone: {description: "Name in the tz database, such as V(Europe/Paris). Default is V(UTC).", type: str}
      body: {description: Body of the request. Default is none., type: str}
      headers: {description: Headers of the request. Default is none., type: dict}
  sqs_config:
    description: Call it with the messages of a queue.
    type: dict
    suboptions:
      region: {description: Region of the queue., type: str}
      endpoint: {description: "Endpoint of SQS, such as V(https://sqs.mnq.fr-par.scaleway.com).", type: str}
      queue_url: {description: URL of the queue., type: str}
      access_key_id: {description: Access key that may read the queue., type: str}
      secret_access_key: {description: Its secret. The API does not tell it., type: str}
  nats_config:
    description: Call it with the messages of a subject.
    type: dict
    suboptions:
      server_urls: {description: "Servers, such as V(nats://nats.mnq.fr-par.scaleway.com:4222).", type: list, elements: str}
      subject: {description: Subject., type: str}
      credentials_file_content: {description: What the credentials file holds. The API does not tell it., type: str}
  update_secret:
    description:
      - Whether credentials that the API does not tell are sent again. V(on_create) leaves those of an existing trigger as they are,
        unless something else of its source changes; V(always) sends them in every run, and is a change in every run.
    type: str
    choices: [on_create, always]
    default: on_create
  tags:
    description: Tags of the trigger.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Have the worker called with every job of the queue
  stackway.scaleway.container_trigger:
    container_id: worker
    name: jobs
    sqs_config:
      region: fr-par
      endpoint: https://sqs.mnq.fr-par.scaleway.com
      queue_url: "{{ queue_url }}"
      access_key_id: "{{ key.access_key }}"
      secret_access_key: "{{ key.secret_key }}"

- name: Clean up every night
  stackway.scaleway.container_trigger:
    container_id: worker
    name: nightly
    destination_config: {http_path: /cleanup}
    cron_config: {schedule: 5 4 * * *, timezone: Europe/Paris}
"""

RETURN = r"""
trigger:
  description: The trigger as the API returned it, without secrets.
  returned: when the trigger exists
  type: dict
  contains:
    id: {description: ID of the trigger., type: str, returned: always}
    source_type: {description: "C(cron), C(sqs) or C(nats).", type: str, returned: always, sample: sqs}
    status: {description: Status of the trigger., type: str, returned: always, sample: ready}
"""

from ..module_utils.resources.container_trigger import ContainerTrigger
from ..module_utils.run import run


def main():
    run(ContainerTrigger, DOCUMENTATION)


if __name__ == "__main__":
    main()
