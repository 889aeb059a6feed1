"""Cockpit's data sources as agents and people use them: what is pushed with one token is found with another."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import time
from http.client import HTTPSConnection
from urllib.parse import urlencode, urlsplit

import docker
import pytest
import requests
import yaml


class Pinned(HTTPSConnection):
    """To the address of one of the sandbox's machines by a name that only its DNS tells."""

    def __init__(self, sandbox, name, machine="cockpit"):
        super().__init__(name, context=ssl.create_default_context(cafile=sandbox.home / "ca.pem"), timeout=40)
        container = docker.from_env().containers.get(f"{sandbox.settings['SANDBOX_NAME']}-{machine}")
        (self.address,) = [each["IPAddress"] for each in container.attrs["NetworkSettings"]["Networks"].values()]

    def connect(self):
        plain = socket.create_connection((self.address, 443), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


class Watch:
    """Two data sources, and tokens by what they allow."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.sources = {
            kind: self.task("cockpit_source", name="case", type=kind)["data_source"] for kind in ("metrics", "logs")
        }
        scopes = {"write": ["write_only_metrics", "write_only_logs"], "read": ["read_only_metrics", "read_only_logs"]}
        self.tokens = {
            name: self.task("cockpit_token", name=f"case-{name}", scopes=wanted, reveal=True)["token"]["secret_key"]
            for name, wanted in scopes.items()
        }
        deadline = time.monotonic() + 120  # the first data source builds an image
        while self.call("logs", "GET", "/loki/api/v1/labels", "read")[0] != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def task(self, module, **options):
        result = self.sandbox.task(module, options)
        assert not result.get("failed"), result.get("msg")
        return result

    def call(self, kind, method, path, token, body=None, **headers):
        """(status, text) of a call to a data source."""
        name = urlsplit(self.sources[kind]["url"]).hostname
        headers |= {"X-Token": self.tokens.get(token, token)} if token else {}
        try:
            connection = Pinned(self.sandbox, name)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, docker.errors.NotFound):  # it is still starting
            return 0, ""

    def push_logs(self, *lines, token="write", **labels):
        values = [[str(time.time_ns()), line] for line in lines]
        body = json.dumps({"streams": [{"stream": labels, "values": values}]})
        return self.call("logs", "POST", "/loki/api/v1/push", token, body, **{"Content-Type": "application/json"})[0]

    def lines(self, query, token="read"):
        path = f"/loki/api/v1/query_range?{urlencode({'query': query})}"
        status, text = self.call("logs", "GET", path, token)
        assert status == 200, text
        return [value[1] for stream in json.loads(text)["data"]["result"] for value in stream["values"]]

    def metric(self, query):
        status, text = self.call("metrics", "GET", f"/prometheus/api/v1/query?{urlencode({'query': query})}", "read")
        assert status == 200, text
        return [(found["metric"], found["value"][1]) for found in json.loads(text)["data"]["result"]]

    def remove(self):
        for kind in self.sources:
            self.task("cockpit_source", name="case", type=kind, state="absent")
        for name in self.tokens:
            self.task("cockpit_token", name=f"case-{name}", state="absent")


@pytest.fixture(scope="module")
def watch(sandbox):
    watch = Watch(sandbox)
    yield watch
    watch.remove()


def field(number, content):
    """A field of a protobuf message: bytes, or a double."""
    if isinstance(content, float):
        return bytes([number << 3 | 1]) + struct.pack("<d", content)
    if isinstance(content, int):
        return bytes([number << 3]) + varint(content)
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def remote_write(name, value, **labels):
    """A sample as Prometheus sends it: a WriteRequest in Snappy's block format, uncompressed."""
    pairs = sorted({"__name__": name, **labels}.items())
    series = b"".join(field(1, field(1, key.encode()) + field(2, text.encode())) for key, text in pairs)
    series += field(2, field(1, value) + field(2, time.time_ns() // 10**6))
    message = field(1, series)
    return varint(len(message)) + bytes([61 << 2]) + struct.pack("<H", len(message) - 1) + message


def test_logs_that_were_pushed_are_found_by_labels_and_words(watch):
    assert watch.push_logs("GET /health", "GET /secret", "POST /jobs", job="api", host="a") == 204
    assert watch.push_logs("worked", job="worker", host="a") == 204
    assert sorted(watch.lines('{job="api"}')) == ["GET /health", "GET /secret", "POST /jobs"]
    assert watch.lines('{host="a", job!~"api|web"}') == ["worked"]
    assert watch.lines('{job="api"} |= "GET" != "health"') == ["GET /secret"]
    assert watch.lines('{job="api"} |~ "^POST .*s$"') == ["POST /jobs"]
    labels = json.loads(watch.call("logs", "GET", "/loki/api/v1/label/job/values", "read")[1])
    assert labels["data"] == ["api", "worker"]
    unknown = watch.call("logs", "GET", "/loki/api/v1/query_range?query=rate(x)", "read")
    assert unknown[0] == 400 and "parse error" in unknown[1]


def test_metrics_that_were_pushed_are_found(watch):
    sample = remote_write("case_requests", 42.0, job="api")
    assert watch.call("metrics", "POST", "/api/v1/push", "write", sample, **{"Content-Encoding": "snappy"})[0] == 204
    assert watch.metric('case_requests{job="api"}') == [({"__name__": "case_requests", "job": "api"}, "42")]


def test_a_token_opens_what_its_scopes_and_project_say_and_nothing_once_it_is_gone(watch):
    assert watch.push_logs("x", token=None, job="x") == 401
    assert watch.push_logs("x", token="read", job="x") == 403
    assert watch.call("logs", "GET", "/loki/api/v1/labels", "write")[0] == 403
    assert watch.call("metrics", "GET", "/prometheus/api/v1/query?query=up", "write")[0] == 403
    project = watch.task("account_project", name="case-stranger")["project"]["id"]
    wanted = {"name": "stranger", "project_id": project, "scopes": ["read_only_logs"]}
    stranger = watch.task("cockpit_token", **wanted, reveal=True)["token"]["secret_key"]
    assert watch.call("logs", "GET", "/loki/api/v1/labels", stranger)[0] == 403
    watch.task("cockpit_token", name="stranger", project_id=project, state="absent")
    assert watch.call("logs", "GET", "/loki/api/v1/labels", stranger)[0] == 401
    watch.task("account_project", name="case-stranger", state="absent")


RULES = "/prometheus/config/v1/rules"


def rules(watch, method, path, group=None, key=None):
    """What the data source answers to a holder of an API key."""
    headers = {"X-Auth-Token": key or watch.sandbox.profile["secret_key"], "Content-Type": "application/yaml"}
    return watch.call("metrics", method, RULES + path, None, group and yaml.safe_dump(group), **headers)


def push(watch, name, value):
    sample = remote_write(name, value)
    assert watch.call("metrics", "POST", "/api/v1/push", "write", sample, **{"Content-Encoding": "snappy"})[0] == 204


def until(read, what):
    """What `read` gives, once it is something."""
    deadline = time.monotonic() + 60
    while not (found := read()):
        assert time.monotonic() < deadline, what
        time.sleep(0.5)  # a rule is evaluated every second
    return found


def test_a_rule_of_ones_own_fires_and_is_over(watch):
    """By mail to those who are told, as long as the rule is there."""
    duty = "rules@cockpit.test"
    watch.task("cockpit_alert_manager")
    watch.task("cockpit_contact_point", email=duty)
    summary = "{% raw %}Too many: {{ $value }}{% endraw %}"
    watch.task(
        "cockpit_rule_group",
        data_source_id="case",
        namespace="case/1",
        name="queue",
        interval="1s",
        rules=[{"alert": "CaseQueueLong", "expr": "case_queue > 10", "annotations": {"summary": summary}}],
        url=f"{watch.sandbox.profile['api_url']}/cockpit/v1/regions/fr-par/data-sources/{watch.sources['metrics']['id']}",
    )
    status, told = rules(watch, "GET", "/case%2F1/queue")
    assert status == 200 and yaml.safe_load(told)["rules"][0]["annotations"] == {"summary": "Too many: {{ $value }}"}

    def mail(subject):
        found = requests.get(
            f"{watch.sandbox.profile['api_url']}/_sandbox/mail", params={"to": duty}, timeout=30
        ).json()
        return [message for message in found["mail"] if subject in message["subject"]]

    push(watch, "case_queue", 11.0)
    (message,) = until(lambda: mail("FIRING"), "nobody is told")
    assert "CaseQueueLong" in message["subject"]
    assert "Too many: 11" in message["raw"]
    push(watch, "case_queue", 1.0)
    until(lambda: mail("RESOLVED"), "nobody is told that it is over")

    alerts = watch.task("cockpit_alert_info")["alerts"]
    assert [alert["name"] for alert in alerts if not alert["preconfigured"]] == ["CaseQueueLong"]
    assert rules(watch, "DELETE", "/case%2F1/queue")[0] == 202
    assert rules(watch, "GET", "")[0] == 404
    until(lambda: "CaseQueueLong" not in evaluated(watch), "the rule is evaluated although it is gone")
    watch.task("cockpit_alert_manager", state="absent")


def evaluated(watch):
    return watch.call("metrics", "GET", "/prometheus/api/v1/rules", "read")[1]


def test_rules_are_managed_with_a_key_that_may(watch):
    group = {"name": "group", "rules": [{"alert": "Down", "expr": "up == 0"}]}
    assert rules(watch, "POST", "/case", group, key="00000000-0000-4000-8000-000000000000")[0] == 401
    assert watch.call("metrics", "GET", RULES, "read")[0] == 401  # a token of Cockpit is none
    refused = rules(watch, "POST", "/case", group | {"rules": [{"alert": "Down", "expr": "up =="}]})
    assert refused[0] == 400 and "could not parse expression" in refused[1]
    application = watch.task("iam_application", name="case-rules")["application"]["id"]
    key = watch.task("iam_api_key", application_id=application, description="case-rules", reveal=True)["api_key"]
    project = watch.sources["metrics"]["project_id"]
    reads = [{"permission_set_names": ["ObservabilityReadOnly"], "project_ids": [project]}]
    watch.task("iam_policy", name="case-rules", application_id=application, rules=reads)
    assert rules(watch, "GET", "", key=key["secret_key"])[0] == 404
    assert rules(watch, "POST", "/case", group, key=key["secret_key"])[0] == 403
    watch.task("iam_policy", name="case-rules", state="absent")
    watch.task("iam_application", name="case-rules", state="absent")
