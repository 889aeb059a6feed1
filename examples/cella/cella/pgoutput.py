"""Messages of the output plugin pgoutput, version 1, read as PostgreSQL's documentation lays them out."""

import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Begin:
    lsn: int  # of the commit


@dataclass(frozen=True)
class Commit:
    end: int  # what is confirmed once all of the transaction is taken


@dataclass(frozen=True)
class Change:
    kind: str  # insert, update, delete or truncate
    table: str
    row: dict  # of a deletion: what identifies the row


class Decoder:
    """Knows the tables of one connection: each is described before its first change."""

    def __init__(self):
        self._tables: dict[int, tuple[str, list[tuple[str, int]]]] = {}

    def decode(self, message: bytes) -> list[Begin | Commit | Change]:
        reader = _Reader(message)
        match reader.take("c")[0]:
            case b"B":
                lsn, _at, _transaction = reader.take("QqI")
                return [Begin(lsn)]
            case b"C":
                _flags, _lsn, end, _at = reader.take("BQQq")
                return [Commit(end)]
            case b"R":
                self._describe(reader)
            case b"I":
                table = self._table(reader)
                reader.take("c")  # N
                return [Change("insert", table[0], reader.row(table[1]))]
            case b"U":
                table = self._table(reader)
                if reader.take("c")[0] in (b"K", b"O"):  # the old row comes first
                    reader.row(table[1])
                    reader.take("c")
                return [Change("update", table[0], reader.row(table[1]))]
            case b"D":
                table = self._table(reader)
                reader.take("c")  # K or O
                row = reader.row(table[1])
                return [Change("delete", table[0], {name: value for name, value in row.items() if value is not None})]
            case b"T":
                count, _options = reader.take("IB")
                tables = [self._table(reader) for _ in range(count)]
                return [Change("truncate", name, {}) for name, _ in tables]
        return []  # types, origins and messages, of which nothing is made here

    def _table(self, reader):
        return self._tables[reader.take("I")[0]]

    def _describe(self, reader):
        (number,) = reader.take("I")
        reader.text()  # schema
        name = reader.text()
        _identity, count = reader.take("cH")
        columns = []
        for _ in range(count):
            reader.take("B")
            column = reader.text()
            kind, _modifier = reader.take("Ii")
            columns.append((column, kind))
        self._tables[number] = name, columns


INTEGERS, BOOLEAN = {20, 21, 23}, 16  # types as pg_type numbers them


class _Reader:
    def __init__(self, message):
        self.message, self.position = message, 0

    def take(self, layout):
        values = struct.unpack_from(f">{layout}", self.message, self.position)
        self.position += struct.calcsize(f">{layout}")
        return values

    def text(self):
        end = self.message.index(b"\0", self.position)
        value, self.position = self.message[self.position : end].decode(), end + 1
        return value

    def row(self, columns):
        (count,) = self.take("H")
        row = {}
        for name, kind in columns[:count]:
            match self.take("c")[0]:
                case b"n":
                    row[name] = None
                case b"t":
                    (length,) = self.take("I")
                    text = self.message[self.position : self.position + length].decode()
                    self.position += length
                    row[name] = int(text) if kind in INTEGERS else text == "t" if kind == BOOLEAN else text
                case b"u":
                    pass  # a large value that did not change is not sent
        return row
