"""Originals, which nobody but ciel reads, and their variants, which the public reads."""

import asyncio

from botocore.exceptions import ClientError

from . import aws

UPLOAD_SECONDS = 900


def original(photo_id):
    return f"originals/{photo_id}"


def variant(photo_id, name):
    return f"variants/{photo_id}/{name}.jpg"


class Bucket:
    def __init__(self, settings):
        self.name = settings.s3_bucket
        self.public_endpoint = settings.s3_public_endpoint
        self.client = aws.client(
            "s3",
            settings.s3_endpoint,
            settings.s3_region,
            settings.s3_access_key,
            settings.s3_secret_key,
            signature_version="s3v4",
            s3={"addressing_style": settings.s3_addressing_style},
        )

    def upload_url(self, key, content_type):
        """Where to PUT the object within UPLOAD_SECONDS, with this content type and no other."""
        return self.client.generate_presigned_url(
            "put_object",
            Params={"Bucket": self.name, "Key": key, "ContentType": content_type},
            ExpiresIn=UPLOAD_SECONDS,
        )

    def public_url(self, key):
        return f"{self.public_endpoint}/{key}"

    async def size(self, key):
        """Bytes of the object, or None where there is none."""
        try:
            answer = await asyncio.to_thread(self.client.head_object, Bucket=self.name, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
        return answer["ContentLength"]

    async def read(self, key):
        return await asyncio.to_thread(lambda: self.client.get_object(Bucket=self.name, Key=key)["Body"].read())

    async def publish(self, key, content):
        await asyncio.to_thread(
            self.client.put_object,
            Bucket=self.name,
            Key=key,
            Body=content,
            ContentType="image/jpeg",
            CacheControl="public, max-age=31536000, immutable",
            ACL="public-read",
        )

    async def delete(self, keys):
        for key in keys:
            await asyncio.to_thread(self.client.delete_object, Bucket=self.name, Key=key)
