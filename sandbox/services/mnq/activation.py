"""Queues and topics are switched on, once per project and region."""

from ... import errors
from ...call import Call
from ...collection import Service


class Activation(Service):
    """Derive with a `protocol`. Its records are of kind `mnq.<protocol>_namespace`, one per project that is active."""

    noun = "namespace"
    protocol = ""

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self.kind = f"mnq.{self.protocol}_namespace"
        self.resource = f"Mnq{self.protocol.upper()}Namespace"

    def routes(self):
        yield self._route("GET", f"/{self.protocol}-info", self.info, "read")
        yield self._route("POST", f"/activate-{self.protocol}", self.activate, "write")
        yield self._route("POST", f"/deactivate-{self.protocol}", self.deactivate, "write")

    def is_active(self, project_id: str, region: str) -> bool:
        return self.store.get(self.kind, project_id, region) is not None

    def info(self, call: Call):
        project_id, region = self._where(call, call.argument("project_id"))
        return self._present(project_id, region)

    def activate(self, call: Call):
        project_id, region = self._where(call, call.body.get("project_id"))
        if not self.store.get("account.project", project_id):
            raise errors.permissions_denied("write", self.noun)
        with self.store.lock(self.kind, region, project_id), self.keeping(project_id):
            if self.is_active(project_id, region):
                help_message = f"{self.protocol.upper()} is already enabled on this project"
                raise errors.already_exists(self.resource, project_id, help_message)
            now = self.now()
            record = {"project_id": project_id, "_scope": region, "created_at": now, "updated_at": now}
            self.store.put(self.kind, region, project_id, record)
        return self._present(project_id, region)

    def deactivate(self, call: Call):
        project_id, region = self._where(call, call.body.get("project_id"))
        with self.store.lock(self.kind, region, project_id):
            if not self.is_active(project_id, region):
                raise errors.not_found(self.resource, project_id)
            if held := self.held(project_id, region):
                raise errors.precondition_failed("resource_still_in_use", f"there is still {', '.join(sorted(held))}")
            self.store.delete(self.kind, project_id, region)
        return self._present(project_id, region)

    def held(self, project_id: str, region: str) -> list[str]:
        """Names of what keeps it from being switched off."""
        raise NotImplementedError

    def _present(self, project_id: str, region: str) -> dict:
        record = self.store.get(self.kind, project_id, region) or {}
        return {
            "project_id": project_id,
            "region": region,
            "status": "enabled" if record else "disabled",
            f"{self.protocol}_endpoint_url": self.settings.messaging_url,
            "created_at": record.get("created_at"),
            "updated_at": record.get("updated_at"),
        }

    def _where(self, call: Call, project_id: str | None) -> tuple[str, str]:
        region, project_id = call.params["region"], project_id or self.organization_id
        if not call.allows(project_id):
            raise errors.permissions_denied("read" if call.method == "GET" else "write", self.noun)
        return project_id, region


class Sqs(Activation):
    path = "/mnq/v1beta1/regions/{region}"
    protocol = "sqs"

    def held(self, project_id, region):
        return list(self.machines.messaging.queues(project_id, region))


class Sns(Activation):
    path = "/mnq/v1beta1/regions/{region}"
    protocol = "sns"

    def held(self, project_id, region):
        return self.machines.messaging.topics(project_id, region)
