"""Serverless Containers. Their replicas run an image of the sandbox's own, which opens no port by itself."""

from __future__ import annotations

from . import Case

SERVE = ["python3", "-m", "http.server", "8080"]
IMAGE = "stackway-sandbox/visitor"
SPACE = {"stackway.scaleway.container_namespace": {"name": "case-space"}}
NO_SPACE = {"stackway.scaleway.container_namespace": {"name": "case-space", "state": "absent"}}
WEB = {"namespace_id": "case-space", "name": "web", "image": IMAGE, "command": SERVE}
HOST = {"stackway.scaleway.container": WEB, "register": "web"}
ZONE = {"stackway.scaleway.domain_zone": {"domain": "case-containers.test"}}
NO_ZONE = {"stackway.scaleway.domain_zone": {"domain": "case-containers.test", "state": "absent"}}
ALIAS = {
    "stackway.scaleway.domain_record": {
        "dns_zone": "case-containers.test",
        "name": "web",
        "type": "CNAME",
        "data": ["{{ web.container.public_endpoint | urlsplit('hostname') }}."],
    }
}
CRON = {"schedule": "5 4 * * *", "timezone": "Europe/Paris"}
TRIGGER = {"container_id": "web", "name": "case"}

CASES = [
    Case(
        "container_namespace",
        create={
            "name": "case-ns",
            "environment_variables": {"A": 1, "B": True},
            "secret_environment_variables": {"C": "x1"},
        },
        changes={
            "description": "case",
            "environment_variables": {"A": "2"},
            "tags": ["a"],
            "secret_environment_variables": {"C": "x1", "D": "x2"},
        },
        refused=[
            ({"name": "Bad Name"}, r"name: "),
            (
                {"name": "bad", "secret_environment_variables": {"C": ""}},
                r"secret_environment_variables: C: .* no empty",
            ),
        ],
    ),
    Case(
        "container",
        setup=[SPACE, {"stackway.scaleway.vpc_private_network": {"name": "case-containers"}}],
        create=WEB | {"timeout": "1m"},
        changes={
            "description": "case",
            "environment_variables": {"A": "b"},
            "max_scale": 2,
            "scaling_option": {"concurrent_requests_threshold": 10},
            "memory_limit_bytes": 256_000_000,
            "mvcpu_limit": 500,
            "local_storage_limit_bytes": 2_000_000_000,
            "timeout": "90s",
            "privacy": "private",
            "protocol": "h2c",
            "https_connections_only": True,
            "sandbox": "v1",
            "liveness_probe": {"interval": "5s", "http": {"path": "/"}},
            "startup_probe": {"interval": "1s", "timeout": "1s", "failure_threshold": 20},
            "private_network_id": "case-containers",
            "args": ["--bind", "0.0.0.0"],
            "command": ["python3", "-u", *SERVE[1:]],
            "tags": ["a"],
            "secret_environment_variables": {"KEY": "x1"},  # last: comparing it takes a while
        },
        key=("namespace_id", "name"),
        cleanup=[NO_SPACE, {"stackway.scaleway.vpc_private_network": {"name": "case-containers", "state": "absent"}}],
        refused=[
            ({"namespace_id": "case-space", "name": "bad"}, r"image: needed to create container"),
            (WEB | {"name": "bad", "namespace_id": "gone"}, r"namespace_id: container namespace 'gone' does not exist"),
            (WEB | {"name": "bad", "timeout": "soon"}, r"timeout: 'soon' is not a duration"),
            (WEB | {"name": "bad", "min_scale": 3, "max_scale": 2}, r"min_scale: 3 is more than max_scale"),
            (WEB | {"name": "bad", "pin_digest": True}, r"image: .* is in no registry namespace"),
            (
                WEB | {"name": "bad", "startup_probe": {"tcp": {}, "http": {"path": "/"}}},
                r"startup_probe: tcp and http",
            ),
            (WEB | {"name": "bad", "scaling_option": {"cpu_usage_threshold": 70}}, r"min_scale.*at least 1"),
            (WEB | {"name": "bad", "private_network_id": "gone"}, r"private_network_id: private network 'gone'"),
        ],
    ),
    Case(
        "container_trigger",
        setup=[SPACE, HOST],
        create=TRIGGER | {"cron_config": CRON},
        changes={
            "description": "case",
            "destination_config": {"http_path": "/jobs", "http_method": "put"},
            "cron_config": CRON | {"schedule": "6 4 * * *", "body": "{}"},
            "tags": ["a"],
        },
        key=("container_id", "name"),
        cleanup=[NO_SPACE],
        refused=[
            (TRIGGER, r"cron_config, sqs_config, nats_config: one of them is needed"),
            (TRIGGER | {"container_id": "gone", "cron_config": CRON}, r"container_id: container 'gone' does not exist"),
            (TRIGGER | {"cron_config": CRON | {"schedule": "soon"}}, r"schedule"),
            (TRIGGER | {"sqs_config": {"region": "fr-par"}}, r"sqs_config.endpoint.*: needed to create"),
            (TRIGGER | {"cron_config": CRON, "sqs_config": {}}, r"a trigger has one source"),
        ],
    ),
    Case(
        "container_domain",
        setup=[SPACE, HOST, ZONE, ALIAS],
        create={"container_id": "web", "hostname": "web.case-containers.test"},
        changes={"tags": ["a"]},
        key=("hostname",),
        cleanup=[NO_ZONE, NO_SPACE],
        refused=[
            (
                {"container_id": "web", "hostname": "other.case-containers.test", "dns_timeout": 0},
                r"hostname.*must have a CNAME record",
            ),
            ({"container_id": "web", "hostname": "nowhere"}, r"hostname: 'nowhere' is not a domain name"),
        ],
    ),
    Case(
        "container_token",
        setup=[SPACE, HOST],
        create={"container_id": "web", "description": "case", "store": {"name": "case-token"}},
        key=("container_id", "description"),
        cleanup=[{"stackway.scaleway.secret": {"name": "case-token", "state": "absent"}}, NO_SPACE],
        refused=[
            ({"container_id": "web", "description": "bad"}, r"store, reveal: the token of token .* is told once"),
            ({"container_id": "web", "description": "bad", "expires_at": "soon"}, r"expires_at: 'soon' is not a date"),
        ],
    ),
]
