"""What the clients of the bucket and the queue have in common."""

import boto3
from botocore.config import Config


def client(service, endpoint, region, access_key, secret_key, **config):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(
            connect_timeout=5,
            read_timeout=20,  # twice what a wait for messages takes
            retries={"mode": "standard", "max_attempts": 3},
            # Checksums in trailers are an AWS extension.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            **config,
        ),
    )
