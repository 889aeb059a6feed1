"""Containers, as several threads of a sandbox handle them at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.machines.engine import Engine, exclusively
from sandbox.settings import Settings


@pytest.fixture
def engine(tmp_path):
    engine = Engine(Settings(name="tests-engine", home=tmp_path, subnet="10.96.0.0/16"))
    with exclusively(engine.name):  # another run of the tests waits
        engine.remove_all()
        yield engine
        engine.remove_all()


def test_what_several_remove_at_a_time_is_gone_for_each(engine):
    engine.run("victim", "debian", command=["sleep", "infinity"], network_mode="none")

    def remove(_):
        engine.remove("victim")
        return engine.container("victim")

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(remove, range(8))) == [None] * 8
