"""cella's three environments at once, each in a project of its own: `make scenarios`. tests/integration/test_cella.py has one of them."""

from __future__ import annotations

import pytest

from ..integration.conftest import _sandbox
from ..integration.system import System

ENVIRONMENTS = ["dev", "staging", "prod"]


class ThreeCellas(System):
    name = "cella"


@pytest.fixture(scope="module")
def cella(slot):
    for sandbox in _sandbox(f"stackway-cellas-{slot}", 8250 + slot, f"10.{230 + slot}.0.0/16"):
        system = ThreeCellas(sandbox)
        system.succeed("site.yml", "playbooks/verify.yml")
        yield system


def test_a_second_run_changes_nothing(cella):
    assert not any(counts["changed"] for counts in cella.succeed("site.yml").recap().values())


def test_each_is_in_a_project_of_its_own_and_all_run_the_same_image(cella):
    images, projects = set(), set()
    for environment in ENVIRONMENTS:
        (project,) = cella.sandbox.task("account_project_info", {"name": f"cella-{environment}"})["projects"]
        found = cella.sandbox.task("container_info", {"project_id": project["id"]})["containers"]
        assert sorted(container["name"] for container in found) == ["api", "cdc"]
        images |= {container["image"].partition("@")[2] for container in found}
        projects.add(project["id"])
    assert len(projects) == 3
    assert len(images) == 1 and images.pop().startswith("sha256:")
