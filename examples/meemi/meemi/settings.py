"""What the environment says. What is missing or wrong stops the process with its name."""

import atexit
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

NEEDED = ["DATABASE_URL", "JWT_SECRET", "STORAGE_BACKEND"]
S3 = ["S3_BUCKET", "S3_REGION", "S3_ENDPOINT", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]
SHORTEST_SECRET = 32  # characters


class SettingError(Exception):
    pass


@dataclass(frozen=True)
class Settings:
    """What STORAGE_BACKEND does not need is None."""

    database_url: str = field(repr=False)
    db_pool_size: int
    jwt_secret: str = field(repr=False)
    storage_backend: str
    local_storage_dir: Path
    s3_bucket: str | None
    s3_region: str | None
    s3_endpoint: str | None
    s3_access_key: str | None
    s3_secret_key: str | None = field(repr=False)
    s3_public_url: str | None
    static_dir: Path
    http_address: tuple[str, int]
    version: str


def read():
    """An empty variable counts as none."""
    given = {name: value for name, value in os.environ.items() if value}
    backend = given.get("STORAGE_BACKEND")
    if missing := [name for name in NEEDED + (S3 if backend == "s3" else []) if name not in given]:
        raise SettingError(f"not set: environment variable {', '.join(missing)}")
    if backend not in ("local", "s3"):
        raise SettingError("environment variable STORAGE_BACKEND has to be local or s3")
    if len(given["JWT_SECRET"]) < SHORTEST_SECRET:
        raise SettingError(f"environment variable JWT_SECRET has to be of {SHORTEST_SECRET} characters or more")
    address, _, port = given.get("HTTP_ADDR", "0.0.0.0:3000").rpartition(":")
    if not address or not port.isdecimal():
        raise SettingError("environment variable HTTP_ADDR has to be an address and a port, such as 0.0.0.0:3000")
    public_url = given.get("S3_PUBLIC_URL", "https://{S3_BUCKET}.s3.{S3_REGION}.scw.cloud")
    return Settings(
        database_url=_database_url(given["DATABASE_URL"], given.get("DATABASE_CA")),
        db_pool_size=int(given.get("DB_POOL_SIZE", "5")),
        jwt_secret=given["JWT_SECRET"],
        storage_backend=backend,
        local_storage_dir=Path(given.get("LOCAL_STORAGE_DIR", "/var/lib/meemi")),
        s3_bucket=given.get("S3_BUCKET"),
        s3_region=given.get("S3_REGION"),
        s3_endpoint=given.get("S3_ENDPOINT"),
        s3_access_key=given.get("S3_ACCESS_KEY_ID"),
        s3_secret_key=given.get("S3_SECRET_ACCESS_KEY"),
        s3_public_url=public_url.format_map(given).rstrip("/") if backend == "s3" else None,
        static_dir=Path(given.get("STATIC_DIR", "static")),
        http_address=(address.strip("[]"), int(port)),
        version=given.get("APP_VERSION", "unknown"),
    )


def _database_url(url, ca):
    """The URL, and with an authority the file that libpq wants."""
    try:
        if not ca:
            return make_conninfo(url)
        file, name = tempfile.mkstemp(prefix="database-", suffix=".pem")  # readable by this user alone
        with os.fdopen(file, "w") as ca_file:
            ca_file.write(ca.replace("\\n", "\n"))  # where a variable cannot hold several lines
        atexit.register(Path(name).unlink, missing_ok=True)
        return make_conninfo(url, sslrootcert=name)
    except ProgrammingError:
        raise SettingError(
            "environment variable DATABASE_URL has to be postgresql://user:password@host:port/database"
        ) from None
