"""Every scaling scenario of ciel, there and back, and all of them in a row: `make scenarios`.

It is no part of `make test`, in which tests/integration/test_ciel.py makes the moves that prove distinct things.
"""

from __future__ import annotations

import pytest

from ..integration.ciel import Ciel
from ..integration.conftest import _sandbox

SCENARIOS = [str(number) for number in range(1, 9)]


@pytest.fixture(scope="module")
def ciel(slot):
    """dev, in an account of its own."""
    for sandbox in _sandbox(f"stackway-scenarios-{slot}", 8210 + slot, f"10.{210 + slot}.0.0/16"):
        system = Ciel(sandbox)
        system.move()
        yield system


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_there_and_back(ciel, scenario):
    assert ciel.leftovers(ciel.move(scenario)) == []
    ciel.rest(scenario)
    assert ciel.leftovers(ciel.move()) == []
    ciel.rest()


def test_all_in_a_row(ciel):
    for scenario in SCENARIOS:
        assert ciel.leftovers(ciel.move(scenario)) == []
        ciel.rest(scenario)
    assert ciel.leftovers(ciel.move()) == []
    ciel.rest()
