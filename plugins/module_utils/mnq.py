# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of Messaging share: the state of queues (SQS) and topics (SNS), and the calls to their endpoints."""

from __future__ import annotations

import time

from .aws import Aws
from .errors import ApiError, ResourceError
from .resource import Resource
from .told_once import ToldOnce
from .values import UNKNOWN

PATIENCE, PAUSE = 30, 2  # seconds for which a project that is new to the service may be unknown to parts of it
PERMISSIONS = ("can_publish", "can_receive", "can_manage")
NAMES = {"sqs": "queues (SQS)", "sns": "topics (SNS)"}


def api_of(protocol: str) -> str:
    return f"mnq.v1beta1.MnqV1Beta1{protocol.capitalize()}API"


def patiently(client, call):
    """Make a call again that is refused because the activation has not reached every part of the service yet."""
    deadline = min(time.monotonic() + PATIENCE, client.deadline)
    while True:
        try:
            return call()
        except ApiError as error:
            if not _is_too_early(error) or time.monotonic() + PAUSE > deadline:
                raise
            time.sleep(PAUSE)


def _is_too_early(error: ApiError) -> bool:
    """404 on the resource `namespace`, or 403 on reading it: what is really gone or forbidden is called otherwise."""
    if error.status == 404:
        return error.details.get("resource") == "namespace"
    return error.status == 403 and {"action": "read", "resource": "namespace"} in (error.details.get("fields") or [])


def info(client, protocol: str) -> dict:
    """Whether queues or topics are active: {project_id, region, status, <protocol>_endpoint_url, ...}."""
    where = {"region": client.credentials.region, "project_id": client.credentials.project_id}
    return patiently(client, lambda: client.call(api_of(protocol), f"get_{protocol}_info", **where))


class Activation(Resource):
    """Derive with a `protocol`. There is one per project and region."""

    protocol: str
    key = ()
    id_field = "project_id"

    def observe(self):
        if self.client.credentials.project_id == UNKNOWN:
            return None
        found = info(self.client, self.protocol)
        return found if found["status"] == "enabled" else None

    def creation(self):
        return {}

    def predict(self):
        return {"project_id": self.client.credentials.project_id, f"{self.protocol}_endpoint_url": UNKNOWN}

    def create(self):
        try:
            self.switch("activate")
        except ApiError as error:
            if error.status != 409:  # somebody else, or a first try whose answer was lost, did it
                raise
        return info(self.client, self.protocol)

    def delete(self, current):
        try:
            self.switch("deactivate")
        except ApiError as error:
            if error.status != 404:
                raise

    def switch(self, verb: str):
        where = {"region": self.client.credentials.region, "project_id": self.client.credentials.project_id}
        self.client.call(api_of(self.protocol), f"{verb}_{self.protocol}", **where)


class Keys(ToldOnce):
    """Credentials of queues or topics. Derive with `api` and `noun`."""

    told = ("access_key", "secret_key")

    def __init__(self, client, params, **options):
        super().__init__(client, params, **options)
        if "permissions" in self.options:
            self.options["permissions"] = {name: bool(self.options["permissions"].get(name)) for name in PERMISSIONS}

    def call(self, verb, record=None, /, **fields):
        if verb != "get":
            return super().call(verb, record, **fields)
        return patiently(self.client, lambda: super(Keys, self).call(verb, record, **fields))


class Endpoint(Aws):
    """Queues or topics of a project and region, as the holder of `credentials` ({access_key, secret_key}) sees them."""

    hints = {
        "AccessDeniedException": "check credentials: they must be of this project and region, with the permission needed "
        "(can_manage for what a queue or topic is like)",
        "AccessDenied": "check credentials: they must be of this project and region, with the permission needed",
        "SignatureDoesNotMatch": "check credentials.secret_key: it is not the one of this access key",
    }
    unreachable = "no answer from {url}: {error} (check the network)"

    def __init__(self, client, service: str, keys: dict, found: dict):
        self.service, self.project_id = service, found["project_id"]
        super().__init__(client.credentials, found[f"{service}_endpoint_url"], keys["access_key"], keys["secret_key"])


class Held(Resource):
    """What is kept at an endpoint rather than in the API: queues, topics, subscriptions. Derive with a `protocol`."""

    protocol: str
    secrets = {"credentials.secret_key"}
    write_only = {"credentials"}

    def __init__(self, client, params, *, check_mode=False):
        super().__init__(client, params, check_mode=check_mode)
        self._aws: Endpoint | None = None

    def observe(self):
        self.require(self.key)
        keys = self.options["credentials"]
        unknown = UNKNOWN in (self.client.credentials.project_id, *keys.values())
        if unknown and not self.check_mode:
            raise ResourceError(f"{self.title()}: refers to something that only check mode predicted")
        if unknown:
            return None
        found = info(self.client, self.protocol)
        if found["status"] != "enabled":
            return None  # there are none
        self._aws = Endpoint(self.client, self.protocol, keys, found)
        return self.get(self.options)

    @property
    def aws(self) -> Endpoint:
        """Raises ResourceError where the protocol is not active, which only matters to those who want to create something."""
        if self._aws is None:
            where = f"project {self.client.credentials.project_id}, region {self.client.credentials.region}"
            raise ResourceError(
                f"{NAMES[self.protocol]} are not active in {where}: activate them with mnq_{self.protocol} first"
            )
        return self._aws

    def arn(self, name: str, service: str = "") -> str:
        return (
            f"arn:scw:{service or self.protocol}:{self.client.credentials.region}:project-{self.aws.project_id}:{name}"
        )

    def creation(self):
        return {}

    def shown(self, values):
        return super().shown({name: value for name, value in values.items() if name != "credentials"})

    def predict(self):
        return {name: value for name, value in super().predict().items() if name != "credentials"}
