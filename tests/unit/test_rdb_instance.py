"""Managed Database instances at times that no test can wait for."""

from __future__ import annotations

import pytest
from ansible_collections.stackway.scaleway.plugins.module_utils.resources.rdb_instance import Instance


@pytest.mark.parametrize(
    ("frequency", "next_run_at", "same"),
    [
        (24, "2026-11-28T03:00:00.000000Z", True),
        (24, "2026-11-28T15:00:00.000000Z", False),
        (12, "2026-11-28T15:00:00.000000Z", True),
        (12, "2026-11-28T16:00:00.000000Z", False),
        (36, "2026-11-28T15:00:00.000000Z", True),
        (5, "2026-11-28T16:00:00.000000Z", True),
        (24, None, True),
    ],
)
def test_the_start_hour_of_backups_holds_at_every_run_of_the_day(client, frequency, next_run_at, same):
    schedule = {"frequency": frequency, "retention": 7, "disabled": next_run_at is None, "next_run_at": next_run_at}
    declared = schedule | {"start_hour": 3}
    del declared["next_run_at"]
    instance = Instance(client, {"name": "shop", "backup_schedule": declared})
    answer = {"endpoints": [], "settings": [], "volume": {"type": "sbs_5k", "size": 10}, "backup_schedule": schedule}
    assert instance.differs("backup_schedule", instance.read(answer)) != same
