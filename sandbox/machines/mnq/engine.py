"""Queues and topics: moto's SQS and SNS, in this process, with their state kept in SQLite so that a restart loses nothing.

Every write is saved before it is answered: the queues it touched, message by message, and the topics of its project.
A project is an account of moto's, named `project-<id>` as in Scaleway's ARNs. Everything is under `home`, mode 0700.
"""

import io
import pickle
import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.test import EnvironBuilder, run_wsgi_app

from . import outbox
from .adapted import Queue, SNSBackend, SQSBackend, expire, now, sns_backends, sqs_backends

SCHEMA = """
pragma journal_mode = wal;
pragma synchronous = normal;
create table if not exists queues (account text, region text, name text, state blob, primary key (account, region, name));
create table if not exists messages (
    account text, region text, queue text, id text, state blob, primary key (account, region, queue, id)
);
create table if not exists topics (account text, region text, state blob, primary key (account, region));
"""
LEFT_OUT = ("_messages", "_pending_messages", "_messages_lock", "deleted_messages", "dead_letter_queue")
"""What a queue's own record goes without: its messages have records of their own, the others follow from the rest."""


class Unconfirmed:
    """Filter policy of a subscription that nobody has confirmed: it lets nothing pass."""

    @staticmethod
    def matches(attributes, message):
        return False


@dataclass
class Answer:
    status: int
    headers: dict  # lower-case names
    body: bytes


