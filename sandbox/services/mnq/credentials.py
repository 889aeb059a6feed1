"""Keys of queues and topics, and who an access key of their endpoint is."""

import hashlib
import secrets
import string

from ... import errors
from ...call import Call
from ...collection import Collection, Service, action
from ...machines.mnq.access import Caller
from .activation import Sns, Sqs

PERMISSIONS = ("can_publish", "can_receive", "can_manage")
ALPHANUMERIC = string.ascii_letters + string.digits
ACCESS_KEY_LENGTH, SECRET_KEY_LENGTH = 20, 64


class Credentials(Collection):
    """Derive with the `activation` that they belong to. The secret is told once; kept, it is what signatures are checked with."""

    activation: type[Service]
    resource = "credentials"
    common = ("id", "name", "project_id", "created_at", "updated_at", "region")
    mutable = ("name",)

    def shape(self, body):
        project_id, activation = body.get("project_id") or self.organization_id, self.service(self.activation)
        if not activation.is_active(project_id, body["region"]):
            raise errors.not_found(activation.resource, project_id)
        secret_key = random(SECRET_KEY_LENGTH)
        return {
            "access_key": random(ACCESS_KEY_LENGTH),
            "secret_key": "",
            "_secret_key": secret_key,
            "secret_checksum": hashlib.sha1(secret_key.encode()).hexdigest(),
            "permissions": dict.fromkeys(PERMISSIONS, False) | given_permissions(body),
        }

    def revise(self, record, body):
        return super().revise(record, body) | {"permissions": record["permissions"] | given_permissions(body)}

    def present(self, record, verb):
        shown = super().present(record, verb)
        return shown | ({"secret_key": record["_secret_key"]} if verb == "create" else {})


class SqsCredentials(Credentials):
    path = "/mnq/v1beta1/regions/{region}/sqs-credentials"
    noun = plural = "sqs_credentials"
    activation = Sqs


class SnsCredentials(Credentials):
    path = "/mnq/v1beta1/regions/{region}/sns-credentials"
    noun = plural = "sns_credentials"
    activation = Sns


class Messaging(Service):
    """The endpoint of queues and topics starts with the sandbox; the admin API tells where."""

    path = "/_sandbox/messaging"

    def prepare(self):
        if not self.settings.api_only:
            self.machines.engine.ensure_network()  # it listens on the bridge's gateway
        self.machines.messaging.start(self.caller)

    def caller(self, service: str, access_key: str) -> Caller | None:
        credentials = self.service({"sqs": SqsCredentials, "sns": SnsCredentials}[service])
        for record in self.store.find(credentials.kind, access_key=access_key):
            if self.service(credentials.activation).is_active(record["project_id"], record["region"]):
                allowed = frozenset(name for name, given in record["permissions"].items() if given)
                return Caller(record["_secret_key"], record["project_id"], record["region"], allowed)
        return None

    @action("GET", "")
    def overview(self, call: Call):
        return {"url": self.settings.messaging_url}


def given_permissions(body: dict) -> dict:
    """Those that a body says something of; null says nothing."""
    given = body.get("permissions") or {}
    return {name: bool(given[name]) for name in PERMISSIONS if given.get(name) is not None}


def random(length: int) -> str:
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(length))
