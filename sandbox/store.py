"""What the sandbox knows: JSON records in one SQLite file, which survives a restart.

A record is found by kind (`rdb.instance`) and id, and lives in a scope: its locality, then the ids of its parents
(`fr-par`, `fr-par/<instance id>`, or nothing for what is global). Ids need to be unique in their scope only.
"""

import json
import sqlite3
import threading
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

from .errors import ApiError

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    sequence INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, scope, id)
);
CREATE INDEX IF NOT EXISTS by_id ON records (kind, id);
CREATE INDEX IF NOT EXISTS by_scope ON records (scope);
"""
PROJECT = (
    "coalesce(json_extract(body, '$.project_id'), json_extract(body, '$.project'), json_extract(body, '$._project_id'))"
)
LOCK_SECONDS = 10


class Store:
    """All methods may be called from any thread. Records are returned as copies: change one with `change`."""

    def __init__(self, path: Path):
        path.touch(mode=0o600)  # it holds secrets; SQLite's own files beside it get the same mode
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + SCHEMA)
        self._access = threading.RLock()
        self._locks: defaultdict[tuple, threading.RLock] = defaultdict(threading.RLock)

    def close(self):
        with self._access:
            self._db.close()

    @contextmanager
    def lock(self, *key):
        """Hold a record (`kind, id`) or a kind while deciding what to write. Slow work belongs outside."""
        with self._access:
            lock = self._locks[key]
        if not lock.acquire(timeout=LOCK_SECONDS):
            raise ApiError(409, "Tuple concurrently updated")
        try:
            yield
        finally:
            lock.release()

    def get(self, kind: str, id: str, scope: str | None = None) -> dict | None:
        where, values = "kind = ? AND id = ?", [kind, id]
        if scope is not None:
            where, values = f"{where} AND scope = ?", [*values, scope]
        found = self._records(where, values)
        return found[0] if found else None

    def all(self, kind: str, scope: str | None = None) -> list[dict]:
        """In the order of their creation."""
        if scope is None:
            return self._records("kind = ?", [kind])
        return self._records("kind = ? AND scope = ?", [kind, scope])

    def find(self, kind: str, **fields) -> list[dict]:
        """Those whose top-level fields have exactly these values."""
        where = ["kind = ?", *(f"json_extract(body, '$.{field}') = ?" for field in fields)]
        return self._records(" AND ".join(where), [kind, *fields.values()])

    def of_project(self, project_id: str) -> list[dict]:
        """What belongs to a project, of any kind."""
        return self._records(f"{PROJECT} = ?", [project_id])

    def delete_of_project(self, project_id: str):
        self._write(f"DELETE FROM records WHERE {PROJECT} = ?", [project_id])

    def put(self, kind: str, scope: str, id: str, record: dict):
        """Write a record, keeping its place in the order if it exists."""
        self._write(
            "INSERT INTO records (kind, scope, id, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, scope, id) DO UPDATE SET body = excluded.body",
            [kind, scope, id, json.dumps(record, allow_nan=False)],
        )

    def change(self, kind: str, id: str, scope: str | None = None, **fields) -> dict | None:
        """Write these fields of a record and no other; None if the record is gone."""
        with self._access:
            record = self.get(kind, id, scope)
            if record is None:
                return None
            record |= fields
            self.put(kind, record["_scope"], id, record)
            return record

    def delete(self, kind: str, id: str, scope: str):
        """Delete a record with everything that lives in it."""
        inside = f"{scope}/{id}".lstrip("/")
        self._write("DELETE FROM records WHERE kind = ? AND scope = ? AND id = ?", [kind, scope, id])
        self._write(
            "DELETE FROM records WHERE scope = ? OR substr(scope, 1, ?) = ?", [inside, len(inside) + 1, inside + "/"]
        )

    def count(self, kind: str) -> int:
        with self._access:
            return self._db.execute("SELECT count(*) FROM records WHERE kind = ?", [kind]).fetchone()[0]

    def _records(self, where: str, values: list) -> list[dict]:
        with self._access:
            rows = self._db.execute(f"SELECT body FROM records WHERE {where} ORDER BY sequence", values).fetchall()
        return [json.loads(body) for (body,) in rows]

    def _write(self, statement: str, values: list):
        with self._access:
            self._db.execute(statement, values)