class Engine:
    def __init__(self, home):
        home = Path(home)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.apps = {"sqs": create_backend_app("sqs"), "sns": create_backend_app("sns")}
        self.lock = threading.RLock()  # moto's dictionaries are not made for threads
        self.database = sqlite3.connect(home / "state.sqlite", check_same_thread=False)
        self.database.executescript(SCHEMA)
        self._saved: dict[tuple, dict] = {}  # queue -> {message: what of it changes}
        self._forget()
        self._load()

    def close(self):
        with self.lock:
            self.database.close()
            self._forget()

    def call(self, service, project, region, headers, body, host, touches=()):
        """Have moto do it as the project. `touches` are the names of the queues that it may change."""
        account = account_of(project)
        with self.lock:
            backend = self.backend(service, account, region)
            for name in touches:
                if held := self.backend("sqs", account, region).queues.get(name):
                    expire(held)
            answer = self._run(self.apps[service], account, region, headers, body, host)
            if answer.status < 300:
                with self.database:
                    if service == "sns":
                        self._save_topics(backend)
                        touches = tuple(self.backend("sqs", account, region).queues)
                    for name in touches:
                        self._save_queue(account, region, name)
        return answer

    def _run(self, app, account, region, headers, body, host):
        scope = f"checked/20000101/{region}/sqs/aws4_request"
        headers = headers | {
            "host": host,  # the URLs of queues begin with it
            "x-moto-account-id": account,
            "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=",
        }
        builder = EnvironBuilder(
            method="POST",
            path="/",
            headers=list(headers.items()),
            input_stream=io.BytesIO(body),
            content_length=len(body),
        )
        with closing(builder):
            chunks, status, answered = run_wsgi_app(app, builder.get_environ(), buffered=True)
            return Answer(int(status.split()[0]), {n.lower(): v for n, v in answered.items()}, b"".join(chunks))

    # What is there

    def backend(self, service, account, region):
        """moto's, which by itself makes none in regions that AWS does not have."""
        backends, kind = {"sqs": (sqs_backends, SQSBackend), "sns": (sns_backends, SNSBackend)}[service]
        if region not in backends[account].keys():  # noqa: SIM118 - `in` is true of all of AWS's regions
            backends[account][region] = kind(region, account)
        return backends[account][region]

    def queue(self, project, region, name) -> Queue | None:
        return self.backend("sqs", account_of(project), region).queues.get(name)

    def queues(self, project, region):
        """{name: messages that wait in it}"""
        with self.lock:
            queues = self.backend("sqs", account_of(project), region).queues
            return {name: queue.approximate_number_of_messages for name, queue in queues.items()}

    def topics(self, project, region):
        with self.lock:
            return [topic.name for topic in self.backend("sns", account_of(project), region).topics.values()]

    # Subscriptions by HTTP want to be confirmed

    def ask_for_confirmation(self, project, region, arn, url):
        """Have a new subscription wait for its subscriber, who is asked to visit `url`."""
        with self.lock, self.database:
            backend = self.backend("sns", account_of(project), region)
            subscription = backend.subscriptions[arn]
            if hasattr(subscription, "token"):
                return  # it was subscribed before
            subscription.token = uuid4().hex
            subscription._filter_policy_matcher = Unconfirmed()
            subscription.attributes |= {"PendingConfirmation": True, "ConfirmationWasAuthenticated": False}
            self._save_topics(backend)
        query = {"Action": "ConfirmSubscription", "TopicArn": subscription.topic.arn, "Token": subscription.token}
        message = {
            "Type": "SubscriptionConfirmation",
            "MessageId": str(uuid4()),
            "Token": subscription.token,
            "TopicArn": subscription.topic.arn,
            "Message": f"You have chosen to subscribe to the topic {subscription.topic.arn}.",
            "SubscribeURL": f"{url}/?{urlencode(query)}",
            "Timestamp": now(),
        }
        outbox.post(subscription.endpoint, message, {"Content-Type": "text/plain; charset=UTF-8"})

    def confirm(self, topic_arn, token):
        """The ARN of the subscription that the token confirms, None if there is none."""
        *_, region, account, _name = topic_arn.split(":")
        with self.lock, self.database:
            backend = self.backend("sns", account, region)
            for subscription in backend.subscriptions.values():
                if subscription.topic.arn == topic_arn and getattr(subscription, "token", None) == token:
                    if subscription.attributes["PendingConfirmation"]:
                        subscription._filter_policy_matcher = None
                        subscription.attributes["PendingConfirmation"] = False
                        self._save_topics(backend)
                    return subscription.arn
        return None

    # What survives

    def _save_queue(self, account, region, name):
        """Bring the records of a queue, and of the one that takes its failures, to what moto holds."""
        key, queue = (account, region, name), self.backend("sqs", account, region).queues.get(name)
        if queue is None:
            self.database.execute("delete from queues where (account, region, name) = (?, ?, ?)", key)
            self.database.execute("delete from messages where (account, region, queue) = (?, ?, ?)", key)
            self._saved.pop(key, None)
            return
        state = pickle.dumps({field: value for field, value in vars(queue).items() if field not in LEFT_OUT})
        self.database.execute(
            "insert into queues values (?, ?, ?, ?) on conflict do update set state = excluded.state"
            " where state != excluded.state",
            [*key, state],
        )
        self._save_messages(key, queue)
        if queue.dead_letter_queue is not None:
            self._save_messages((account, region, queue.dead_letter_queue.name), queue.dead_letter_queue)

    def _save_messages(self, key, queue):
        saved = self._saved.setdefault(key, {})
        held = {
            message.id: (message, message in queue.pending_messages, message.visible_at, message.receipt_handle)
            for message in queue._messages
        }
        for gone in saved.keys() - held.keys():
            self.database.execute(
                "delete from messages where (account, region, queue, id) = (?, ?, ?, ?)", [*key, gone]
            )
            del saved[gone]
        for id, (message, pending, *changing) in held.items():
            if saved.get(id) != (pending, *changing):
                self.database.execute(  # not `replace`: the order of rows is that of arrival
                    "insert into messages values (?, ?, ?, ?, ?) on conflict do update set state = excluded.state",
                    [*key, id, pickle.dumps((message, pending))],
                )
                saved[id] = (pending, *changing)

    def _save_topics(self, backend):
        for topic in backend.topics.values():
            topic.sent_notifications.clear()  # moto's, for tests that ask what was sent
            pending = [each.attributes["PendingConfirmation"] for each in backend._get_topic_subscriptions(topic)]
            topic.subscriptions_pending = sum(pending)
            topic.subscriptions_confimed = len(pending) - sum(pending)  # moto's spelling
        written = io.BytesIO()
        _Pickler(written).dump((backend.topics, backend.subscriptions))
        row = [backend.account_id, backend.region_name, written.getvalue()]
        self.database.execute("insert or replace into topics values (?, ?, ?)", row)

    def _load(self):
        for account, region, name, state in self.database.execute("select * from queues order by rowid"):
            queue = Queue.__new__(Queue)
            vars(queue).update(vars(Queue("empty", region, account)), **pickle.loads(state))
            self.backend("sqs", account, region).queues[name] = queue
            self._saved[account, region, name] = {}
        for account, region, name, id, state in self.database.execute("select * from messages order by rowid"):
            message, pending = pickle.loads(state)
            queue = self.backend("sqs", account, region).queues[name]
            queue._messages.append(message)
            if pending:
                queue.pending_messages.add(message)
            self._saved[account, region, name][id] = (pending, message.visible_at, message.receipt_handle)
        for queues in (backend.queues for regions in sqs_backends.values() for backend in regions.values()):
            for queue in queues.values():
                if queue.redrive_policy:
                    target = queue.redrive_policy["deadLetterTargetArn"].rpartition(":")[2]
                    queue.dead_letter_queue = queues.get(target)
        for account, region, state in self.database.execute("select * from topics"):
            backend = self.backend("sns", account, region)
            backend.topics, backend.subscriptions = _Unpickler(io.BytesIO(state), self).load()

    @staticmethod
    def _forget():
        """moto keeps its state in the module: one engine per process."""
        sqs_backends.clear()
        sns_backends.clear()


def account_of(project):
    return f"project-{project}"


class _Pickler(pickle.Pickler):
    """Topics refer to their backend, which is named instead."""

    def persistent_id(self, thing):
        return (thing.account_id, thing.region_name) if isinstance(thing, SNSBackend) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file, engine):
        super().__init__(file)
        self.engine = engine

    def persistent_load(self, named):
        return self.engine.backend("sns", *named)
