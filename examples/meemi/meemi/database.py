"""PostgreSQL: the pool, and migrations."""

from pathlib import Path

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

MIGRATIONS = Path(__file__).parent.parent / "migrations"
LOCK = 0x6D65656D69  # "meemi": one migration at a time, however many replicas start


def pool(settings):
    return ConnectionPool(
        settings.database_url,
        min_size=1,
        max_size=settings.db_pool_size,
        timeout=5,
        check=ConnectionPool.check_connection,
        # A pooler that hands every transaction to another server knows of no prepared statements.
        kwargs={"row_factory": dict_row, "connect_timeout": 5, "prepare_threshold": None},
        open=False,
    )


def migrate(settings):
    """Apply what is missing, in the order of the file names, all of it or nothing.

    Migrations only add: the version before keeps working beside the new one.
    """
    with psycopg.connect(settings.database_url, connect_timeout=10, prepare_threshold=None) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {name for (name,) in connection.execute("SELECT name FROM migrations")}
        for file in sorted(MIGRATIONS.glob("*.sql")):
            if file.name not in applied:
                connection.execute(file.read_text())
                connection.execute("INSERT INTO migrations (name) VALUES (%s)", (file.name,))
                print(f"migrated: {file.name}")
