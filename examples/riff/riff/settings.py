"""What the environment says. A missing variable stops the process with its name."""

import os
import ssl
from dataclasses import dataclass, field


class MissingSetting(Exception):
    pass


def required(name):
    try:
        return os.environ[name]
    except KeyError:
        raise MissingSetting(f"environment variable {name} is not set") from None


@dataclass(frozen=True)
class Settings:
    database_url: str = field(repr=False)
    db_pool_size: int
    public_url: str
    s3_endpoint_url: str
    s3_region: str
    s3_bucket: str
    s3_storage_class: str
    s3_access_key: str
    s3_secret_key: str = field(repr=False)
    media_url: str
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str = field(repr=False)
    mail_from: str
    ca_file: str | None
    drain_seconds: float
    version: str

    @classmethod
    def from_environment(cls):
        return cls(
            database_url=required("DATABASE_URL"),
            db_pool_size=int(os.environ.get("DB_POOL_SIZE", "20")),
            public_url=required("PUBLIC_URL").rstrip("/"),
            s3_endpoint_url=required("S3_ENDPOINT_URL"),
            s3_region=required("S3_REGION"),
            s3_bucket=required("S3_BUCKET"),
            s3_storage_class=os.environ.get("S3_STORAGE_CLASS", "STANDARD"),
            s3_access_key=required("S3_ACCESS_KEY"),
            s3_secret_key=required("S3_SECRET_KEY"),
            media_url=required("MEDIA_URL").rstrip("/"),
            smtp_host=required("SMTP_HOST"),
            smtp_port=int(os.environ.get("SMTP_PORT", "587")),
            smtp_user=required("SMTP_USER"),
            smtp_password=required("SMTP_PASSWORD"),
            mail_from=required("MAIL_FROM"),
            ca_file=os.environ.get("CA_FILE"),
            drain_seconds=float(os.environ.get("DRAIN_SECONDS", "3")),
            version=os.environ.get("APP_VERSION", "unknown"),
        )

    def tls(self):
        """Trusts the system's authorities, and CA_FILE where it is set."""
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        return context
