"""PostgreSQL: the pool, and migrations."""

from pathlib import Path

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from . import log

MIGRATIONS = Path(__file__).parent.parent / "migrations"
LOCK = 0x6369656C  # "ciel": one migration at a time, however many hosts deploy


async def _connected(connection):
    log.info("connected to the database", version=connection.info.server_version)


def pool(settings):
    """A pool that opens connections as they are needed, up to DB_POOL_SIZE, and checks each before use."""
    return AsyncConnectionPool(
        settings.database_url,
        min_size=1,
        max_size=settings.db_pool_size,
        timeout=5,
        configure=_connected,
        check=AsyncConnectionPool.check_connection,
        kwargs={"row_factory": dict_row, "connect_timeout": 5},
        open=False,
    )


async def fetch(connection, query, *values):
    """The first row as a dict, or None."""
    return await (await connection.execute(query, values)).fetchone()


def migrate(settings):
    """Apply what is missing, in the order of the file names, all of it or nothing.

    Migrations only add (tables, columns with defaults, indexes): the version before keeps working beside the new one.
    """
    with psycopg.connect(settings.database_url, connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {name for (name,) in connection.execute("SELECT name FROM migrations")}
        for file in sorted(MIGRATIONS.glob("*.sql")):
            if file.name not in applied:
                connection.execute(file.read_text())
                connection.execute("INSERT INTO migrations (name) VALUES (%s)", (file.name,))
                log.info("migrated", name=file.name)
