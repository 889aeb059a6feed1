"""Messaging as its users have it: role mnq, then boto3 and nats-py with the credentials that it keeps in Secret Manager."""

from __future__ import annotations

import asyncio
import json
import subprocess
from urllib.parse import urlsplit

import boto3
import nats
import pytest
from botocore.exceptions import ClientError
from nats.aio.client import RawCredentials

ROLE = {
    "mnq_name": "mail",
    "mnq_path": "/mail/mnq",
    "mnq_queues": [
        {"name": "mail-jobs", "dead_letter_queue": "mail-failed", "max_receive_count": 1, "visibility_timeout": 0},
        {"name": "mail-ordered.fifo", "content_based_deduplication": True},
    ],
    "mnq_topics": [{"name": "mail-news", "subscriptions": [{"queue": "mail-jobs"}]}],
    "mnq_sqs_credentials": [
        {"name": "mail-api", "secret": "/mail/sqs-api", "permissions": {"can_publish": True}},
        {"name": "mail-worker", "secret": "/mail/sqs-worker", "permissions": {"can_receive": True}},
    ],
    "mnq_sns_credentials": [{"name": "mail-api", "secret": "/mail/sns-api", "permissions": {"can_publish": True}}],
    "mnq_nats_accounts": [
        {"name": "mail", "credentials": [{"name": "api", "secret": "/mail/nats-api"}]},
        {"name": "mail-other", "credentials": [{"name": "api", "secret": "/mail/nats-other"}]},
    ],
}
SECRETS = ("/mail/sqs-api", "/mail/sqs-worker", "/mail/sns-api", "/mail/nats-api", "/mail/nats-other")
FOUND = "{{ {'sqs': mnq_sqs_endpoint, 'urls': mnq_queue_urls, 'sns': mnq_sns_endpoint, 'arns': mnq_topic_arns, 'nats': mnq_nats_endpoints} }}"


def changed(results):
    return sorted(name for name, result in results.items() if result.get("changed"))


class Site:
    def __init__(self, sandbox, folder):
        self.sandbox, self.folder = sandbox, folder

    def run(self, *arguments, **variables):
        play = {"hosts": "localhost", "gather_facts": False, "vars": ROLE | variables}
        play["roles"] = [{"role": "stackway.scaleway.mnq"}]
        secrets = f"{{{{ query('stackway.scaleway.secret', *{list(SECRETS)}) }}}}"
        shown = "mnq_sqs_endpoint is defined and not ansible_check_mode"
        play["post_tasks"] = [
            {"name": "found", "ansible.builtin.debug": {"msg": FOUND}, "when": shown},
            {"name": "secrets", "ansible.builtin.debug": {"msg": secrets}, "when": shown},
        ]
        file = self.folder / "site.yml"
        file.write_text(json.dumps([play]))
        results = self.sandbox.playbook(str(file), "-i", "localhost,", "-c", "local", *arguments)
        results = {name.rpartition(" : ")[2]: result for name, result in results.items()}
        if "msg" in results.get("secrets", {}):
            self.found = results["found"]["msg"]
            self.secrets = dict(zip(SECRETS, results["secrets"]["msg"], strict=True))
        return results

    def client(self, protocol, secret):
        held = self.secrets[secret]
        key = held if isinstance(held, dict) else json.loads(held)
        keys = {"aws_access_key_id": key["access_key"], "aws_secret_access_key": key["secret_key"]}
        return boto3.client(protocol, endpoint_url=self.found[protocol], region_name="fr-par", **keys)

    def nats(self, account, secret):
        async def ignore(error):
            """The one who connects is told."""

        held = self.secrets[secret]
        content = (held if isinstance(held, dict) else json.loads(held))["content"]
        options = {"user_credentials": RawCredentials(content), "allow_reconnect": False, "error_cb": ignore}
        return nats.connect(self.found["nats"][account], **options)


@pytest.fixture(scope="module")
def site(sandbox, tmp_path_factory):
    site = Site(sandbox, tmp_path_factory.mktemp("messaging"))
    site.planned, site.done, site.again = site.run("--check"), site.run(), site.run()
    yield site
    gone = site.run(mnq_state="absent")
    assert not [result["msg"] for result in gone.values() if result.get("failed")]
    assert changed(site.run(mnq_state="absent")) == []


def test_the_role_is_predicted_done_once_and_left_alone(site):
    assert not [result["msg"] for result in (site.planned | site.done).values() if result.get("failed")]
    assert changed(site.planned) == changed(site.done)
    # Queues and topics may be active already: others use them in the same project.
    assert {"Have the credentials of those who use queues", "Have the NATS accounts"} <= set(changed(site.done))
    assert changed(site.again) == []


