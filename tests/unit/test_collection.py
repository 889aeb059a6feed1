"""What must stay in step across the collection."""

from __future__ import annotations

from tests.routing import ROOT, runtime


def test_every_module_is_routed_through_the_action_plugin():
    assert (ROOT / "meta/runtime.yml").read_text() == runtime(), "run `make routing`"
