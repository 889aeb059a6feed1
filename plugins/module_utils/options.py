# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that modules share, as documentation fragments; doc_fragments/ re-exports them, run.py reads them."""

from __future__ import annotations

CREDENTIALS = r"""
options:
  access_key:
    description: Access key. Default is E(SCW_ACCESS_KEY), then the profile.
    type: str
  secret_key:
    description: Secret key of the API key. Default is E(SCW_SECRET_KEY), then the profile.
    type: str
  organization_id:
    description: Organization. Default is E(SCW_DEFAULT_ORGANIZATION_ID), then the profile.
    type: str
  project_id:
    description:
      - Project that the resource belongs to. Default is E(SCW_DEFAULT_PROJECT_ID), then the profile.
      - Without one, what is kept by project is found by its ID alone, since a name may stand for something else in each project.
    type: str
  api_url:
    description: Base URL of the API. Default is E(SCW_API_URL), then the profile, then C(https://api.scaleway.com).
    type: str
  config_path:
    description: The scw configuration file. Default is E(SCW_CONFIG_PATH), then C(~/.config/scw/config.yaml).
    type: path
  profile:
    description: Profile in the scw configuration file. Default is E(SCW_PROFILE), then the file's active profile.
    type: str
  validate_certs:
    description: Whether the API's certificate must be valid. Only a local Scaleway has a reason to say V(false).
    type: bool
    default: true
  wait_timeout:
    description: How long to wait for a settled state, and to try again what can be tried again, in seconds.
    type: int
    default: 1800
requirements:
  - scaleway >= 2.12
attributes:
  check_mode:
    support: full
    description: Sends no write; predicts what a real run does.
  diff_mode:
    support: full
    description: Shows the options that differ, secrets masked.
"""

REGION = r"""
options:
  region:
    description: Region, such as V(fr-par). Default is E(SCW_DEFAULT_REGION), then the profile, then V(fr-par).
    type: str
"""

ZONE = r"""
options:
  zone:
    description: Zone, such as V(fr-par-1). Default is E(SCW_DEFAULT_ZONE), then the profile, then the region's first.
    type: str
"""

STATE = r"""
options:
  state:
    description: Whether the resource exists.
    type: str
    choices: [present, absent]
    default: present
"""

RECREATE = r"""
options:
  recreate:
    description: Replace the resource when an option that cannot change in place differs. What it holds is lost.
    type: bool
    default: false
"""

STORE = r"""
options:
  store:
    description:
      - Secret in Secret Manager that keeps what the API tells once, as JSON. It is made where there is none.
      - Where the secret does not hold what belongs to this resource (a run died before it was stored, or somebody deleted
        it), that is lost to everybody, and the resource is replaced by a new one.
    type: dict
    suboptions:
      name:
        description: Name of the secret.
        type: str
        required: true
      path:
        description: Folder of the secret.
        type: str
        default: /
  reveal:
    description: Whether what was told is returned in the clear; give the task C(no_log) then.
    type: bool
    default: false
"""

FRAGMENTS = {
    "stackway.scaleway.scaleway": CREDENTIALS,
    "stackway.scaleway.scaleway.region": REGION,
    "stackway.scaleway.scaleway.zone": ZONE,
    "stackway.scaleway.scaleway.state": STATE,
    "stackway.scaleway.scaleway.recreate": RECREATE,
    "stackway.scaleway.scaleway.store": STORE,
}
