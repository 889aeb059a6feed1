"""Messaging: every case activates what it needs, and leaves it active for the others."""

from . import Case

READ_KEYS = "{{ dict(['access_key', 'secret_key'] | zip([%s.access_key, %s.secret_key])) }}"


def admin(protocol):
    """Tasks that make credentials which may do everything, registered as `admin`; and the option that takes them."""
    permissions = {"can_publish": True, "can_receive": True, "can_manage": True}
    options = {"name": f"case-{protocol}-admin", "permissions": permissions}
    made = f"admin.{protocol}_credentials"
    tasks = [
        {f"stackway.scaleway.mnq_{protocol}": {}},
        {f"stackway.scaleway.mnq_{protocol}_credentials": options | {"state": "absent"}},
        {f"stackway.scaleway.mnq_{protocol}_credentials": options | {"reveal": True}, "register": "admin"},
    ]
    return tasks, READ_KEYS % (made, made)


SQS, SQS_KEYS = admin("sqs")
SNS, SNS_KEYS = admin("sns")
WRONG = {"access_key": "x" * 20, "secret_key": "y" * 64}
PROJECT = {"stackway.scaleway.account_project": {"name": "case-mnq"}, "register": "project"}
NO_PROJECT = {"stackway.scaleway.account_project": {"name": "case-mnq", "state": "absent"}}
ELSEWHERE = {"project_id": "{{ project.project.id }}"}


def queue(name, state="present", **options):
    return {"stackway.scaleway.mnq_sqs_queue": options | {"name": name, "credentials": SQS_KEYS, "state": state}}


def topic(name, state="present"):
    return {"stackway.scaleway.mnq_sns_topic": {"name": name, "credentials": SNS_KEYS, "state": state}}


def stored(name):
    return {"name": name, "path": "/cases"}


def unstored(*names):
    return [{"stackway.scaleway.secret": stored(name) | {"state": "absent"}} for name in names]


CASES = [
    Case("mnq_sqs", setup=[PROJECT], create=ELSEWHERE, key=("project_id",), cleanup=[NO_PROJECT]),
    Case("mnq_sns", setup=[PROJECT], create=ELSEWHERE, key=("project_id",), cleanup=[NO_PROJECT]),
    Case(
        "mnq_sqs_credentials",
        setup=SQS[:1],
        create={"name": "case", "permissions": {"can_publish": True}, "store": stored("case-sqs")},
        changes={"permissions": {"can_receive": True, "can_manage": True}, "store": stored("case-sqs-2")},
        cleanup=unstored("case-sqs", "case-sqs-2"),
        refused=[({"name": "bad"}, r"store, reveal: the secret key of sqs credentials bad is told once")],
    ),
    Case(
        "mnq_sns_credentials",
        setup=SNS[:1],
        create={"name": "case", "reveal": True},
        changes={"permissions": {"can_publish": True}},
    ),
    Case(
        "mnq_sqs_queue",
        setup=[*SQS, queue("case-dead"), queue("case-dead-2")],
        create={
            "name": "case",
            "credentials": SQS_KEYS,
            "visibility_timeout": 300,
            "message_retention_period": 345600,
            "receive_message_wait_time_seconds": 10,
            "redrive_policy": {"dead_letter_queue": "case-dead", "max_receive_count": 3},
        },
        changes={
            "visibility_timeout": 0,
            "message_retention_period": 60,
            "maximum_message_size": 1024,
            "receive_message_wait_time_seconds": 0,
            "delay_seconds": 5,
            "redrive_policy": {"dead_letter_queue": "case-dead-2", "max_receive_count": 5},
        },
        key=("name", "credentials"),
        cleanup=[queue("case-dead", "absent"), queue("case-dead-2", "absent")],
        refused=[
            ({"name": "no queue", "credentials": WRONG}, r"name: 'no queue' is not 1 to 80 letters"),
            ({"name": "x", "credentials": WRONG, "visibility_timeout": 43201}, r"visibility_timeout: 43201 is not"),
            ({"name": "x", "credentials": WRONG, "fifo_queue": True}, r"fifo_queue: the name of a FIFO queue ends"),
            (
                {"name": "x", "credentials": WRONG, "redrive_policy": {"max_receive_count": 1}},
                r"redrive_policy: needs dead_letter_queue",
            ),
            ({"name": "x", "credentials": WRONG}, r"check credentials"),
            (
                {
                    "name": "x",
                    "credentials": SQS_KEYS,
                    "redrive_policy": {"dead_letter_queue": "gone", "max_receive_count": 1},
                },
                r"redrive_policy: the queue 'gone' does not exist",
            ),
            (
                {"name": "x", "credentials": SQS_KEYS, "region": "pl-waw"},
                r"queues \(SQS\) are not active in project .*: activate them with mnq_sqs first",
            ),
        ],
    ),
    Case(
        "mnq_sqs_queue",
        label="fifo",
        setup=[*SQS, queue("case-dead.fifo")],
        create={
            "name": "case.fifo",
            "credentials": SQS_KEYS,
            "content_based_deduplication": True,
            "redrive_policy": {"dead_letter_queue": "case-dead.fifo", "max_receive_count": 3},
            "recreate": True,
        },
        changes={"redrive_policy": {}, "content_based_deduplication": False},
        key=("name", "credentials"),
        cleanup=[queue("case-dead.fifo", "absent")],
    ),
    Case(
        "mnq_sns_topic",
        setup=SNS,
        create={"name": "case.fifo", "credentials": SNS_KEYS, "recreate": True},
        changes={"content_based_deduplication": True},
        key=("name", "credentials"),
        refused=[({"name": "no topic", "credentials": WRONG}, r"name: 'no topic' is not")],
    ),
    Case(
        "mnq_sns_topic_subscription",
        setup=[*SQS, queue("case-subscriber") | {"register": "made"}, *SNS, topic("case-topic")],
        create={
            "topic": "case-topic",
            "protocol": "sqs",
            "endpoint": "{{ made.queue.arn }}",
            "credentials": SNS_KEYS,
        },
        key=("topic", "protocol", "endpoint", "credentials"),
        cleanup=[
            topic("case-topic", "absent"),
            SQS[1],
            SQS[2],
            queue("case-subscriber", "absent"),
        ],
        refused=[
            (
                {"topic": "t", "protocol": "sqs", "endpoint": "jobs", "credentials": WRONG},
                r"endpoint: 'jobs' does not begin with arn:scw:sqs:",
            ),
            (
                {"topic": "gone", "protocol": "http", "endpoint": "http://127.0.0.1:9/", "credentials": SNS_KEYS},
                r"topic: 'gone' does not exist",
            ),
        ],
    ),
    Case("mnq_nats_account", create={"name": "case"}),
    Case(
        "mnq_nats_credentials",
        setup=[{"stackway.scaleway.mnq_nats_account": {"name": "case-nats"}}],
        create={"nats_account_id": "case-nats", "name": "case", "store": stored("case-nats")},
        changes={"store": stored("case-nats-2")},
        key=("nats_account_id", "name"),
        cleanup=[
            {"stackway.scaleway.mnq_nats_account": {"name": "case-nats", "state": "absent"}},
            *unstored("case-nats", "case-nats-2"),
        ],
        refused=[({"nats_account_id": "gone", "name": "x"}, r"nats_account_id: NATS account 'gone' does not exist")],
    ),
]
