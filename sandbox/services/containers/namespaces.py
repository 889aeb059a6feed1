"""Namespaces: containers that have environment variables in common."""

from ...collection import Collection
from .environment import environment


class Namespaces(Collection):
    path = "/containers/v1/regions/{region}/namespaces"
    noun = "namespace"
    kind = "containers.namespace"
    required = ("name",)
    mutable = ("description", "tags")
    defaults = {
        "description": "",
        "tags": [],
        "environment_variables": {},
        "secret_environment_variables": {},
        "_secrets": {},
    }
    formats = {"name": r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"}
    initial, deleting, delete_code = "creating", "deleting", 200
    busy = ("deleting",)

    def shape(self, body):
        return super().shape(body) | environment({}, body)

    def revise(self, namespace, body):
        changes = environment(namespace, body)
        return super().revise(namespace, body) | changes | ({"status": "updating"} if changes else {})

    def updated(self, namespace, changes):
        if changes.get("status"):
            from .containers import Containers  # they refer to namespaces

            containers = self.service(Containers)
            for container in containers.of(namespace):
                containers.roll_out(container)
        return {"status": "ready"} if changes.get("status") else None

    def resumed(self, namespace):
        """Its containers are deployed again whenever the sandbox starts."""
        return {"status": "ready"} if namespace["status"] in ("creating", "updating") else None

    def stopped(self, namespace):
        from .containers import Containers
        from .tokens import Tokens

        for kind in (Containers, Tokens):
            self.service(kind).forget(namespace_id=namespace["id"])
