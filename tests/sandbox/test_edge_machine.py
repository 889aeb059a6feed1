"""The edge alone, on a machine that has a lot to do."""

from __future__ import annotations

import functools

import pytest

from sandbox.machines.edge import Edge, Site
from sandbox.machines.engine import exclusively
from sandbox.settings import Settings

SITE = Site(
    id="media",
    default_name="media.svc.edge.scw.cloud",
    names=(),
    certificate=None,
    origin="http://192.0.2.1",
    cache_seconds=60,
    include_cookies=True,
    waf_mode="disable",
    paranoia_level=1,
)


@pytest.fixture
def edge(tmp_path):
    settings = Settings(name="tests-edge", home=tmp_path, subnet="10.95.0.0/16")
    edge = Edge(settings)
    with exclusively(settings.name):  # another run of the tests waits
        edge.engine.remove_all()
        yield edge
        edge.engine.remove_all()


def test_a_server_that_starts_slowly_gets_its_first_site_and_the_next(edge):
    slowly = ["sh", "-c", "sleep 2; exec nginx -c /etc/edge/nginx.conf -g 'daemon off;'"]
    edge.engine.run = functools.partial(edge.engine.run, command=slowly)
    assert edge.deploy(SITE) == edge.deploy(SITE)
    edge.engine.container("edge").stop(timeout=5)
    assert edge.deploy(SITE).expires is None
