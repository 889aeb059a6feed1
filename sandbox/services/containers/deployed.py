"""What containers, domains and triggers share: a user's mistake shows in their status."""

from ...collection import Collection
from ...machines.serverless import Refused


class Deployed(Collection):
    initial, deleting, delete_code = "creating", "deleting", 200
    busy = ("deleting",)

    def deploy(self, record: dict):
        """Make real what the record says. Raises Refused with what is wrong with it."""
        raise NotImplementedError

    def started(self, record, body):
        return self.outcome(record)

    def resumed(self, record):
        return self.outcome(record)

    def outcome(self, record):
        try:
            self.deploy(record)
        except Refused as refusal:
            return {"status": "error", "error_message": str(refusal)}
        return {"status": "ready", "error_message": ""}

    def present(self, record, verb):
        shown = super().present(record, verb)
        if verb not in ("get", "list") or shown["status"] not in ("ready", "error"):
            shown.pop("error_message", None)
        return shown
