"""Serverless Containers as their users have them: role serverless, images that are really pushed, requests over TLS."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import nats
import pytest
import requests
import urllib3
from nats.aio.client import RawCredentials
from scaleway import Client
from scaleway.mnq.v1beta1 import MnqV1Beta1NatsAPI, MnqV1Beta1SqsAPI, SqsPermissions

from .collector import Collector

APP = Path(__file__).parent / "serverless"
ZONE = "serverless.test"
ROLE = {
    "serverless_namespace": "shop",
    "serverless_environment": {"SHARED": "all"},
    "serverless_registry": "shop-images",
    "serverless_images": [{"name": "app", "path": str(APP), "tag": "newest"}],
    "serverless_containers": [
        {
            "name": "web", "image": "app", "privacy": "public", "max_scale": 3, "timeout": "3s",
            "scaling_option": {"concurrent_requests_threshold": 2}, "environment": {"PLAIN": 1},
            "startup_probe": {"interval": "1s", "timeout": "1s", "failure_threshold": 5, "http": {"path": "/health"}},
        },
        {"name": "worker", "image": "app", "max_scale": 2, "scaling_option": {"concurrent_requests_threshold": 10}},
    ],
    "serverless_secret_environment": {"web": {"SECRET": "hidden-value"}},
    "serverless_domains": [{"container": "web", "hostname": f"web.{ZONE}", "dns_zone": ZONE}],
    "serverless_triggers": [
        {"name": "minutely", "container": "worker", "destination": {"http_path": "/cron"},
         "cron": {"schedule": "* * * * *", "timezone": "Europe/Paris", "body": "it is time"}},
    ],
    "serverless_tokens": [{"description": "tests", "container": "worker", "secret": "/shop/worker-token"}],
}  # fmt: skip


def changed(results):
    """What was done, but for building: Docker may have the image from before."""
    return sorted(name for name, result in results.items() if result.get("changed") and name != "Build")


def failures(results):
    return [f"{name}: {result.get('msg')}" for name, result in results.items() if result.get("failed")]


class Site:
    """The role, run as a playbook does, and the ways into its containers."""

    def __init__(self, sandbox, folder):
        self.sandbox, self.folder = sandbox, folder
        self.gateway = sandbox.settings["SANDBOX_SUBNET"].replace(".0.0/16", ".0.1")
        self.name = sandbox.settings["SANDBOX_NAME"]

    def run(self, *arguments, **variables):
        """{task: result}; where the containers are reached is kept."""
        play = {"hosts": "localhost", "gather_facts": False, "vars": ROLE | variables}
        play["roles"] = [{"role": "stackway.scaleway.serverless"}]
        found = {"name": "found", "ansible.builtin.debug": {"msg": "{{ serverless_endpoints }}"}}
        play["post_tasks"] = [found | {"when": "serverless_endpoints is defined"}]
        file = self.folder / "site.yml"
        file.write_text(json.dumps([play]))
        results = self.sandbox.playbook(str(file), "-i", "localhost,", "-c", "local", *arguments)
        results = {name.rpartition(" : ")[2]: result for name, result in results.items()}
        if isinstance(results.get("found", {}).get("msg"), dict) and "--check" not in arguments:
            self.hosts = {name: urlsplit(url).hostname for name, url in results["found"]["msg"].items()}
        return results

    def task(self, module, **options):
        result = self.sandbox.task(module, options)
        assert not result.get("failed"), result.get("msg")
        return result

    @property
    def front(self):
        """Where all the names lead."""
        found = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        command = ["docker", "inspect", "--format", found, f"{self.name}-front"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def ask(self, host, path="/", method="GET", tls=True, **options):
        """A visitor's request, with the certificate checked."""
        if tls:
            trust = ssl.create_default_context(cafile=self.sandbox.home / "ca.pem")
            pool = urllib3.HTTPSConnectionPool(
                self.front, ssl_context=trust, server_hostname=host, assert_hostname=host
            )
        else:
            pool = urllib3.HTTPConnectionPool(self.front)
        headers = {"Host": host} | options.pop("headers", {})
        return pool.request(method, path, headers=headers, redirect=False, retries=False, timeout=30, **options)

    def replicas(self, container):
        """How many replicas of a container run."""
        profile = self.sandbox.profile
        url = f"{profile['api_url']}/containers/v1/regions/fr-par/containers?name={container}"
        (found,) = requests.get(url, headers={"X-Auth-Token": profile["secret_key"]}, timeout=5).json()["containers"]
        command = ["docker", "ps", "--quiet", "--filter", f"name=^{self.name}-replica-{found['id'][:8]}-"]
        return len(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.fixture(scope="module")
def site(sandbox, tmp_path_factory):
    site = Site(sandbox, tmp_path_factory.mktemp("serverless"))
    until(
        lambda: requests.get(f"{sandbox.profile['api_url']}/_sandbox/visitor", timeout=5).json()["status"] == "ready",
        120,
    )
    site.task("domain_zone", domain=ZONE)
    site.planned, site.done, site.again = site.run("--check"), site.run(), site.run()
    registry = site.task("registry_namespace_info", name="shop-images")["namespaces"][0]["endpoint"]
    yield site
    site.run(serverless_state="absent", serverless_delete_images=True)
    built = subprocess.run(
        ["docker", "images", "--quiet", f"{registry}/app"], capture_output=True, text=True, check=True
    )
    subprocess.run(["docker", "image", "rm", "--force", *set(built.stdout.split())], capture_output=True)
    site.task("domain_zone", domain=ZONE, state="absent")


def until(true, seconds):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.3)


