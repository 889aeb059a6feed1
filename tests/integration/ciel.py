"""ciel and its scaling scenarios: how one moves, and how one knows that nothing was lost."""

from __future__ import annotations

import json
import re

import boto3

from .system import Run, System

DEAD_LETTERS = "ciel-media-jobs-dlq"
PHOTOS = """
import json, sys, urllib.request
url, password = sys.argv[1:]
def ask(path, body=None, **headers):
    request = urllib.request.Request(url + path, body, headers | {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=30))
token = ask("/sessions", json.dumps({"name": "verify", "password": password}).encode())["access_token"]
for photo in ask("/photos", Authorization=f"Bearer {token}")["photos"]:
    if photo["status"] == "ready":
        urllib.request.urlopen(photo["variants"]["thumbnail"]["url"], timeout=30).read()
        print(photo["id"])
"""


def overlays(*scenarios: str) -> list[str]:
    """The arguments that lay scenarios over dev."""
    return [argument for scenario in scenarios for argument in ("-e", f"@inventories/scenarios/ciel/{scenario}.yml")]


class Ciel(System):
    name = "ciel"

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self.kept: set[str] = set()

    def move(self, *scenarios: str, prune: bool = True) -> Run:
        """Move to scenarios laid over each other, or to dev, and verify; what was there before must still be."""
        run = self.succeed("site.yml", "playbooks/verify.yml", *overlays(*scenarios), "-e", f"prune={prune}")
        photos = self.photos(re.search(r"^  URL +(\S+)$", run.output, re.MULTILINE)[1])
        assert photos > self.kept  # verify adds one
        if not self.kept:
            self.queue("send_message", MessageBody="kept")
        assert self.waiting() == 1
        self.kept = photos
        return run

    def rest(self, *scenarios: str) -> None:
        """The next run of the same changes nothing."""
        self.writes()
        run = self.succeed("site.yml", *overlays(*scenarios))
        assert {host for host, counts in run.recap().items() if counts["changed"]} == set(), run.output[-3000:]
        assert (run.resources(), self.leftovers(run)) == ([], [])
        assert self.writes() == []

    @staticmethod
    def leftovers(run: Run) -> list[str]:
        """What the end of a run says that is no longer declared: ["instance_server ciel-app"]."""
        last = run.output[run.output.rindex("\nSUMMARY ") :]  # there is one for each playbook
        _before, _told, listed = last.partition("ciel declares no longer")
        return sorted(re.findall(r"^    (\w+ \S+)$", listed, re.MULTILINE))

    def photos(self, url: str) -> set[str]:
        """The photos that are finished, by id: each has its row, and its thumbnail can be seen."""
        process = self.from_outside("python3", "-c", PHOTOS, url, self.secret("/ciel/verify-password"))
        printed, _ = process.communicate()
        assert process.returncode == 0
        return set(printed.split())

    def secret(self, name: str) -> str:
        read = {
            "name": "it",
            "ansible.builtin.debug": {"msg": f"{{{{ lookup('stackway.scaleway.secret', '{name}') }}}}"},
        }
        return self.sandbox.play([read])["it"]["msg"]

    def queue(self, call: str, **arguments) -> dict:
        """Call SQS about the queue for what failed."""
        keys = json.loads(self.secret("/ciel/sqs-verify"))
        client = boto3.client(
            "sqs",
            endpoint_url=self.sandbox.task("mnq_sqs", {})["sqs"]["sqs_endpoint_url"],
            region_name="fr-par",
            aws_access_key_id=keys["access_key"],
            aws_secret_access_key=keys["secret_key"],
        )
        url = client.get_queue_url(QueueName=DEAD_LETTERS)["QueueUrl"]
        return getattr(client, call)(QueueUrl=url, **arguments)

    def waiting(self) -> int:
        """How many messages are in the queue for what failed, in whoever's hands."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self.queue("get_queue_attributes", AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)
