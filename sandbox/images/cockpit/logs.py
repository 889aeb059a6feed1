"""A store for logs that speaks the part of Loki's API that agents and people use: pushes in JSON, and queries for lines.

Source: Grafana Loki documentation, "Loki HTTP API" and "LogQL: Log query language".
"""

import json
import re
import sqlite3
import threading
import time

SCHEMA = """
CREATE TABLE IF NOT EXISTS line (source TEXT NOT NULL, stream TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_time ON line (source, at);
"""
DAY = 86_400 * 10**9  # in nanoseconds, as all times here
MATCHER = re.compile(r'\s*([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(,|\})')
FILTER = re.compile(r'\s*(\|=|!=|\|~|!~)\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)')
TESTS = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    "=~": lambda value, wanted: re.fullmatch(wanted, value) is not None,
    "!~": lambda value, wanted: re.fullmatch(wanted, value) is None,
}
LINE_TESTS = {
    "|=": lambda line, wanted: wanted in line,
    "!=": lambda line, wanted: wanted not in line,
    "|~": lambda line, wanted: re.search(wanted, line) is not None,
    "!~": lambda line, wanted: re.search(wanted, line) is None,
}


class Logs:
    def __init__(self, path):
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL;" + SCHEMA)
        self._access = threading.Lock()

    def push(self, source, body, days):
        """Keep the lines of a push: {streams: [{stream: {label: value}, values: [[nanoseconds, line], ...]}]}.

        Raises ValueError in words for what is none. What is older than `days` goes.
        """
        try:
            rows = [
                (source, json.dumps(labels(found["stream"]), sort_keys=True), int(value[0]), str(value[1]))
                for found in body["streams"]
                for value in found["values"]
            ]
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise ValueError(f"couldn't parse push request: {error}") from None
        with self._access:
            self._db.executemany("INSERT INTO line VALUES (?, ?, ?, ?)", rows)
            self._db.execute("DELETE FROM line WHERE source = ? AND at < ?", [source, time.time_ns() - days * DAY])

    def query(self, source, query, start, end, limit, forward=False):
        """[{stream, values}] of the newest (or, forward, the oldest) lines that match."""
        matchers, filters = parse(query)
        order = "ASC" if forward else "DESC"
        statement = f"SELECT stream, at, text FROM line WHERE source = ? AND at >= ? AND at < ? ORDER BY at {order}"
        found = {}
        with self._access:
            for stream, at, text in self._db.execute(statement, [source, start, end]):
                if limit and fits(json.loads(stream), matchers) and all(test(text, wanted) for test, wanted in filters):
                    found.setdefault(stream, []).append([str(at), text])
                    limit -= 1
        return [{"stream": json.loads(stream), "values": values} for stream, values in found.items()]

    def streams(self, source, start, end):
        statement = "SELECT DISTINCT stream FROM line WHERE source = ? AND at >= ? AND at < ?"
        with self._access:
            return [json.loads(stream) for (stream,) in self._db.execute(statement, [source, start, end])]


def labels(stream):
    if not stream or not all(isinstance(value, str) for value in stream.values()):
        raise ValueError("a stream needs labels, and their values are texts")
    return stream


def fits(stream, matchers):
    return all(test(stream.get(name, ""), wanted) for name, test, wanted in matchers)


def parse(query):
    """A selector and line filters -> ([(label, test, value)], [(test, value)]). Raises ValueError for anything else."""
    query = query.strip()
    if not query.startswith("{"):
        raise ValueError('parse error : a query starts with a stream selector such as {job="app"}')
    matchers, filters, position, closed = [], [], 1, False
    while not closed:
        if not (found := MATCHER.match(query, position)):
            raise ValueError(f"parse error at {query[position : position + 20]!r}: label matcher expected")
        name, operator, value, end = found.groups()
        matchers.append((name, TESTS[operator], unquoted(value)))
        position, closed = found.end(), end == "}"
    while query[position:].strip():
        if not (found := FILTER.match(query, position)):
            raise ValueError(f"parse error at {query[position : position + 20]!r}: only line filters are served")
        operator, quoted, raw = found.groups()
        filters.append((LINE_TESTS[operator], raw if quoted is None else unquoted(quoted)))
        position = found.end()
    return matchers, filters


def unquoted(text):
    return json.loads(f'"{text}"')
