"""What the environment says. What is missing or wrong stops the process with its name."""

import atexit
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from psycopg2 import ProgrammingError
from psycopg2.extensions import make_dsn

SHORTEST_SECRET = 16  # characters


class SettingError(Exception):
    pass


@dataclass(frozen=True)
class Api:
    database_url_pooled: str = field(repr=False)
    database_url_direct: str = field(repr=False)
    db_pool_size: int
    argon_secret: str = field(repr=False)
    cookie_secret: str = field(repr=False)
    unsubscribe_token_secret: str = field(repr=False)
    cdc_ws_secret: str = field(repr=False)
    frontend_url: str
    http_address: tuple[str, int]
    version: str


@dataclass(frozen=True)
class Cdc:
    database_url_direct: str = field(repr=False)
    ws_url: str
    ws_secret: str = field(repr=False)
    ws_ca: str | None
    ws_idle_seconds: float
    slot: str
    http_address: tuple[str, int]
    version: str


def api() -> Api:
    given = _Environment()
    settings = Api(
        database_url_pooled=given.database_url("DATABASE_URL_POOLED"),
        database_url_direct=given.database_url("DATABASE_URL_DIRECT"),
        db_pool_size=given.number("DB_POOL_SIZE", "5"),
        argon_secret=given.secret("ARGON_SECRET"),
        cookie_secret=given.secret("COOKIE_SECRET"),
        unsubscribe_token_secret=given.secret("UNSUBSCRIBE_TOKEN_SECRET"),
        cdc_ws_secret=given.secret("CDC_WS_SECRET"),
        frontend_url=given.needed("FRONTEND_URL").rstrip("/"),
        http_address=given.address("HTTP_ADDR", "0.0.0.0:4000"),
        version=given.get("APP_VERSION", "unknown"),
    )
    given.complain()
    return settings


def cdc() -> Cdc:
    given = _Environment()
    settings = Cdc(
        database_url_direct=given.database_url("DATABASE_URL_DIRECT"),
        ws_url=given.websocket_url("CDC_WS_URL"),
        ws_secret=given.secret("CDC_WS_SECRET"),
        ws_ca=given.pem("CDC_WS_CA"),
        ws_idle_seconds=given.number("CDC_WS_IDLE_SECONDS", "20"),
        slot=given.get("CDC_SLOT", "cdc_slot"),
        http_address=given.address("HTTP_ADDR", "0.0.0.0:4001"),
        version=given.get("APP_VERSION", "unknown"),
    )
    given.complain()
    return settings


def migrate() -> str:
    given = _Environment()
    url = given.database_url("DATABASE_URL_DIRECT")
    given.complain()
    return url


class _Environment:
    """Collects what is wrong, so that all of it is told at once. An empty variable counts as none."""

    def __init__(self):
        self.faults: list[str] = []
        self._ca_file: str | None = None

    def get(self, name, default=None):
        return os.environ.get(name) or default

    def needed(self, name):
        if not (value := self.get(name)):
            self.faults.append(f"{name} is not set")
        return value or ""

    def secret(self, name):
        value = self.needed(name)
        if value and len(value) < SHORTEST_SECRET:
            self.faults.append(f"{name} has to be of {SHORTEST_SECRET} characters or more")
        return value

    def number(self, name, default):
        value = self.get(name, default)
        if not value.isdecimal():
            self.faults.append(f"{name} has to be a number")
            return 0
        return int(value)

    def address(self, name, default):
        host, _, port = self.get(name, default).rpartition(":")
        if not host or not port.isdecimal():
            self.faults.append(f"{name} has to be an address and a port, such as {default}")
            return "", 0
        return host.strip("[]"), int(port)

    def websocket_url(self, name):
        url = self.needed(name)
        parts = urlsplit(url)
        if url and not (parts.scheme in ("ws", "wss") and parts.hostname):
            self.faults.append(f"{name} has to be such as wss://host/path")
        return url

    def pem(self, name):
        value = self.get(name)
        return value and value.replace("\\n", "\n")  # where a variable cannot hold several lines

    def database_url(self, name):
        """The URL, and with an authority in DATABASE_CA the file that libpq wants."""
        url = self.needed(name)
        if url and not url.startswith(("postgresql://", "postgres://")):
            self.faults.append(f"{name} has to be postgresql://user:password@host:port/database")
            return ""
        try:
            ca = self._ca()
            return make_dsn(url, **({"sslrootcert": ca} if ca else {})) if url else ""
        except ProgrammingError:
            self.faults.append(f"{name} has to be postgresql://user:password@host:port/database")
            return ""

    def _ca(self):
        if self._ca_file is None and (ca := self.pem("DATABASE_CA")):
            file, self._ca_file = tempfile.mkstemp(prefix="database-", suffix=".pem")  # readable by this user alone
            with os.fdopen(file, "w") as stream:
                stream.write(ca)
            atexit.register(Path(self._ca_file).unlink, missing_ok=True)
        return self._ca_file

    def complain(self):
        if self.faults:
            raise SettingError("environment: " + "; ".join(self.faults))
