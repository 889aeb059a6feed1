# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends a run with what its systems cost in a month."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cost
type: aggregate
short_description: Ends a run with what its systems cost in a month
version_added: 0.1.0
author: The stackway maintainers (@stackway)
description:
  - Prices what a check run foresees, and what it finds running, and shows them side by side. The playbook C(cost) does.
  - A play gives the variable C(cost_path), the file for the same as JSON, and looks up the prices with
    M(stackway.scaleway.product_catalog_info).
notes:
  - A playbook says what a host is the control host of with M(ansible.builtin.set_stats), in C(stackway_cost), a dictionary of
    C(system), C(environment), and optionally C(usage), C(free), C(prices) and C(container_hours).
requirements:
  - enable in C(callbacks_enabled) of C(ansible.cfg)
"""

import functools
import importlib
import json
from datetime import UTC, datetime
from pathlib import Path

from ansible import constants, context
from ansible.plugins.callback import CallbackBase

from ..action.resource import declared_in
from ..module_utils.resource import Resource
from ..module_utils.values import UNKNOWN
from ..plugin_utils.changes import items, name
from ..plugin_utils.costs import HOURS, MODULES, ROOT_VOLUME_GB, Line, as_options, estimate

CATALOG = "product_catalog_info"
COLORS = {"+": constants.COLOR_OK, "~": constants.COLOR_CHANGED, "-": constants.COLOR_ERROR, " ": None}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "stackway.scaleway.cost"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, display=None):
        super().__init__(display)
        self.path: Path | None = None
        self.systems: dict[str, dict] = {}  # control host -> what stackway_cost says
        self.products: dict[str, dict[str, dict]] = {}  # control host -> products by sku
        self.declared: dict[str, dict[tuple[str, str], dict]] = {}  # control host -> options by module and name
        self.running: dict[str, dict[tuple[str, str], dict]] = {}

    # What happens ------------------------------------------------------------------

    def v2_playbook_on_play_start(self, play):
        given = play.get_variable_manager().extra_vars
        if path := given.get("cost_path") or play.get_vars().get("cost_path"):
            self.path = Path(path).expanduser()

    def v2_runner_on_ok(self, result):
        if not self.path:
            return
        host = result.host.get_name()
        if system := result.result.get("ansible_stats", {}).get("data", {}).get("stackway_cost"):
            self.systems[host] = system
        module = result.task.action.rpartition(".")[2]
        for answer in items(result.result):
            if module == CATALOG:
                found = {product["sku"]: product for product in answer.get("products", [])}
                self.products.setdefault(host, {}).update(found)
            elif module in MODULES:
                self._foreseen(host, module, answer)
            elif module.removesuffix("_info") in MODULES:
                self._found(host, module.removesuffix("_info"), answer)
            if isinstance(store := (answer.get("invocation") or {}).get("module_args", {}).get("store"), dict):
                self._stored(host, store, answer)

    def _foreseen(self, host: str, module: str, answer: dict):
        """A resource as its first task wants it, with all its options; `diff` tells what was otherwise before."""
        options = (answer.get("invocation") or {}).get("module_args") or {}
        wanted = {option: value for option, value in options.items() if value is not None}
        record = answer.get(_declaration(module).noun)
        # A replica has no name, and secrets have one in each folder.
        key = (module, _place(wanted) if module == "secret" else str(wanted.get("number") or name(answer)))
        if record is None or key in self.declared.setdefault(host, {}):
            return
        record = as_options(module, record, wanted)
        self.declared[host][key] = record | wanted
        if answer.get("action") != "created" and record.get("id") != UNKNOWN:
            self.running.setdefault(host, {})[key] = record | (answer.get("diff") or {}).get("before", {})

    def _stored(self, host: str, secret: dict, answer: dict):
        """What a task keeps in Secret Manager is a secret as well."""
        key = ("secret", _place(secret))
        self.declared.setdefault(host, {})[key] = secret
        if answer.get("action") != "created":
            self.running.setdefault(host, {})[key] = secret

    def _found(self, host: str, module: str, answer: dict):
        """Resources that are there, whoever declared them."""
        for record in answer.get(_declaration(module).plural_noun(), []):
            called = (
                _place(record) if module == "secret" else record.get("name") or record.get("number") or record.get("id")
            )
            key = (module, str(called))
            self.running.setdefault(host, {}).setdefault(key, as_options(module, record, {}))

    # What is told ------------------------------------------------------------------

    def v2_playbook_on_stats(self, stats):
        if not self.path or not self.systems:
            return
        failed = bool(stats.failures or stats.dark)
        told = [self._system(host) for host in self.systems]
        self._display.banner("COST")
        for system in told:
            self._show(system)
        if failed:
            self._display.display("incomplete: the run failed", color=constants.COLOR_ERROR)
        report = {
            "estimated_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "inventory": list(context.CLIARGS.get("inventory") or []),
            "complete": not failed,
            "currency": "EUR",
            "systems": told,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(report, indent=2) + "\n")
        self._display.display(f"Written to {self.path}")

    def _system(self, host: str) -> dict:
        given = self.systems[host]
        assumed = {part: given.get(part) or {} for part in ("usage", "free", "prices", "container_hours")}
        lines = estimate(
            self.declared.get(host, {}),
            self.running.get(host, {}),
            self.products.get(host, {}).values(),
            **assumed,
        )
        priced = [line for line in lines if line.month is not None and line.delta is not None]
        total = sum(line.month for line in priced)
        delta = sum(line.delta for line in priced)
        return {
            "system": given["system"],
            "environment": given["environment"],
            "lines": [_told(line) for line in lines],
            "total": round(total, 2),
            "running": round(total - delta, 2),
            "delta": round(delta, 2) + 0.0,  # no minus before a zero
            "unpriced": sorted({line.what for line in lines if line not in priced}),
            "assumptions": assumed | {"hours": HOURS, "root_volume_gb": ROOT_VOLUME_GB},
        }

    def _show(self, system: dict):
        show = self._display.display
        show(
            f"{system['system']}, {system['environment']}: EUR a month of {HOURS} hours, before tax",
            color=constants.COLOR_HIGHLIGHT,
        )
        heads = ("resource", "paid for", "quantity", "unit", "unit price", "a month", "delta")
        rows = [(" ", heads)] + [(line["sign"], _cells(line)) for line in system["lines"]]
        sums = ("total", "", "", "", "", _money(system["total"]), _money(system["delta"], signed=True))
        rows.append((" ", sums))
        widths = [max(len(cells[column]) for _sign, cells in rows) for column in range(len(heads))]
        for sign, cells in rows:
            texts = [
                cell.rjust(width) if column in RIGHT else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
            ]
            show(f"  {sign} {'  '.join(texts)}".rstrip(), color=COLORS[sign])
        if system["unpriced"]:
            show(f"  No price known, and not in the total: {', '.join(system['unpriced'])}", color=constants.COLOR_WARN)
        for part, meaning in ASSUMED.items():
            if given := system["assumptions"][part]:
                show(f"  {meaning}: {', '.join(f'{what} {amount:,}' for what, amount in given.items())}")


RIGHT = (2, 4, 5, 6)  # columns of numbers
ASSUMED = {
    "usage": "Assumed use",
    "container_hours": "Assumed hours of containers besides those that always run",
    "free": "Free in a month",
    "prices": "Prices given for what the catalogue has not",
}


@functools.cache
def _declaration(module: str) -> type[Resource]:
    return declared_in(importlib.import_module(f"{__package__.rpartition('.')[0]}.modules.{module}"))


def _told(line: Line) -> dict:
    sign = " " if line.quantity == line.running else "-" if not line.quantity else "~" if line.running else "+"
    numbers = {"month": line.month, "delta": line.delta}
    return {
        "sign": sign,
        "resource": line.resource,
        "paid_for": line.what,
        "unit": line.unit,
        "quantity": line.quantity,
        "running": line.running,
        "free": line.free,
        "unit_price": line.unit_price,
        "price_from": line.source,
    } | {key: value if value is None else round(value, 2) for key, value in numbers.items()}


def _place(secret: dict) -> str:
    """Where a secret is: secrets have their names in folders."""
    return f"{(secret.get('path') or '').strip('/')}/{secret.get('name')}"


def _cells(line: dict) -> tuple[str, ...]:
    quantity = f"{line['quantity']:,.10g}" + (f" ({line['free']:,.10g} free)" if line["free"] else "")
    price = "?" if line["unit_price"] is None else f"{line['unit_price']:.5g}"
    month = "?" if line["month"] is None else _money(line["month"])
    delta = "?" if line["delta"] is None else _money(line["delta"], signed=True) if line["delta"] else ""
    return line["resource"], line["paid_for"], quantity, line["unit"], price, month, delta


def _money(amount: float, signed: bool = False) -> str:
    return f"{amount:+.2f}" if signed else f"{amount:.2f}"
