"""Edge Services as visitors meet it: role cdn, a bucket behind a name with a certificate, and the cache between."""

from __future__ import annotations

import json
import socket
import ssl
import time
from http.client import HTTPSConnection

import boto3
import docker
import pytest

ROLE = {
    "cdn_pipelines": [
        {
            "name": "media",
            "bucket": "edge-media",
            "domains": [{"fqdn": "media.edge-case.test", "dns_zone": "edge-case.test"}],
            "waf": {"mode": "enable", "paranoia_level": 1},
        }
    ]
}


def changed(results):
    return sorted(name for name, result in results.items() if result.get("changed"))


class Site:
    def __init__(self, sandbox, folder):
        self.sandbox, self.folder = sandbox, folder
        profile = sandbox.profile
        self.s3 = boto3.client(
            "s3", endpoint_url=profile["s3_endpoint"], region_name="fr-par",
            aws_access_key_id=profile["access_key"], aws_secret_access_key=profile["secret_key"],
        )  # fmt: skip
        self.trust = ssl.create_default_context(cafile=sandbox.home / "ca.pem")

    def run(self, *arguments, tasks_from="main", **variables):
        play = {"hosts": "localhost", "gather_facts": False, "vars": ROLE | variables}
        role = {"name": "stackway.scaleway.cdn", "tasks_from": tasks_from}
        play["tasks"] = [
            {"name": "role", "ansible.builtin.import_role": role},
            {"name": "urls", "ansible.builtin.debug": {"msg": "{{ cdn_urls }}"}, "when": "cdn_urls is defined"},
        ]
        file = self.folder / "site.yml"
        file.write_text(json.dumps([play]))
        results = self.sandbox.playbook(str(file), "-i", "localhost,", "-c", "local", *arguments)
        return {name.rpartition(" : ")[2]: result for name, result in results.items()}

    def put(self, key, text):
        self.s3.put_object(Bucket="edge-media", Key=key, Body=text.encode(), ACL="public-read")

    def get(self, path, name="media.edge-case.test", **headers):
        """(status, X-Cache, text) as a visitor gets it, who resolves names in the sandbox's DNS and trusts its authority."""
        container = f"{self.sandbox.settings['SANDBOX_NAME']}-edge"
        connection = Pinned(container, name, self.trust)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers["X-Cache"], answer.read().decode()