def test_the_role_is_predicted_done_once_and_left_alone(site):
    assert not failures(site.planned) + failures(site.done) + failures(site.again)
    assert changed(site.done) == [
        "Have a place for the images", "Have the containers, and wait until their versions are ready",
        "Have the namespace", "Have the tokens, kept in Secret Manager", "Have the triggers", "Have them answer by these names",
        "Let the names of their own lead to them", "Push",
    ]  # fmt: skip
    assert changed(site.again) == []
    assert "hidden-value" not in json.dumps([site.planned, site.done, site.again])


def test_a_visitor_is_answered_from_a_cold_start_on(site):
    until(lambda: site.replicas("web") == 0, 30)
    answer = site.ask(site.hosts["web"])
    told = answer.json()
    assert (answer.status, told["SHARED"], told["PLAIN"], told["SECRET"]) == (200, "all", "1", "hidden-value")
    assert site.ask(f"web.{ZONE}").status == 200
    moved = site.ask(site.hosts["web"], tls=False)
    assert (moved.status, moved.headers["Location"]) == (301, f"https://{site.hosts['web']}/")


def test_replicas_follow_the_requests_and_a_timeout_is_kept(site):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: site.ask(site.hosts["web"], "/slow?seconds=2"), range(6)))
    assert [answer.status for answer in answers] == [200] * 6
    assert len({answer.json()["host"] for answer in answers}) == 3
    assert site.ask(site.hosts["web"], "/slow?seconds=20").status == 504


def test_a_private_container_wants_a_token(site):
    secret = site.task("secret", path="/shop", name="worker-token", reveal=True)["secret"]["value"]
    given = [None, "nonsense", json.loads(secret)["token"], site.sandbox.profile["secret_key"]]
    headers = [{"X-Auth-Token": token} if token else {} for token in given]
    assert [site.ask(site.hosts["worker"], headers=each).status for each in headers] == [403, 403, 200, 200]


def test_a_new_version_is_rolled_out_without_a_failed_request(site):
    stop, statuses = threading.Event(), []

    def load():
        while not stop.is_set():
            statuses.append(site.ask(site.hosts["web"]).status)

    threads = [threading.Thread(target=load) for _ in range(2)]
    [thread.start() for thread in threads]
    images = [{"name": "app", "path": str(APP), "tag": "newest", "build_args": {"VERSION": "2"}}]
    done = site.run(serverless_images=images)
    stop.set()
    [thread.join() for thread in threads]
    assert changed(done) == ["Have the containers, and wait until their versions are ready", "Push"]
    assert site.ask(site.hosts["web"]).json()["VERSION"] == "2"
    assert set(statuses) == {200}
    tags = site.task("registry_image_info", namespace_id="shop-images")["images"][0]["digests"]
    assert len(tags) == 3 and len(set(tags.values())) == 2


def test_a_version_that_does_not_work_says_why_and_the_old_one_goes_on(site):
    containers = [
        ROLE["serverless_containers"][0] | {"environment": {"BROKEN": "yes"}},
        ROLE["serverless_containers"][1],
    ]
    done = site.run(serverless_containers=containers)
    failed = done["Have the containers, and wait until their versions are ready"]
    assert "does not respond to HTTP requests on port 8080 and path /health" in json.dumps(failed)
    assert site.ask(site.hosts["web"]).status == 200


def test_strangers_neither_pull_nor_push(site):
    registry = site.task("registry_namespace_info", name="shop-images")["namespaces"][0]["endpoint"]
    command = ["docker", "pull", "--quiet", f"{registry}/app:newest"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={"HOME": str(site.folder), "PATH": "/usr/bin:/bin"}
    )
    assert done.returncode and "denied" in done.stderr + done.stdout