def test_a_job_goes_from_the_api_to_the_worker_and_a_broken_one_aside(site):
    api, worker = site.client("sqs", "/mail/sqs-api"), site.client("sqs", "/mail/sqs-worker")
    jobs = site.found["urls"]["mail-jobs"]
    api.send_message(QueueUrl=jobs, MessageBody="resize")
    (job,) = worker.receive_message(QueueUrl=jobs)["Messages"]
    worker.delete_message(QueueUrl=jobs, ReceiptHandle=job["ReceiptHandle"])
    site.client("sns", "/mail/sns-api").publish(TopicArn=site.found["arns"]["mail-news"], Message="broken")
    assert json.loads(worker.receive_message(QueueUrl=jobs)["Messages"][0]["Body"])["Message"] == "broken"
    assert "Messages" not in worker.receive_message(QueueUrl=jobs, WaitTimeSeconds=0)
    failed = worker.get_queue_url(QueueName="mail-failed")["QueueUrl"]
    assert "broken" in worker.receive_message(QueueUrl=failed)["Messages"][0]["Body"]
    for forbidden in (lambda: api.receive_message(QueueUrl=jobs), lambda: worker.delete_queue(QueueUrl=jobs)):
        with pytest.raises(ClientError, match="sufficient access"):
            forbidden()


def test_nats_accounts_do_not_hear_each_other(site):
    async def talk():
        mine, other = await site.nats("mail", "/mail/nats-api"), await site.nats("mail-other", "/mail/nats-other")
        heard, overheard = await mine.subscribe("jobs"), await other.subscribe("jobs")
        await other.flush()
        await mine.publish("jobs", b"resize")
        assert (await heard.next_msg(timeout=5)).data == b"resize"
        with pytest.raises(nats.errors.TimeoutError):
            await overheard.next_msg(timeout=0.3)
        stream = mine.jetstream()
        await stream.add_stream(name="kept", subjects=["kept.*"])
        await stream.publish("kept.1", b"still here")
        await mine.close()
        await other.close()

    asyncio.run(talk())


def test_machines_reach_the_same_endpoints(site):
    visitor = f"{site.sandbox.settings['SANDBOX_NAME']}-visitor"
    for url in (site.found["sqs"], site.found["sns"], site.found["nats"]["mail"]):
        where = urlsplit(url)
        probe = f"import socket; socket.create_connection(('{where.hostname}', {where.port}), 5)"
        assert subprocess.run(["docker", "exec", visitor, "python3", "-c", probe]).returncode == 0


def test_what_waits_survives_a_restart(site):
    jobs = site.found["urls"]["mail-jobs"]
    site.client("sqs", "/mail/sqs-api").send_message(QueueUrl=jobs, MessageBody="later")
    site.sandbox.cli("down")
    site.sandbox.cli("up")
    assert changed(site.run()) == []
    assert site.client("sqs", "/mail/sqs-worker").receive_message(QueueUrl=jobs)["Messages"][0]["Body"] == "later"

    async def read():
        connection = await site.nats("mail", "/mail/nats-api")
        kept = await connection.jetstream().get_last_msg("kept", "kept.1")
        await connection.close()
        return kept.data

    assert asyncio.run(read()) == b"still here"


def test_who_is_deleted_is_cut_off(site):
    site.sandbox.task("mnq_nats_credentials", {"nats_account_id": "mail-other", "name": "api", "state": "absent"})
    with pytest.raises(nats.errors.Error, match="Authorization"):
        asyncio.run(site.nats("mail-other", "/mail/nats-other"))
    renewed = site.run()
    assert changed(renewed) == ["Have the credentials of their users"]
    asyncio.run(site.nats("mail-other", "/mail/nats-other"))


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"mnq_topics": [{"name": "t", "subscriptions": [{"queue": "gone"}]}]}, "the queue gone subscribes to t"),
        ({"mnq_topics": [{"name": "t", "subscriptions": [{}]}]}, "a subscription of t needs either queue or endpoint"),
        ({"mnq_queues": [{"name": "a.fifo", "dead_letter_queue": "b"}], "mnq_topics": []}, "must both end in .fifo"),
        ({"mnq_sqs_credentials": [{"name": "x", "secret": "/x"}]}, "missing required arguments: permissions"),
    ],
)
def test_bad_input_is_refused_before_anything_is_created(site, variables, message):
    results = site.run(**{"mnq_name": "refused", "mnq_path": "/refused"} | variables)
    assert any(message in json.dumps(result) for result in results.values() if result.get("failed"))
    assert changed(results) == []
