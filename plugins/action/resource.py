# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every module of this collection in the controller's process: a function call instead of a Python start per task."""

from __future__ import annotations

import contextlib
import importlib
from types import ModuleType

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.resource import Info, Resource
from ..module_utils.run import argument_spec, execute
from ..module_utils.values import UNKNOWN

display = Display()


def declared_in(module: ModuleType) -> type[Resource] | type[Info]:
    """What a module's main() runs: the resource or look-up that it declares, else the one that it imports."""
    base = Info if module.__name__.endswith("_info") else Resource
    kinds = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value is not base
    ]
    (kind,) = [kind for kind in kinds if kind.__module__ == module.__name__] or kinds
    return kind


def imported(name: str) -> ModuleType:
    """A module of this collection by its full name."""
    return importlib.import_module(f"{__package__.rpartition('.')[0]}.modules.{name.rpartition('.')[2]}")


def preload(name: str) -> None:
    """Import a module of this collection and its part of the SDK, in the process that Ansible forks for each task.

    What a worker imports is lost with it.
    """
    with contextlib.suppress(ImportError):  # told by the task
        kind = declared_in(imported(name))
        resource = kind.resource if issubclass(kind, Info) else kind
        if hasattr(resource, "api"):  # what speaks S3 has none
            importlib.import_module(f"scaleway.{resource.api.rpartition('.')[0]}")


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        name = self._task.resolved_action or self._task.action
        if not self._in_process(task_vars or {}):
            return result | self._execute_module(
                module_name=name, task_vars=task_vars, wrap_async=self._task.async_val > 0
            )
        return result | self._reconcile(name)

    def _in_process(self, task_vars: dict) -> bool:
        """Whether the task would run on this machine, as this user, in this environment, and be waited for."""
        return (
            self._connection.transport == "local"
            and not self._play_context.become
            and not self._task.async_val
            and not any(self._task.environment or [])
            and not task_vars.get("stackway_ordinary_modules", False)
        )

    def _reconcile(self, name: str) -> dict:
        module = imported(name)
        kind = declared_in(module)
        spec = argument_spec(kind, module.DOCUMENTATION)
        arguments = ModuleArgumentSpecValidator(spec).validate(self._task.args)
        hidden = arguments._no_log_values - {UNKNOWN}  # what AnsibleModule would keep out of its result
        invocation = {"invocation": {"module_args": arguments.validated_parameters}}
        if arguments.error_messages:
            message = arguments.errors.msg
            if isinstance(arguments.errors[0], UnsupportedError):
                message = f"Unsupported parameters for ({name}) module: {message}"
            return remove_values({"failed": True, "msg": message} | invocation, hidden)
        outcome = execute(
            kind,
            arguments.validated_parameters,
            check_mode=self._task.check_mode,
            progress=lambda message: display.display(f"  {remove_values(message, hidden)}"),
        )
        return remove_values(outcome | invocation, hidden)
