"""What containers, domains, triggers and tokens share."""

from ...collection import Collection
from ...machines.serverless import Refused


class Inside(Collection):
    """What goes with the container or namespace that it is in."""

    def forget(self, **fields):
        """Delete the records that have these values, at once."""
        for record in self.store.find(self.kind, **fields):
            self.stopped(record)
            self.store.delete(self.kind, record["id"], record["_scope"])


class Deployed(Inside):
    """A user's mistake shows in the status."""

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
        if shown["status"] not in ("ready", "error"):
            shown.pop("error_message", None)
        return shown