class Pinned(HTTPSConnection):
    """To the edge's address, which only the sandbox's DNS tells, by the name that the visitor wants."""

    def __init__(self, container, name, trust):
        super().__init__(name, context=trust, timeout=10)
        networks = docker.from_env().containers.get(container).attrs["NetworkSettings"]["Networks"]
        (self.address,) = [network["IPAddress"] for network in networks.values()]

    def connect(self):
        plain = socket.create_connection((self.address, 443), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


@pytest.fixture(scope="module")
def site(sandbox, tmp_path_factory):
    site = Site(sandbox, tmp_path_factory.mktemp("edge"))
    site.s3.create_bucket(Bucket="edge-media")
    site.put("logo.txt", "first")
    zone = sandbox.task("domain_zone", {"domain": "edge-case.test"})
    assert not zone.get("failed"), zone.get("msg")
    site.planned, site.done, site.again = site.run("--check"), site.run(), site.run()
    yield site
    site.gone = site.run(cdn_state="absent")
    site.s3.delete_object(Bucket="edge-media", Key="logo.txt")
    site.s3.delete_bucket(Bucket="edge-media")


def test_the_role_is_predicted_done_once_and_left_alone(site):
    results = site.planned | site.done | site.again
    assert not [(name, result["msg"]) for name, result in results.items() if result.get("failed")]
    made = ["Have the pipelines", "Lead their names to them", "Subscribe to the plan"]
    assert changed(site.planned) == changed(site.done) == made
    assert changed(site.again) == []
    assert site.done["urls"]["msg"] == {"media": "https://media.edge-case.test"}


def test_what_is_switched_off_is_foreseen_to_go_once(site):
    off = {"cdn_state": "absent", "cdn_prune": True, "storage_urls": {"edge-media": "https://edge-media.test"}}
    foreseen = site.run("--check", tasks_from="prune", **off)
    assert changed(foreseen) == ["Remove the pipelines", "Remove the records"]


def test_the_bucket_is_served_through_the_cache_by_both_names_with_certificates(site):
    assert site.get("/logo.txt") == (200, "miss", "first")
    site.put("logo.txt", "second")
    assert site.get("/logo.txt") == (200, "hit-fresh", "first")
    default = site.sandbox.task("edge_services_pipeline_info", {"name": "media"})["pipelines"][0]["default_fqdn"]
    assert site.get("/logo.txt", name=default) == (200, "hit-fresh", "first")
    assert site.get("/logo.txt", Cookie="who=me") == (200, "miss", "second")
    assert site.get("/nothing.txt")[0] in (403, 404)
    with pytest.raises(ssl.SSLError):
        site.get("/logo.txt", name="other.edge-case.test")


def test_what_was_purged_is_fetched_again(site):
    purge = {"name": "media", "state": "purged", "assets": ["/logo.txt"]}
    assert site.get("/logo.txt")[1:] == ("hit-fresh", "first")
    assert site.sandbox.task("edge_services_pipeline", purge)["changed"]
    assert site.get("/logo.txt") == (200, "miss", "second")
    assert site.sandbox.task("edge_services_pipeline", purge | {"assets": []})["changed"]
    assert site.get("/logo.txt")[1] == "miss"


def test_the_firewall_refuses_attacks_and_can_be_told_only_to_note_them(site):
    attack, injection = {"User-Agent": "sqlmap/1.8"}, "/logo.txt?id=1%27%20OR%20%271%27=%271%27--"
    site.get("/logo.txt")
    assert site.get("/logo.txt", **attack)[:2] == (
        200,
        "hit-fresh",
    )  # what the cache has, the firewall does not look at
    site.sandbox.task("edge_services_pipeline", {"name": "media", "state": "purged", "assets": []})
    assert site.get("/logo.txt", **attack)[0] == 403
    assert site.get(injection)[0] == 403
    assert site.get("/logo.txt?id=1")[0] != 403
    site.sandbox.task("edge_services_pipeline", {"name": "media", "state": "purged", "assets": []})
    pipeline = {"name": "media", "waf": {"mode": "log_only", "paranoia_level": 1}}
    assert site.sandbox.task("edge_services_pipeline", pipeline)["changed"]
    deadline = time.monotonic() + 10
    while site.get("/logo.txt", **attack)[0] == 403 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert site.get("/logo.txt", **attack)[0] == 200
    assert site.get(injection)[0] != 403


def test_a_pipeline_says_what_is_wrong_and_mends_itself(site):
    wanted = {
        "name": "elsewhere",
        "backend": {"scaleway_s3": {"bucket_name": "edge-media"}},
        "tls": {"managed_certificate": True},
    }
    names = {"dns": {"fqdns": ["cdn.edge-case.test"]}}
    impatient = site.sandbox.task("edge_services_pipeline", wanted | names | {"verify": True, "wait_timeout": 8})
    assert "cdn.edge-case.test has no CNAME record" in impatient["msg"]
    pipeline = site.sandbox.task("edge_services_pipeline", wanted | names)["pipeline"]
    record = {"dns_zone": "edge-case.test", "name": "cdn", "type": "CNAME", "data": [f"{pipeline['default_fqdn']}."]}
    assert site.sandbox.task("domain_record", record)["changed"]
    ready = site.sandbox.task("edge_services_pipeline", wanted | {"verify": True, "wait_timeout": 60})
    assert ready["pipeline"]["status"] == "ready", ready
    assert site.get("/logo.txt", name="cdn.edge-case.test")[0] == 200
    site.sandbox.task("edge_services_pipeline", {"name": "elsewhere", "state": "absent"})
    site.sandbox.task(
        "domain_record", {"dns_zone": "edge-case.test", "name": "cdn", "type": "CNAME", "state": "absent"}
    )
