# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a module's documentation to its result: on the managed node as an ordinary module, or in the controller's process."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.yaml import HAS_YAML, yaml_load

from . import client as client_module
from .client import Client
from .credentials import Credentials
from .errors import StackwayError
from .options import FRAGMENTS
from .resource import Info, Outcome, Resource, reconcile
from .values import UNKNOWN

_LOOKS_SECRET = re.compile(r"pass(?!ive)|secret|token|cryptkey|key", re.IGNORECASE)
_SPEC_KEYS = ("type", "required", "default", "choices", "elements", "aliases")


@functools.cache
def argument_spec(kind: type[Resource] | type[Info], documentation: str) -> dict:
    """The argument spec that DOCUMENTATION and its fragments describe; the resource's `secrets` are no_log.

    A secret inside a suboption is written with dots, as in "endpoint.password".
    """
    secrets = frozenset(getattr(kind, "secrets", ())) | {"secret_key"}
    document = yaml_load(documentation)
    fragments = document.get("extends_documentation_fragment") or []
    options: dict = {}
    for fragment in [fragments] if isinstance(fragments, str) else fragments:
        if fragment in FRAGMENTS:
            options |= yaml_load(FRAGMENTS[fragment])["options"]
    return _spec(options | (document.get("options") or {}), secrets)


def _spec(options: dict, secrets: frozenset[str], prefix: str = "") -> dict:
    spec = {}
    for name, option in options.items():
        spec[name] = {key: option[key] for key in _SPEC_KEYS if key in option}
        if prefix + name in secrets:
            spec[name]["no_log"] = True
        elif _LOOKS_SECRET.search(name):
            spec[name]["no_log"] = False  # named like a secret, but none
        if "suboptions" in option:
            spec[name]["options"] = _spec(option["suboptions"], secrets, f"{prefix}{name}.")
    return spec


def execute(
    kind: type[Resource] | type[Info],
    params: dict,
    *,
    check_mode: bool,
    progress: Callable[[str], None] | None = None,
) -> dict:
    """Reconcile or look up, and give the task's result. What a user can cause comes back as `failed`, with `msg`."""
    if client_module.IMPORT_ERROR:
        return {"failed": True, "msg": f"{missing_required_lib('scaleway')} {client_module.IMPORT_ERROR}"}
    try:
        client = Client(Credentials.load(params), timeout=params.get("wait_timeout", 600), progress=progress)
        if issubclass(kind, Info):
            return {"changed": False, kind.resource.plural_noun(): kind.look_up(client, params)}
        resource = kind(client, params, check_mode=check_mode)
        outcome = reconcile(resource, params.get("state", "present"), check_mode)
    except StackwayError as error:
        return {"failed": True, "msg": str(error), "error": error.details} | (told(error.done) if error.done else {})
    return told(outcome) | {kind.noun: resource.report(outcome.after)}


def told(outcome: Outcome) -> dict:
    return {"changed": outcome.changed, "action": outcome.action, "diff": outcome.diff}


class _WithoutArguments(AnsibleModule):
    """A module that takes whatever it is given: without YAML there is no argument spec to hold it against."""

    def _load_params(self):
        super()._load_params()
        self.params = {}


def run(kind: type[Resource] | type[Info], documentation: str) -> None:
    """The body of every module's main()."""
    if not HAS_YAML:
        _WithoutArguments(argument_spec={}).fail_json(msg=missing_required_lib("PyYAML"))
    module = AnsibleModule(argument_spec=argument_spec(kind, documentation), supports_check_mode=True)
    module.no_log_values.discard(
        UNKNOWN
    )  # a secret that check mode predicted hides nothing, and is said of other things too
    result = execute(kind, module.params, check_mode=module.check_mode)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
