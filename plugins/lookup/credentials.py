# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credentials that the modules use, for tools that are not of this collection."""

from __future__ import annotations

DOCUMENTATION = r"""
name: credentials
short_description: Tell with which credentials the modules work
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Returns parts of the credentials that the modules of this collection find, for tools that want them in their own way, such as
    C(docker login). Give a task that uses a secret key C(no_log).
  - Credentials come from the variable C(scaleway_credentials), a dictionary of the options below, where the lookup is not given others.
extends_documentation_fragment:
  - stackway.scaleway.scaleway
  - stackway.scaleway.scaleway.region
options:
  _terms:
    description: "Which parts: V(access_key), V(secret_key), V(organization_id), V(project_id), V(region) or V(api_url)."
    required: true
"""

EXAMPLES = r"""
- name: Log in to Container Registry
  community.docker.docker_login:
    registry_url: rg.fr-par.scw.cloud
    username: nologin
    password: "{{ lookup('stackway.scaleway.credentials', 'secret_key') }}"
"""

RETURN = r"""
_raw:
  description: One text for each part.
  type: list
  elements: str
"""

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..plugin_utils import lookup_client

PARTS = ("access_key", "secret_key", "organization_id", "project_id", "region", "api_url")


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        if unknown := sorted(set(terms) - set(PARTS)):
            raise AnsibleLookupError(
                f"{', '.join(unknown)}: no part of the credentials (take one of {', '.join(PARTS)})"
            )
        credentials = lookup_client.credentials(self, variables, kwargs)
        return [getattr(credentials, term) for term in terms]
