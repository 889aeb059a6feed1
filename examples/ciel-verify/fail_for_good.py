"""Whether a job that always fails comes to the dead-letter queue. Reads from stdin, as JSON:

endpoint, region, access_key, secret_key   of SQS
name, dead_letter                          the two queues
photo_id                                   a photo whose original never came
patience                                   seconds
"""

import json
import sys
import time

import boto3

given = json.load(sys.stdin)
client = boto3.client(
    "sqs",
    endpoint_url=given["endpoint"],
    region_name=given["region"],
    aws_access_key_id=given["access_key"],
    aws_secret_access_key=given["secret_key"],
)
job = json.dumps({"photo_id": given["photo_id"]})
client.send_message(QueueUrl=client.get_queue_url(QueueName=given["name"])["QueueUrl"], MessageBody=job)

dead_letters = client.get_queue_url(QueueName=given["dead_letter"])["QueueUrl"]
deadline = time.monotonic() + given["patience"]
while time.monotonic() < deadline:
    # Others' messages are visible again after half a minute.
    answer = client.receive_message(
        QueueUrl=dead_letters, MaxNumberOfMessages=10, WaitTimeSeconds=10, VisibilityTimeout=30
    )
    for message in answer.get("Messages", []):
        if message["Body"] == job:
            client.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
            sys.exit()
sys.exit(f"the message did not come to {given['dead_letter']} within {given['patience']} s")
