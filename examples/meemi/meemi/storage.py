"""Where files are: on this machine, or in a bucket. Both put, delete, and tell the address at which the public reads."""

from pathlib import Path


class LocalStorage:
    """For development."""

    def __init__(self, folder: Path):
        self.folder = folder

    def put(self, key: str, content: bytes, content_type: str):
        self.path(key).write_bytes(content)

    def delete(self, key: str):
        self.path(key).unlink(missing_ok=True)

    def public_url(self, key: str) -> str:
        return f"/api/files/{key}"

    def path(self, key: str) -> Path:
        """Raises ValueError for what is no name of a file in the folder."""
        if key in ("", "..") or Path(key).name != key:
            raise ValueError(f"{key!r} is no key")
        return self.folder / key


class S3Storage:
    """A bucket that lets everybody read objects, and nobody list them."""

    def __init__(self, client, bucket: str, public_url: str):
        self.client, self.bucket, self.base = client, bucket, public_url

    def put(self, key: str, content: bytes, content_type: str):
        self.client.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=content,
            ContentType=content_type,
            CacheControl="public, max-age=31536000, immutable",
        )

    def delete(self, key: str):
        self.client.delete_object(Bucket=self.bucket, Key=key)

    def public_url(self, key: str) -> str:
        return f"{self.base}/{key}"


def storage(settings) -> LocalStorage | S3Storage:
    if settings.storage_backend == "local":
        return LocalStorage(settings.local_storage_dir)
    import boto3  # takes a moment, which a start without a bucket does not need
    from botocore.config import Config

    client = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key,
        aws_secret_access_key=settings.s3_secret_key,
        config=Config(
            connect_timeout=5,
            read_timeout=20,
            retries={"mode": "standard", "max_attempts": 3},
            # Checksums in trailers are an AWS extension.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    return S3Storage(client, settings.s3_bucket, settings.s3_public_url)