@pytest.fixture
def messaging(sandbox):
    """The SDK of the sandbox's queues and subjects."""
    profile = {name: value for name, value in sandbox.profile.items() if name not in ("send_telemetry", "s3_endpoint")}
    return Client(**profile)


def test_no_message_is_lost_when_the_container_crashes(site, messaging):
    collector, count = Collector(site.gateway), 100
    api = MnqV1Beta1SqsAPI(messaging)
    endpoint = site.sandbox.task("mnq_sqs", {})["sqs"]["sqs_endpoint_url"]
    key = api.create_sqs_credentials(
        name="worker", permissions=SqsPermissions(can_manage=True, can_publish=True, can_receive=True)
    )
    client = boto3.client(
        "sqs", region_name="fr-par", endpoint_url=endpoint,
        aws_access_key_id=key.access_key, aws_secret_access_key=key.secret_key,
    )  # fmt: skip
    url = client.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    triggers = [{
        "name": "jobs", "container": "worker", "destination": {"http_path": "/jobs"},
        "sqs": {"region": "fr-par", "endpoint": endpoint, "queue_url": url, "access_key_id": key.access_key},
    }]  # fmt: skip
    worker = ROLE["serverless_containers"][1] | {
        "environment": {"COLLECTOR": collector.url, "CRASH_EVERY": 10},
        "scaling_option": {"concurrent_requests_threshold": 1},
    }
    variables = {
        "serverless_containers": [ROLE["serverless_containers"][0], worker],
        "serverless_triggers": triggers,
        "serverless_trigger_secrets": {"jobs": {"secret_access_key": key.secret_key}},
    }
    done, again = site.run(**variables), site.run(**variables)
    assert not failures(done) + failures(again)
    assert changed(again) == []
    assert key.secret_key not in json.dumps([done, again])
    sent = [f"job {number}" for number in range(count)]
    for first in range(0, count, 10):
        entries = [{"Id": str(each), "MessageBody": sent[each]} for each in range(first, first + 10)]
        client.send_message_batch(QueueUrl=url, Entries=entries)
    collector.all_of(dict.fromkeys(sent, "/jobs"), 120)
    attributes = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    until(
        lambda: (
            set(client.get_queue_attributes(QueueUrl=url, AttributeNames=attributes)["Attributes"].values()) == {"0"}
        ),
        30,
    )


def test_a_subject_and_a_schedule_call_the_container(site, messaging):
    collector = Collector(site.gateway)
    api = MnqV1Beta1NatsAPI(messaging)
    account = api.create_nats_account(name="shop")
    key = api.create_nats_credentials(nats_account_id=account.id, name="worker").credentials.content
    triggers = [
        *ROLE["serverless_triggers"],
        {
            "name": "events",
            "container": "worker",
            "nats": {"server_urls": [account.endpoint], "subject": "shop.events"},
        },
    ]
    worker = ROLE["serverless_containers"][1] | {"environment": {"COLLECTOR": collector.url}}
    done = site.run(
        serverless_containers=[ROLE["serverless_containers"][0], worker],
        serverless_triggers=triggers,
        serverless_trigger_secrets={"events": {"credentials_file_content": key}},
    )
    assert not failures(done)

    async def publish():
        connection = await nats.connect(account.endpoint, user_credentials=RawCredentials(key))
        for number in range(10):
            await connection.publish("shop.events", f"event {number}".encode())
        await connection.drain()

    asyncio.run(publish())
    collector.all_of({f"event {number}": "/" for number in range(10)} | {"it is time": "/cron"}, 75)


def test_a_container_reaches_the_database_in_its_private_network(site):
    network = site.task("vpc_private_network", name="shop")["private_network"]["id"]
    engine = {"engine": "PostgreSQL-17", "node_type": "DB-DEV-S", "load_balancer": False, "private_network_id": network}
    database = site.task("rdb_instance", name="shop-private", **engine)["instance"]
    address = database["endpoints"][0]["ip"]
    path = f"/reach?host={address}"
    assert site.ask(site.hosts["web"], path).status >= 500
    web = ROLE["serverless_containers"][0] | {"private_network": "shop"}
    done = site.run(serverless_containers=[web, ROLE["serverless_containers"][1]])
    assert not failures(done)
    assert site.ask(site.hosts["web"], path).status == 200
    site.run()
    site.task("rdb_instance", name="shop-private", state="absent")
    site.task("vpc_private_network", name="shop", state="absent")
