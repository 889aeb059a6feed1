# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Triggers of Serverless Containers: containers/v1."""

from __future__ import annotations

from ..containers import CONTAINER, NAMESPACE
from ..errors import ResourceError
from ..resource import Resource

SOURCES = {
    "cron_config": {"timezone": "UTC", "body": "", "headers": {}},
    "sqs_config": {},
    "nats_config": {},
}
"""What has a trigger, with what creation needs and the user may leave out."""
SECRETS = {"secret_access_key", "credentials_file_content"}


class ContainerTrigger(Resource):
    api = "container.v1.ContainerV1API"
    noun = "trigger"
    key = ("container_id", "name")
    references = {"namespace_id": NAMESPACE, "container_id": CONTAINER}
    ready = {"ready"}
    failed = {"error", "locked"}
    immutable = {"source_type"}
    secrets = {"sqs_config.secret_access_key", "nats_config.credentials_file_content"}
    write_only = {"namespace_id", "update_secret"}

    def __init__(self, client, params, *, check_mode=False):
        super().__init__(client, params, check_mode=check_mode)
        self.given = [source for source in SOURCES if source in self.options]
        for source in self.given:
            self.options[source] = {name: value for name, value in self.options[source].items() if value is not None}
        if self.given:
            self.options["source_type"] = self.given[0].removesuffix("_config")

    def check_options(self):
        super().check_options()
        if len(self.given) > 1:
            raise ResourceError(
                f"{', '.join(self.given)}: a trigger has one source: give one of them", fields=self.given
            )

    def settled(self, record):
        """One that failed may be mended: it takes changes."""
        return record["status"] == "error" or super().settled(record)

    def differs(self, option, current):
        if option in SOURCES:
            compared = {name: value for name, value in self.options[option].items() if name not in SECRETS}
            reported = current.get(option) or {}
            return any(_plain(reported.get(name)) != _plain(value) for name, value in compared.items())
        return super().differs(option, current)

    def plan(self, current):
        changes = super().plan(current)
        if "source_type" in changes:
            return changes
        source = next(iter(self.given), None)
        secret = source and self.options[source].keys() & SECRETS
        if source and (current["status"] == "error" or (secret and self.params.get("update_secret") == "always")):
            changes[source] = self.options[source]
        return changes

    def creation(self):
        if not self.given:
            raise ResourceError(
                f"cron_config, sqs_config, nats_config: one of them is needed to create {self.title()}",
                fields=list(SOURCES),
            )
        (source,) = self.given
        arguments = super().creation() | {source: SOURCES[source] | self.options[source]}
        wanted = {"http_path": "/", "http_method": "post"} | (self.options.get("destination_config") or {})
        arguments["destination_config"] = {name: value for name, value in wanted.items() if value is not None}
        needed = {"cron_config": ["schedule"], "sqs_config": ["region", "endpoint", "queue_url", "access_key_id", "secret_access_key"],
                  "nats_config": ["server_urls", "subject", "credentials_file_content"]}[source]  # fmt: skip
        if missing := [f"{source}.{name}" for name in needed if not arguments[source].get(name)]:
            raise ResourceError(f"{', '.join(missing)}: needed to create {self.title()}", fields=missing)
        return arguments

    def update(self, current, changes):
        super().update(current, {name: value for name, value in changes.items() if name != "source_type"})

    def shown(self, values):
        return {name: _without_secrets(value) for name, value in values.items() if name != "source_type"}

    def predict(self):
        return {name: _without_secrets(value) for name, value in super().predict().items()}

    def report(self, record):
        return record and {name: _without_secrets(value) for name, value in record.items()}


def _plain(value):
    """Nothing, however it is said."""
    return value or None


def _without_secrets(value):
    return {name: part for name, part in value.items() if name not in SECRETS} if isinstance(value, dict) else value
