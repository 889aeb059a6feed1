"""Queues and topics as boto3 sees them: credentials, permissions, waiting, failures, subscriptions, a restart."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
import requests
from botocore.exceptions import ClientError
from scaleway.mnq.v1beta1 import MnqV1Beta1SnsAPI, MnqV1Beta1SqsAPI
from scaleway.mnq.v1beta1.types import SnsPermissions, SqsPermissions

from sandbox.server import running
from sandbox.settings import Settings

ALL = {"can_publish": True, "can_receive": True, "can_manage": True}


@pytest.fixture(scope="module")
def connect(sandbox, client):
    """A boto3 client with credentials that have these permissions: `connect("sqs", can_publish=True)`."""
    apis = {"sqs": (MnqV1Beta1SqsAPI, SqsPermissions), "sns": (MnqV1Beta1SnsAPI, SnsPermissions)}
    for protocol, (api, _) in apis.items():
        getattr(api(client), f"activate_{protocol}")()

    def make(protocol, region="fr-par", secret_key=None, **permissions):
        api, kind = apis[protocol]
        create = getattr(api(client), f"create_{protocol}_credentials")
        made = create(name="test", permissions=kind(**permissions or ALL))
        return boto3.client(
            protocol,
            endpoint_url=sandbox.settings.messaging_url,
            region_name=region,
            aws_access_key_id=made.access_key,
            aws_secret_access_key=secret_key or made.secret_key,
        )

    return make


@pytest.fixture(scope="module")
def sqs(connect):
    return connect("sqs")


@pytest.fixture(scope="module")
def sns(connect):
    return connect("sns")


def attributes(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_a_queue_is_named_after_its_project(sandbox, sqs):
    made = sqs.create_queue(QueueName="named", Attributes={"VisibilityTimeout": "300"})["QueueUrl"]
    project = f"project-{sandbox.organization_id}"
    assert made == f"{sandbox.settings.messaging_url}/{project}/named"
    assert sqs.get_queue_url(QueueName="named")["QueueUrl"] == made
    found = attributes(sqs, made)
    assert found["QueueArn"] == f"arn:scw:sqs:fr-par:{project}:named"
    assert (found["VisibilityTimeout"], found["MessageRetentionPeriod"]) == ("300", "345600")
    sqs.delete_queue(QueueUrl=made)
    with pytest.raises(ClientError, match='Queue "named" does not exist') as refused:
        sqs.get_queue_url(QueueName="named")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_messages_that_fail_end_up_in_the_dead_letter_queue(sqs):
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": attributes(sqs, dead)["QueueArn"], "maxReceiveCount": 2}
    wanted = {"VisibilityTimeout": "0", "RedrivePolicy": json.dumps(redrive)}
    jobs = sqs.create_queue(QueueName="jobs", Attributes=wanted)["QueueUrl"]
    assert json.loads(attributes(sqs, jobs)["RedrivePolicy"]) == redrive
    sqs.send_message(QueueUrl=jobs, MessageBody="broken")
    for _ in range(2):
        assert sqs.receive_message(QueueUrl=jobs)["Messages"][0]["Body"] == "broken"
        time.sleep(0.01)  # visible again
    assert "Messages" not in sqs.receive_message(QueueUrl=jobs)
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "broken"


def test_a_waiting_consumer_is_woken_and_keeps_nobody_waiting(sqs):
    url = sqs.create_queue(QueueName="waited", Attributes={"ReceiveMessageWaitTimeSeconds": "10"})["QueueUrl"]
    started = time.monotonic()
    sender = threading.Timer(0.4, sqs.send_message, kwargs={"QueueUrl": url, "MessageBody": "hello"})
    sender.start()
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "hello"
    assert 0.3 < time.monotonic() - started < 3
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    sender.join()


def test_fifo_keeps_the_order_of_a_group_and_drops_duplicates(sqs):
    url = sqs.create_queue(QueueName="ordered.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for body, id in (("1", "a"), ("2", "b"), ("2", "b"), ("3", "c")):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=id)
    received = []
    while messages := sqs.receive_message(QueueUrl=url).get("Messages"):
        received.append(messages[0]["Body"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
    assert received == ["1", "2", "3"]
    sqs.send_message(QueueUrl=url, MessageBody="again", MessageGroupId="g", MessageDeduplicationId="a")
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_credentials_do_what_they_may_and_nothing_else(connect, sqs):
    url = sqs.create_queue(QueueName="guarded")["QueueUrl"]
    publisher, consumer, manager = (connect("sqs", **{name: True}) for name in ALL)
    publisher.send_message(QueueUrl=url, MessageBody="x")
    assert consumer.receive_message(QueueUrl=url)["Messages"]
    manager.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "1"})
    forbidden = [
        lambda: publisher.receive_message(QueueUrl=url),
        lambda: consumer.send_message(QueueUrl=url, MessageBody="x"),
        lambda: manager.purge_queue(QueueUrl=url) and manager.send_message(QueueUrl=url, MessageBody="x"),
        lambda: publisher.create_queue(QueueName="mine"),
        lambda: connect("sqs", secret_key="x" * 64).list_queues(),
        lambda: connect("sqs", region="nl-ams").list_queues(),
        lambda: sqs.send_message(QueueUrl=url.replace("/project-", "/project-0"), MessageBody="x"),
    ]
    for attempt in forbidden:
        with pytest.raises(ClientError, match="sufficient access"):
            attempt()


def test_a_topic_reaches_the_queues_that_subscribed(sqs, sns):
    url = sqs.create_queue(QueueName="subscribed")["QueueUrl"]
    topic = sns.create_topic(Name="news")["TopicArn"]
    assert topic.startswith("arn:scw:sns:fr-par:project-")
    arn = attributes(sqs, url)["QueueArn"]
    subscribed = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1"
    sns.publish(TopicArn=topic, Message="first")
    body = json.loads(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2)["Messages"][0]["Body"])
    assert (body["Message"], body["TopicArn"]) == ("first", topic)
    sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    sns.delete_topic(TopicArn=topic)


def test_a_subscriber_by_http_is_asked_first(sns):
    received = []

    class Subscriber(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Subscriber)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    topic = sns.create_topic(Name="asked")["TopicArn"]
    endpoint = f"http://127.0.0.1:{server.server_port}/"
    arn = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="too early")
    until(lambda: received)
    assert received[0]["Type"] == "SubscriptionConfirmation"
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "true"
    assert requests.get(received[0]["SubscribeURL"], timeout=5).ok
    sns.publish(TopicArn=topic, Message="now")
    until(lambda: len(received) > 1)
    assert [message["Message"] for message in received[1:]] == ["now"]
    server.shutdown()


def until(true):
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_is_in_use_is_not_switched_off(client, sqs):
    sqs.create_queue(QueueName="kept")
    with pytest.raises(Exception, match="precondition"):
        MnqV1Beta1SqsAPI(client).deactivate_sqs()


def test_queues_messages_and_topics_survive_a_restart(tmp_path):
    settings = Settings(name="restarted", home=tmp_path, port=0, api_only=True)
    key, queue, topic = {}, {}, {}

    def connect(sandbox, protocol):
        keys = {"aws_access_key_id": key["access_key"], "aws_secret_access_key": key["secret_key"]}
        return boto3.client(protocol, endpoint_url=sandbox.settings.messaging_url, region_name="fr-par", **keys)

    with running(settings) as sandbox:
        owner = next(each for each in sandbox.store.all("iam.api_key") if each.get("user_id"))
        for protocol in ("sqs", "sns"):
            base = f"{sandbox.settings.api_url}/mnq/v1beta1/regions/fr-par"
            headers = {"X-Auth-Token": owner["_secret_key"]}
            requests.post(f"{base}/activate-{protocol}", json={}, headers=headers, timeout=5)
            made = requests.post(
                f"{base}/{protocol}-credentials", json={"permissions": ALL}, headers=headers, timeout=5
            )
            key = made.json()
            if protocol == "sqs":
                sqs, sqs_key = connect(sandbox, "sqs"), key
                dead = sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
                redrive = {"deadLetterTargetArn": attributes(sqs, dead)["QueueArn"], "maxReceiveCount": 1}
                wanted = {"FifoQueue": "true", "RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "1"}
                queue["url"] = sqs.create_queue(QueueName="q.fifo", Attributes=wanted)["QueueUrl"]
                for body in "12":
                    sqs.send_message(
                        QueueUrl=queue["url"], MessageBody=body, MessageGroupId=body, MessageDeduplicationId=body
                    )
                assert sqs.receive_message(QueueUrl=queue["url"])["Messages"][0]["Body"] == "1"
        sns = connect(sandbox, "sns")
        topic["arn"] = sns.create_topic(Name="t.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
        sns.subscribe(TopicArn=topic["arn"], Protocol="sqs", Endpoint=attributes(sqs, queue["url"])["QueueArn"])

    with running(settings) as sandbox:
        sns = connect(sandbox, "sns")
        sns.publish(TopicArn=topic["arn"], Message="3", MessageGroupId="3", MessageDeduplicationId="3")
        key = sqs_key
        sqs = connect(sandbox, "sqs")
        url = sqs.get_queue_url(QueueName="q.fifo")["QueueUrl"]
        time.sleep(1)  # the first message is visible again, and has failed once
        bodies = [each["Body"] for each in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
        assert (bodies[0], json.loads(bodies[1])["Message"]) == ("2", "3")
        assert sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="dead.fifo")["QueueUrl"])["Messages"]


def test_the_credentials_of_a_nats_account_go_with_it(api):
    nats = "/mnq/v1beta1/regions/fr-par"
    account = api.post(f"{nats}/nats-accounts", json={"name": "gone"}).json()["id"]
    api.post(f"{nats}/nats-credentials", json={"name": "x", "nats_account_id": account})
    assert api.get(f"{nats}/nats-credentials?nats_account_id={account}").json()["total_count"] == 1
    assert api.delete(f"{nats}/nats-accounts/{account}").status_code == 204
    assert api.get(f"{nats}/nats-credentials?nats_account_id={account}").json()["total_count"] == 0
