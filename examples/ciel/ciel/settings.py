"""What the environment says. What is missing or wrong stops the process with its name."""

import atexit
import base64
import binascii
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

BUCKET = ["S3_ENDPOINT", "S3_REGION", "S3_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
QUEUE = ["QUEUE_ENDPOINT", "QUEUE_NAME"]
TOKENS = ["PASETO_ACCESS_KEY", "PASETO_REFRESH_KEY"]
NEEDED = {
    "migrate": ["DATABASE_URL"],
    "api": ["DATABASE_URL", "REDIS_URL", *BUCKET, "S3_PUBLIC_ENDPOINT", *QUEUE, *TOKENS],
    "worker": ["DATABASE_URL", *BUCKET, *QUEUE],
    "serverless-worker": ["DATABASE_URL", *BUCKET],
}


class SettingError(Exception):
    pass


@dataclass(frozen=True)
class Settings:
    """What its mode does not need is None."""

    mode: str
    database_url: str = field(repr=False)
    db_pool_size: int
    redis_url: str | None = field(repr=False)
    redis_ca: str | None = field(repr=False)  # PEM
    s3_endpoint: str | None
    s3_region: str | None
    s3_bucket: str | None
    s3_public_endpoint: str | None
    s3_addressing_style: str
    s3_access_key: str | None
    s3_secret_key: str | None = field(repr=False)
    queue_endpoint: str | None
    queue_region: str | None
    queue_name: str | None
    queue_access_key: str | None
    queue_secret_key: str | None = field(repr=False)
    paseto_access_key: bytes | None = field(repr=False)
    paseto_refresh_key: bytes | None = field(repr=False)
    admin_token: str | None = field(repr=False)
    http_address: tuple[str, int]
    rate_limit_address: int
    rate_limit_account: int
    drain_seconds: float
    version: str


def mode():
    value = os.environ.get("APP_MODE", "")
    if value not in ("api", "worker", "serverless-worker"):
        raise SettingError(
            f"environment variable APP_MODE is {value!r}, and has to be api, worker or serverless-worker"
        )
    return value


def http_address():
    """HTTP_ADDR as (address, port)."""
    address, _, port = os.environ.get("HTTP_ADDR", "0.0.0.0:8080").rpartition(":")
    if not address or not port.isdecimal():
        raise SettingError("environment variable HTTP_ADDR has to be an address and a port, such as 0.0.0.0:8080")
    return address.strip("[]"), int(port)


def read(mode):
    """The settings of a mode, or of `migrate`. An empty variable counts as none."""
    given = {name: value for name, value in os.environ.items() if value}
    if missing := [name for name in NEEDED[mode] if name not in given]:
        raise SettingError(f"not set, and needed by {mode}: environment variable {', '.join(missing)}")
    return Settings(
        mode=mode,
        database_url=_database_url(given["DATABASE_URL"], given.get("DATABASE_CA")),
        db_pool_size=_number(given, "DB_POOL_SIZE", 10),
        redis_url=given.get("REDIS_URL"),
        redis_ca=_pem(given.get("REDIS_CA")),
        s3_endpoint=given.get("S3_ENDPOINT"),
        s3_region=given.get("S3_REGION"),
        s3_bucket=given.get("S3_BUCKET"),
        s3_public_endpoint=given.get("S3_PUBLIC_ENDPOINT", "").rstrip("/") or None,
        s3_addressing_style=given.get("S3_ADDRESSING_STYLE", "auto"),
        s3_access_key=given.get("AWS_ACCESS_KEY_ID"),
        s3_secret_key=given.get("AWS_SECRET_ACCESS_KEY"),
        queue_endpoint=given.get("QUEUE_ENDPOINT"),
        queue_region=given.get("QUEUE_REGION", given.get("S3_REGION")),
        queue_name=given.get("QUEUE_NAME"),
        queue_access_key=given.get("SQS_ACCESS_KEY_ID", given.get("AWS_ACCESS_KEY_ID")),
        queue_secret_key=given.get("SQS_SECRET_ACCESS_KEY", given.get("AWS_SECRET_ACCESS_KEY")),
        paseto_access_key=_key(given, "PASETO_ACCESS_KEY"),
        paseto_refresh_key=_key(given, "PASETO_REFRESH_KEY"),
        admin_token=given.get("ADMIN_TOKEN"),
        http_address=http_address(),
        rate_limit_address=_number(given, "RATE_LIMIT_ADDRESS", 600),
        rate_limit_account=_number(given, "RATE_LIMIT_ACCOUNT", 300),
        drain_seconds=_number(given, "DRAIN_SECONDS", 3),
        version=given.get("APP_VERSION", "unknown"),
    )


def _number(given, name, default):
    try:
        return int(given.get(name, default))
    except ValueError:
        raise SettingError(f"environment variable {name} has to be a number") from None


def _key(given, name):
    """32 bytes. The value is not told when it is wrong: it may be most of a key."""
    if name not in given:
        return None
    try:
        key = base64.b64decode(given[name], validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32:
        raise SettingError(
            f"environment variable {name} has to be 32 bytes in base64, as `openssl rand -base64 32` prints"
        )
    return key


def _pem(value):
    """Where a variable cannot hold several lines, their ends are written as \\n."""
    return value and value.replace("\\n", "\n")


def _database_url(url, ca):
    """The URL, and with an authority the file that libpq wants; what the URL itself says of `sslmode` holds."""
    try:
        said = conninfo_to_dict(url)
    except ProgrammingError:
        raise SettingError(
            "environment variable DATABASE_URL has to be postgresql://user:password@host:port/database"
        ) from None
    if not ca:
        return url
    file, name = tempfile.mkstemp(prefix="database-", suffix=".pem")  # readable by this user alone
    with os.fdopen(file, "w") as ca_file:
        ca_file.write(_pem(ca))
    atexit.register(Path(name).unlink, missing_ok=True)
    return make_conninfo(url, sslrootcert=name, sslmode=said.get("sslmode", "verify-full"))
