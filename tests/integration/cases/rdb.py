"""Managed Database: instances are shared by the cases of what is in them."""

from __future__ import annotations

from . import Case

GB = 10**9
PASSWORD = "R34lP4sSw#Rd"
INSTANCE = {"engine": "PostgreSQL-17", "node_type": "DB-DEV-S"}
HOST = {"stackway.scaleway.rdb_instance": INSTANCE | {"name": "case-host"}, "register": "host"}
NO_HOST = {"stackway.scaleway.rdb_instance": {"name": "case-host", "state": "absent"}}
DATABASE = {"stackway.scaleway.rdb_database": {"instance_id": "case-host", "name": "app"}}
USER = {"stackway.scaleway.rdb_user": {"instance_id": "case-host", "name": "app", "password": PASSWORD}}

CASES = [
    Case(
        "rdb_instance",
        setup=[{"stackway.scaleway.vpc_private_network": {"name": "case-rdb", "subnets": ["10.41.0.0/22"]}}],
        create=INSTANCE
        | {
            "name": "case",
            "volume_type": "sbs_5k",
            "volume_size": 10 * GB,
            "user_name": "owner",
            "password": PASSWORD,
            "settings": {"work_mem": 5},
            "backup_schedule": {"frequency": 12, "start_hour": 3},
            "tags": ["a"],
        },
        changes={
            "node_type": "DB-DEV-M",
            "volume_size": 15 * GB,
            "volume_type": "sbs_15k",
            "is_ha_cluster": True,
            "settings": {"max_connections": 60, "jit": False, "work_mem": None},
            "encryption": {"enabled": True},
            "private_network_id": "case-rdb",
            "service_ip": "10.41.0.9/22",
            "load_balancer": False,
            "backup_schedule": {"disabled": True},
            "backup_same_region": True,
            "logs_policy": {"max_age_retention": 10},
            "tags": ["b", "c"],
        },
        cleanup=[{"stackway.scaleway.vpc_private_network": {"name": "case-rdb", "state": "absent"}}],
        refused=[
            (INSTANCE | {"name": "bad", "node_type": "DB-HUGE"}, r"node_type: DB-HUGE is not offered .*db-dev-s"),
            (
                INSTANCE | {"name": "bad", "engine": "PostgreSQL-8"},
                r"engine: PostgreSQL-8 is not offered .*PostgreSQL-17",
            ),
            (INSTANCE | {"name": "bad", "settings": {"no_such": 1}}, r"settings: no_such: no setting of PostgreSQL-17"),
            (
                INSTANCE | {"name": "bad", "user_name": "x", "password": "short"},
                r"password: must be 8 to 128 characters",
            ),
            (INSTANCE | {"name": "bad", "user_name": "x"}, r"password: needed with user_name"),
            (INSTANCE | {"name": "bad", "volume_type": "sbs_5k"}, r"volume_size: needed"),
            (INSTANCE | {"name": "bad", "volume_size": 10 * GB}, r"volume_size: the local storage .*set volume_type"),
            (INSTANCE | {"name": "bad", "service_ip": "10.0.0.1/22"}, r"service_ip: .* private_network_id"),
            (INSTANCE | {"name": "bad", "private_network_id": "gone"}, r"private_network_id: private network 'gone'"),
            (INSTANCE | {"name": "bad", "service_ip": "10.0.0.1"}, r"service_ip: '10.0.0.1' lacks its prefix length"),
            ({"name": "bad", "engine": "PostgreSQL-17"}, r"node_type: needed to create instance bad"),
        ],
    ),
    Case(
        "rdb_database",
        setup=[HOST],
        create={"instance_id": "case-host", "name": "made"},
        key=("instance_id", "name"),
        cleanup=[NO_HOST],
        refused=[({"instance_id": "gone", "name": "made"}, r"instance_id: database instance 'gone' does not exist")],
    ),
    Case(
        "rdb_user",
        setup=[HOST],
        create={"instance_id": "case-host", "name": "made", "password": PASSWORD},
        changes={"is_admin": True},
        key=("instance_id", "name"),
        cleanup=[NO_HOST],
        refused=[
            ({"instance_id": "case-host", "name": "bad"}, r"password: needed to create user"),
            (
                {"instance_id": "case-host", "name": "_rdb_x", "password": PASSWORD},
                r"name: '_rdb_x' must start with a letter",
            ),
            ({"instance_id": "case-host", "name": "bad", "password": "weak"}, r"password: must be 8 to 128 characters"),
        ],
    ),
    Case(
        "rdb_privilege",
        setup=[HOST, DATABASE, USER],
        create={"instance_id": "case-host", "database_name": "app", "user_name": "app", "permission": "readonly"},
        changes={"permission": "all"},
        key=("instance_id", "database_name", "user_name"),
        cleanup=[NO_HOST],
        refused=[
            (
                {"instance_id": "case-host", "database_name": "gone", "user_name": "app", "permission": "all"},
                r"database_name: there is no database 'gone' on this instance \(create it with rdb_database first\)",
            ),
            (
                {"instance_id": "case-host", "database_name": "app", "user_name": "gone", "permission": "all"},
                r"user_name: there is no user 'gone' on this instance \(create it with rdb_user first\)",
            ),
        ],
    ),
    Case(
        "rdb_acl",
        setup=[HOST],
        create={"instance_id": "case-host", "rules": [{"ip": "192.0.2.7", "description": "one"}]},
        changes={"rules": [{"ip": "192.0.2.0/24"}, {"ip": "192.0.2.7"}]},
        key=("instance_id",),
        cleanup=[NO_HOST],
        refused=[
            (
                {"instance_id": "case-host", "rules": [{"ip": "192.0.2.7/33"}]},
                r"rules: '192.0.2.7/33' is not a network",
            ),
            ({"instance_id": "case-host"}, r"rules: needed"),
        ],
    ),
    Case(
        "rdb_acl",
        label="nobody",
        setup=[HOST],
        create={"instance_id": "case-host", "rules": []},
        changes={"rules": [{"ip": "2001:db8::/32", "description": "somebody"}]},
        key=("instance_id",),
        cleanup=[NO_HOST],
    ),
    Case(
        "rdb_backup",
        setup=[HOST],
        create={"instance_id": "case-host", "database_name": "rdb", "name": "case"},
        changes={"expires_at": "2040-01-01T00:00:00Z"},
        key=("instance_id", "name"),
        cleanup=[NO_HOST],
        refused=[
            ({"instance_id": "case-host", "name": "bad"}, r"database_name: needed to create"),
            ({"instance_id": "case-host", "name": "bad", "state": "restored"}, r"name: .* cannot be restored"),
            ({"instance_id": "case-host", "name": "bad", "expires_at": "soon"}, r"expires_at: 'soon' is not a time"),
        ],
    ),
    Case(
        "rdb_read_replica",
        setup=[HOST, {"stackway.scaleway.vpc_private_network": {"name": "case-replica", "subnets": ["10.42.0.0/22"]}}],
        create={"instance_id": "case-host", "direct_access": True},
        key=("instance_id",),
        changes={"private_network_id": "case-replica", "service_ip": "10.42.0.9/22", "direct_access": False},
        cleanup=[NO_HOST, {"stackway.scaleway.vpc_private_network": {"name": "case-replica", "state": "absent"}}],
        refused=[
            ({"instance_id": "gone", "direct_access": True}, r"instance_id: database instance 'gone' does not exist"),
            ({"instance_id": "case-host"}, r"direct_access, private_network_id: nobody could reach"),
            ({"instance_id": "case-host", "number": 0, "direct_access": True}, r"number: 0 is less than 1"),
            (
                {"instance_id": "case-host", "number": 3, "direct_access": True},
                r"number: the instance has 0 read replicas",
            ),
            (
                {"instance_id": "case-host", "service_ip": "10.42.0.9/22"},
                r"service_ip: is an address in private_network_id",
            ),
        ],
    ),
]
