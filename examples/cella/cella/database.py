"""PostgreSQL: the pool of the API, and migrations."""

from pathlib import Path

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

MIGRATIONS = Path(__file__).parent.parent / "migrations"
LOCK = 0x63656C6C61  # "cella": one migration at a time, however many replicas start


def pool(url, size):
    return AsyncConnectionPool(
        url,
        min_size=1,
        max_size=size,
        timeout=5,
        check=AsyncConnectionPool.check_connection,
        # A pooler that hands every transaction to another server knows of no prepared statements.
        kwargs={"row_factory": dict_row, "connect_timeout": 5, "prepare_threshold": None},
        open=False,
    )


def migrate(url, only_look=False):
    """Apply what is missing, in the order of the file names, all of it or nothing. Returns the names.

    Migrations only add: the version before keeps working beside the new one.
    """
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {name for (name,) in connection.execute("SELECT name FROM migrations")}
        missing = [file for file in sorted(MIGRATIONS.glob("*.sql")) if file.name not in applied]
        for file in [] if only_look else missing:
            connection.execute(file.read_text())
            connection.execute("INSERT INTO migrations (name) VALUES (%s)", (file.name,))
            print(f"migrated: {file.name}")
    return [file.name for file in missing]
