# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of Cockpit share."""

from __future__ import annotations

import re

REGIONAL = "cockpit.v1.CockpitV1RegionalAPI"
GLOBAL = "cockpit.v1.CockpitV1GlobalAPI"

_LOGIN = re.compile(r"[A-Za-z0-9_-]{2,24}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

RULES = {
    "APIServerHighCPUUsage": "d3974dcd-0f02-47cf-a266-67223e579390",
    "APIServerHighMemoryUsage": "09396fbe-bddc-47a3-8072-c4246bef03c1",
    "CockpitIngestionDecrease": "8dba8eed-25eb-4860-ab33-7cb5ca662036",
    "CockpitIngestionIncrease": "669f781a-adab-4e3c-984e-fb149f8b67a3",
    "DataWarehouseHighCPUUsage": "dc9b67ae-baa6-4a37-907d-2a6c31304561",
    "HighCpuUsage": "f5e3c109-91b3-4586-b580-9f86529c1df8",
    "HighMemoryUsage": "3c5b3a41-69de-43ed-9217-e3002d687c53",
    "InstanceHighCPUUsage": "1c16c699-e00e-4be8-b05d-d8cd2797f2a7",
    "LBBackendDown": "d1b1b4a0-7215-494b-9d81-796e52c7ed0e",
    "LBBackendServerDown": "feb64cef-c855-4230-a74e-813515fdb357",
    "LBHighBandwidthLoad": "835bd0fc-57ea-43cf-ba2f-2b637e85eedb",
    "LBHighCPULoad": "769bd543-6030-4540-bd2d-5e2d0604e767",
    "LBHighConnectionLoad": "fcf06e62-22ee-4e86-9b16-3cc9708e1b07",
    "LBHighMemoryLoad": "89d456d0-8614-40a2-b0a6-682ea25e98b6",
    "MySQLHighCPULoad": "76f01e05-79d1-4509-93f2-67eb84586070",
    "MySQLHighStorageUsage": "f8834c3d-4d3d-49a2-9164-0236d4c93590",
    "MySQLTooManyConnections": "eb8a941e-698d-47d6-b62d-4b6c13f7b4b7",
    "NodesNotReady": "ac63ebdc-eaba-4aeb-a771-4d028363a75b",
    "PostgreSQLHighCPULoad": "615245e6-3882-4d99-8798-d17ca1c95645",
    "PostgreSQLHighStorageUsage": "c8991f90-facb-436c-b4ab-6aa13822a451",
    "PostgresqlTooManyConnections": "6c6843af-1815-46df-9e52-6feafcf31fd7",
    "ServerlessSQLDatabaseHighCPUUsage": "e930945c-8b42-48fe-94db-12abc81d27f4",
}
"""Alerts that Scaleway has configured -> the IDs of their rules, the same in every project. The API lists those of a project
only once one of them was switched."""


def login(value: str) -> str | None:
    if not _LOGIN.fullmatch(value):
        return f"{value!r} must have 2 to 24 letters, digits, _ and -"
    return "admin is the name of Grafana's own user" if value == "admin" else None


def email(value: str) -> str | None:
    return None if _EMAIL.fullmatch(value) else f"{value!r} is not an email address"


def days(value: int) -> str | None:
    return None if 1 <= value <= 1825 else f"{value} is not between 1 and 1825 days"
