"""Domains of the users' own, which lead to a container by a CNAME record."""

from ... import errors
from ...collection import equals
from .containers import Containers
from .deployed import Deployed


class Domains(Deployed):
    path = "/containers/v1/regions/{region}/domains"
    noun = "domain"
    kind = "containers.domain"
    common = ("id", "created_at", "updated_at")
    inside = {"container_id": Containers}
    required = ("container_id", "hostname")
    mutable = ("tags",)
    defaults = {"tags": []}
    filters = {
        "container_id": equals("container_id"),
        "namespace_id": equals("_namespace_id"),
        "project_id": equals("_project_id"),
        "organization_id": equals("_organization_id"),
    }

    def shape(self, body):
        container = self.service(Containers).fetch(body["container_id"], body["region"])
        hostname = body["hostname"].lower().rstrip(".")
        if self.store.find(self.kind, hostname=hostname):
            raise errors.already_exists(self.resource, hostname, "hostname is in use")
        if f"{container['_host']}." not in self.machines.dns.resolve(hostname, "CNAME"):
            message = f"must have a CNAME record that leads to {container['_host']}"
            raise errors.invalid_argument("hostname", "constraint", message)
        return super().shape(body) | {
            "hostname": hostname,
            **{f"_{field}": container[f"_{field}"] for field in ("project_id", "organization_id")},
            "_namespace_id": container["namespace_id"],
        }

    def deploy(self, domain):
        self.machines.serverless.add_host(domain["container_id"], domain["hostname"])

    def stopped(self, domain):
        self.machines.serverless.remove_host(domain["hostname"])
