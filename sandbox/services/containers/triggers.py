"""Triggers: what calls a container besides its visitors: a schedule, a queue, a subject of NATS."""

from zoneinfo import ZoneInfo

from croniter import croniter

from ... import errors
from ...collection import equals
from ...machines.serverless import Cron, Nats, Sqs, Target
from .containers import Containers
from .deployed import Deployed

SOURCES = {
    "cron_config": ("schedule", "timezone", "body", "headers"),
    "sqs_config": ("region", "endpoint", "access_key_id", "secret_access_key", "queue_url"),
    "nats_config": ("server_urls", "subject", "credentials_file_content"),
}
SECRETS = ("secret_access_key", "credentials_file_content")
METHODS = ("get", "post", "put", "patch", "delete")


class Triggers(Deployed):
    path = "/containers/v1/regions/{region}/triggers"
    noun = "trigger"
    kind = "containers.trigger"
    common = ("id", "name", "created_at", "updated_at")
    inside = {"container_id": Containers}
    required = ("container_id", "name")
    mutable = ("name", "description", "tags")
    defaults = {
        "description": "",
        "tags": [],
        "destination_config": {"http_path": "/", "http_method": "post"},
        "_secrets": {},
    }
    filters = {
        "container_id": equals("container_id"),
        "namespace_id": equals("_namespace_id"),
        "project_id": equals("_project_id"),
        "organization_id": equals("_organization_id"),
        "trigger_type": equals("source_type"),
    }

    def shape(self, body):
        container = self.service(Containers).fetch(body["container_id"], body["region"])
        given = [source for source in SOURCES if body.get(source) is not None]
        if len(given) != 1:
            raise errors.invalid_argument(
                "source_config", "required", "give one of cron_config, sqs_config, nats_config"
            )
        return (
            super().shape(body)
            | self._configured({"source_type": given[0].removesuffix("_config")}, body)
            | {f"_{field}": container[f"_{field}"] for field in ("project_id", "organization_id")}
            | {"_namespace_id": container["namespace_id"]}
        )

    def revise(self, trigger, body):
        own = f"{trigger['source_type']}_config"
        if foreign := [source for source in SOURCES if source != own and body.get(source)]:
            raise errors.invalid_argument(
                foreign[0], "constraint", f"the source of this trigger is {trigger['source_type']}"
            )
        changes = {
            field: value
            for field, value in self._configured(trigger, body).items()
            if field == "_secrets" or value != trigger.get(field)
        }
        return super().revise(trigger, body) | changes | ({"status": "updating"} if changes else {})

    def _configured(self, trigger: dict, body: dict) -> dict:
        """The fields that follow from a body; what it leaves out of a configuration stays as it is."""
        fields, own = {"source_type": trigger["source_type"]}, f"{trigger['source_type']}_config"
        if body.get("destination_config"):
            given = {
                name: value for name, value in body["destination_config"].items() if value and "unknown" not in value
            }
            fields["destination_config"] = (
                trigger.get("destination_config") or self.defaults["destination_config"]
            ) | given
            if fields["destination_config"]["http_method"] not in METHODS:
                allowed = f"must be one of {', '.join(METHODS)}"
                raise errors.invalid_argument("destination_config.http_method", "constraint", allowed)
        if body.get(own):
            given = {name: body[own][name] for name in SOURCES[own] if body[own].get(name) is not None}
            empty = {"headers": {}, "body": ""} if own == "cron_config" else {}
            config = (
                empty | trigger.get(own, {}) | {name: value for name, value in given.items() if name not in SECRETS}
            )
            secrets = {name: value for name, value in given.items() if name in SECRETS}
            if secrets:
                fields["_secrets"] = secrets
            self._check(own, config | trigger.get("_secrets", {}) | secrets)
            fields[own] = config
        return fields

    @staticmethod
    def _check(source: str, config: dict):
        for name in SOURCES[source]:
            if config.get(name) in (None, "", []) and name not in ("body", "headers"):
                raise errors.invalid_argument(f"{source}.{name}", "required", "is required")
        if source == "cron_config":
            if not croniter.is_valid(config["schedule"]) or len(config["schedule"].split()) != 5:
                raise errors.invalid_argument("cron_config.schedule", "format", "must be a UNIX cron schedule")
            try:
                ZoneInfo(config["timezone"])
            except (KeyError, ValueError, OSError):
                raise errors.invalid_argument("cron_config.timezone", "unknown", "is not a time zone") from None

    def deploy(self, trigger):
        self.machines.serverless.watch(trigger["id"], self.source(trigger), self.target(trigger))

    def updated(self, trigger, changes):
        return self.outcome(trigger) if changes.get("status") else None

    def stopped(self, trigger):
        self.machines.serverless.unwatch(trigger["id"])

    @staticmethod
    def target(trigger: dict) -> Target:
        destination = trigger["destination_config"]
        return Target(trigger["container_id"], destination["http_method"].upper(), destination["http_path"])

    @staticmethod
    def source(trigger: dict) -> Cron | Sqs | Nats:
        kinds = {"cron": Cron, "sqs": Sqs, "nats": Nats}
        config = trigger[f"{trigger['source_type']}_config"] | trigger["_secrets"]
        return kinds[trigger["source_type"]](**config)
