"""NATS accounts, and the credentials of their users."""

import hashlib

from ... import errors
from ...collection import Collection

ACCOUNT_ID_LENGTH = 56


class NatsAccounts(Collection):
    """An account is its public key, and known to the server as long as it exists."""

    path = "/mnq/v1beta1/regions/{region}/nats-accounts"
    noun = "nats_account"
    resource = "namespace"
    common = ("name", "project_id", "created_at", "updated_at", "region")
    mutable = ("name",)

    def _create(self, call):
        self.machines.nats.start()  # the first time takes as long as an image and a server do; no lock is held yet
        return super()._create(call)

    def shape(self, body):
        account, seed = self.machines.nats.new_account(body.get("name", ""))
        return {"id": account, "_seed": seed, "endpoint": self.settings.nats_url}

    def fetch(self, id, scope=None):
        if len(id) != ACCOUNT_ID_LENGTH:
            help_message = f"value length must be {ACCOUNT_ID_LENGTH} runes"
            raise errors.invalid_argument("nats_account_id", "constraint", help_message)
        return super().fetch(id, scope)

    def resumed(self, account):
        self.machines.nats.start()

    def remove(self, account):
        credentials = self.service(NatsCredentials)
        for record in self.store.find(credentials.kind, nats_account_id=account["id"]):
            self.store.delete(credentials.kind, record["id"], record["_scope"])
        self.machines.nats.remove_account(account["id"])
        return super().remove(account)

    def publish(self, account: dict, *revoked: str):
        """Tell the server which users have no access any more, these among them."""
        account = self.change(account, _revoked=[*account.get("_revoked", ()), *revoked])
        self.machines.nats.put_account(account["_seed"], account["name"], account["_revoked"])


class NatsCredentials(Collection):
    """The file of a user of an account, told once."""

    path = "/mnq/v1beta1/regions/{region}/nats-credentials"
    noun = plural = "nats_credentials"
    resource = "credentials"
    operations = ("list", "get", "create", "delete")
    common = ("id", "name", "created_at", "updated_at", "region")
    required = ("nats_account_id",)
    filters = {
        "project_id": lambda record, values: record["_project_id"] in values,
        "nats_account_id": lambda record, values: record["nats_account_id"] in values,
    }

    def shape(self, body):
        account = self.service(NatsAccounts).fetch(body["nats_account_id"], body["region"])
        user, content = self.machines.nats.new_user(account["_seed"], body.get("name", ""))
        return super().shape(body) | {
            "checksum": hashlib.sha1(content.encode()).hexdigest(),
            "credentials": None,
            "_content": content,
            "_user": user,
            "_project_id": account["project_id"],
        }

    def present(self, record, verb):
        shown = super().present(record, verb)
        if verb == "create":
            shown["credentials"] = {"name": "user.creds", "content": record["_content"]}
        return shown

    def add(self, body):
        record = super().add(body)
        self.change(record, _content="")  # it is in the answer, and nowhere else
        return record

    def remove(self, record):
        accounts = self.service(NatsAccounts)
        accounts.publish(accounts.fetch(record["nats_account_id"]), record["_user"])
        return super().remove(record)
