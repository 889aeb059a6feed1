"""Network cards, whose other end may go at any moment."""

from __future__ import annotations

import pytest

from sandbox.machines import wires
from sandbox.machines.engine import EngineError


@pytest.mark.parametrize("stays", [False, True])
def test_a_link_may_go_by_itself(monkeypatch, stays):
    links = {"sv1"}

    def refuse(*command):
        if not stays:
            links.clear()
        raise EngineError("no")

    monkeypatch.setattr(wires, "_links", lambda: set(links))
    monkeypatch.setattr(wires, "privileged", refuse)
    if stays:
        with pytest.raises(EngineError):
            wires._delete("sv1")
    else:
        wires._delete("sv1")
        wires._delete("sv1")
