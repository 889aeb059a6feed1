"""Uploads go to the bucket, where the public reads them."""

import asyncio
import uuid

import boto3
from botocore.config import Config

TYPES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
MAX_BYTES = 10 * 1024 * 1024


class Media:
    def __init__(self, settings):
        self.settings = settings
        self.client = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint_url,
            region_name=settings.s3_region,
            aws_access_key_id=settings.s3_access_key,
            aws_secret_access_key=settings.s3_secret_key,
            verify=settings.ca_file,
            config=Config(
                connect_timeout=5,
                read_timeout=20,
                retries={"mode": "standard", "max_attempts": 3},
                # Checksums in trailers are an AWS extension.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    async def store(self, content_type, content):
        """Upload and return the public URL."""
        key = f"{uuid.uuid4()}.{TYPES[content_type]}"
        await asyncio.to_thread(
            self.client.put_object,
            Bucket=self.settings.s3_bucket,
            Key=key,
            Body=content,
            ContentType=content_type,
            CacheControl="public, max-age=31536000, immutable",
            ACL="public-read",
            StorageClass=self.settings.s3_storage_class,
        )
        return f"{self.settings.media_url}/{key}"
