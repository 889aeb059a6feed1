# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lookup of this collection talks to Scaleway with."""

from __future__ import annotations

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ..module_utils import client as client_module
from ..module_utils.client import Client
from ..module_utils.credentials import Credentials
from ..module_utils.errors import StackwayError


def credentials(lookup: LookupBase, variables: dict | None, given: dict) -> Credentials:
    """Set the lookup's options, those `given` before those of the variable `scaleway_credentials`, and follow them."""
    kept = lookup._templar.template((variables or {}).get("scaleway_credentials", {}))
    lookup.set_options(var_options=variables, direct=kept | given)
    try:
        return Credentials.load(lookup.get_options())
    except StackwayError as error:
        raise AnsibleLookupError(str(error)) from error


def client(lookup: LookupBase, variables: dict | None, given: dict) -> Client:
    """The same, and the SDK with these credentials."""
    if client_module.IMPORT_ERROR:
        raise AnsibleLookupError(f"the Python library scaleway is needed: {client_module.IMPORT_ERROR}")
    found = credentials(lookup, variables, given)
    return Client(found, timeout=lookup.get_option("wait_timeout"), progress=Display().display)
