"""The life of one resource: create, again, each change alone, again, absent, again; predicted by check mode, then done."""

from __future__ import annotations

import importlib
import pkgutil
import re

from . import cases as cases_package
from .cases import Case
from .conftest import Sandbox

CASES: list[Case] = [
    case
    for module in pkgutil.iter_modules(cases_package.__path__)
    for case in importlib.import_module(f"{cases_package.__name__}.{module.name}").CASES
]
WITHOUT_SETUP = "remove again where all that it needed is gone, too"


def steps(case: Case, thorough: bool = True):
    """[(what, options, whether it changes)] for a whole life; unless `thorough`, with the first change alone."""
    options = case.create
    yield "create", options, True
    yield "create again", options, False
    for field, value in list(case.changes.items())[: None if thorough else 1]:
        options = options | {field: value}
        yield f"change {field}", options, True
        if thorough:
            yield f"change {field} again", options, False
    yield "remove", case.gone(), True
    if thorough:
        yield "remove again", case.gone(), False


def live(sandbox: Sandbox, case: Case, *, ordinary: bool = False):
    """Run the whole life in one play, and hold it against the promise.

    `ordinary`: as an ordinary module. Each of its tasks starts a Python, so there are fewer: none that repeats or only predicts, the
    first change and the first refusal; and what the case needs around it comes in the controller's process as ever.
    """
    thorough = not ordinary
    life = list(steps(case, thorough))
    refused = case.refused if thorough else case.refused[:1]
    module = f"stackway.scaleway.{case.module}"
    how = {"vars": {"stackway_ordinary_modules": ordinary}}
    tasks = [{"name": f"setup {number}"} | task for number, task in enumerate(case.setup)]
    for what, options, _changes in life:
        if thorough:
            tasks.append({"name": f"predict {what}", module: options, "check_mode": True, "diff": True})
        tasks.append({"name": what, module: options, "diff": True} | how)
    tasks += [{"name": f"refuse {number}", module: options} | how for number, (options, _pattern) in enumerate(refused)]
    tasks += [{"name": f"cleanup {number}"} | task for number, task in enumerate(case.cleanup)]
    if thorough and not case.gone().keys() & {"project_id", "credentials"}:  # of those that are gone, the API says 403
        tasks.append({"name": WITHOUT_SETUP, module: case.gone(), "diff": True} | how)
        life.append((WITHOUT_SETUP, case.gone(), False))
    results = sandbox.play(tasks)

    for name, result in results.items():
        if not name.startswith("refuse"):
            assert not result.get("failed"), f"{name}: {result.get('msg')}"
    for what, _options, changes in life:
        done = results[what]
        assert done["changed"] is changes, f"{what}: changed is {done['changed']}, diff {done['diff']}"
        if not thorough or what == WITHOUT_SETUP:
            continue
        predicted = results[f"predict {what}"]
        assert predicted["changed"] is changes, f"{what}: check mode predicted {predicted['changed']}"
        assert predicted["diff"] == done["diff"], f"{what}: check mode showed another diff"
    for number, (options, pattern) in enumerate(refused):
        result = results[f"refuse {number}"]
        assert result.get("failed"), f"{options} was not refused"
        assert re.search(pattern, result["msg"]), f"{options}: {result['msg']!r} does not say {pattern!r}"
