"""What the role app_compose refuses, told from its variables alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLE = Path(__file__).parents[2] / "roles/app_compose"
API = {"name": "api", "port": 8000, "host_port": 8301}


def value(name: str, **variables):
    loader = DataLoader()
    for file in "vars/main.yml", "defaults/main.yml":
        variables = loader.load_from_file(str(ROLE / file), trusted_as_template=True) | variables
    return Templar(loader, variables).template(trust_as_template(f"{{{{ {name} }}}}"))


@pytest.mark.parametrize(
    ("services", "fault"),
    [
        ([API, {"name": "admin", "port": 8000, "host_port": 8302}], "host_port: api and admin both need port 8302"),
        (
            [API | {"replicas": "3"}, {"name": "admin", "port": 80, "host_port": "8303"}],
            "api and admin both need port 8303",
        ),
        ([API | {"port": None}], "api: host_port needs port"),
    ],
)
def test_what_would_fail_late_is_refused(services, fault):
    (found,) = value("_app_compose_faults", app_compose_services=services)
    assert fault in found


def test_nothing_is_kept_by_no_release():
    (fault,) = value("_app_compose_faults", app_compose_services=[], app_compose_keep="0")
    assert "app_compose_keep" in fault


def test_what_works_is_not_refused():
    services = [API | {"replicas": 2}, {"name": "admin", "port": 80, "host_port": 8303}, {"name": "worker"}]
    assert value("_app_compose_faults", app_compose_services=services, app_compose_keep="3") == []


@pytest.mark.parametrize(("keep", "kept"), [(2, [3, 2]), ("2", [3, 2]), (0, [3])])
def test_the_release_that_runs_is_kept(keep, kept):
    assert value("_app_compose_kept", app_compose_keep=keep, _app_compose_history_after=[3, 2, 1]) == kept


def test_numbers_may_be_texts():
    services = [API | {"replicas": "2"}, {"name": "admin", "port": 80, "host_port": 8303, "replicas": "1"}]
    assert value("_app_compose_slots", app_compose_services=services) == ["api-1", "api-2", "admin-spare", "admin-1"]
