"""Containers: what they are made of, and when they are deployed again."""

import re

from ... import errors
from ...call import Call
from ...collection import REGIONS, action, equals
from ...machines.dns import Record
from ...machines.serverless import Probe, Revision
from ..ipam import Ips
from ..vpc import PrivateNetworks
from .deployed import Deployed
from .environment import environment
from .namespaces import Namespaces

DURATION = re.compile(r"(\d+)(?:\.(\d{1,9}))?s")
LONGEST_PREFIX = 20  # characters of the namespace's name in an endpoint
SCALING = ("concurrent_requests_threshold", "cpu_usage_threshold", "memory_usage_threshold")
PUBLIC_REGISTRY = re.compile(r"^rg\.[a-z-]+\.scw\.cloud/")
UNCHANGED = ("unknown_privacy", "unknown_protocol", "unknown_sandbox")


class Containers(Deployed):
    path = "/containers/v1/regions/{region}/containers"
    noun = "container"
    kind = "containers.container"
    common = ("id", "name", "created_at", "updated_at", "region")
    inside = {"namespace_id": Namespaces}
    required = ("namespace_id", "name", "image")
    mutable = (
        "image", "description", "tags", "min_scale", "max_scale", "memory_limit_bytes", "mvcpu_limit", "timeout", "privacy",
        "protocol", "port", "https_connections_only", "sandbox", "local_storage_limit_bytes", "scaling_option",
        "liveness_probe", "startup_probe", "command", "args",
    )  # fmt: skip
    defaults = {
        "description": "",
        "tags": [],
        "min_scale": 0,
        "max_scale": 5,
        "memory_limit_bytes": 2_048_000_000,
        "mvcpu_limit": 1000,
        "timeout": "300s",
        "privacy": "public",
        "protocol": "http1",
        "port": 8080,
        "https_connections_only": False,
        "sandbox": "v2",
        "local_storage_limit_bytes": 1_000_000_000,
        "scaling_option": {"concurrent_requests_threshold": 50},
        "liveness_probe": {"failure_threshold": 30, "interval": "10s", "timeout": "1s", "tcp": {}},
        "startup_probe": None,
        "command": [],
        "args": [],
        "environment_variables": {},
        "secret_environment_variables": {},
        "_secrets": {},
    }
    formats = {"name": r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "timeout": DURATION.pattern}
    enums = {
        "privacy": ("public", "private"),
        "protocol": ("http1", "h2c"),
        "sandbox": ("v1", "v2"),
    }
    filters = {
        "name": equals("name"),
        "namespace_id": equals("namespace_id"),
        "project_id": equals("_project_id"),
        "organization_id": equals("_organization_id"),
    }
    updating = "updating"

    # What is asked for ----------------------------------------------------------------------------------------------

    def _given(self, call):
        """What clients send for "leave it as it is" is left out."""
        body = super()._given(call)
        if "https_connection_only" in body:  # as an update calls it
            body["https_connections_only"] = body.pop("https_connection_only")
        return {field: value for field, value in body.items() if value not in UNCHANGED}

    def shape(self, body):
        namespace = self.service(Namespaces).fetch(body["namespace_id"], body["region"])
        if any(other["name"] == body["name"] for other in self.of(namespace)):
            raise errors.already_exists(self.resource, body["name"], "name is taken in this namespace")
        prefix = namespace["name"].replace("-", "")[:LONGEST_PREFIX] + namespace["id"][:8]
        host = f"{prefix}-{body['name']}.{domain(body['region'])}"
        fields = super().shape(body) | self._tidied(body) | environment({}, body)
        self._check(self.defaults | fields)
        return fields | {
            "namespace_id": namespace["id"],
            "public_endpoint": f"https://{host}",
            "_host": host,
            "_project_id": namespace["project_id"],
            "_organization_id": namespace["organization_id"],
        }

    def revise(self, container, body):
        fields = super().revise(container, body) | self._tidied(body) | environment(container, body)
        self._check(container | fields)
        return fields

    def _tidied(self, body):
        """Durations as the API writes them, one way to scale, the network that is meant (None: none)."""
        fields = {}
        if "timeout" in body:
            fields["timeout"] = tidy(body["timeout"], "timeout")
        for name in ("liveness_probe", "startup_probe"):
            if name in body:
                probe = self.defaults["liveness_probe"] | {"tcp": None} | body[name]
                fields[name] = {field: value for field, value in probe.items() if value is not None} | {
                    field: tidy(probe[field], f"{name}.{field}") for field in ("interval", "timeout")
                }
        if "scaling_option" in body:
            given = {name: value for name, value in body["scaling_option"].items() if name in SCALING and value}
            fields["scaling_option"] = given or self.defaults["scaling_option"]
        if "private_network_id" in body:
            network = body["private_network_id"]
            if network:
                self.service(PrivateNetworks).fetch(network, body["region"])
            fields["private_network_id"] = network or None
        return fields

    def _check(self, container):
        if container["min_scale"] > container["max_scale"]:
            raise errors.invalid_argument("min_scale", "constraint", "must not be greater than max_scale")
        if len(container["scaling_option"]) != 1:
            raise errors.invalid_argument("scaling_option", "constraint", "must have one threshold")
        if "concurrent_requests_threshold" not in container["scaling_option"] and container["min_scale"] < 1:
            raise errors.invalid_argument(
                "min_scale", "constraint", "must be at least 1 to scale by cpu or memory usage"
            )
        if not 1 <= container["port"] <= 65535:
            raise errors.invalid_argument("port", "constraint", "must be between 1 and 65535")

    def present(self, container, verb):
        shown = super().present(container, verb)
        if shown.get("private_network_id") is None:
            shown.pop("private_network_id", None)
        return shown

    def of(self, namespace: dict) -> list[dict]:
        return self.store.find(self.kind, namespace_id=namespace["id"])

    # What runs ------------------------------------------------------------------------------------------------------

    def deploy(self, container):
        address = self.machines.serverless.deploy(container["id"], self.revision(container))
        if not self.store.get(self.kind, container["id"]):  # it was deleted meanwhile
            self.machines.serverless.remove(container["id"])
        self.machines.dns.publish(domain(container["region"]), [Record("*", "A", address)])

    def updated(self, container, changes):
        return self.outcome(container)

    @action("POST", "/{id}/redeploy")
    def redeploy(self, container, call: Call):
        return self.answer(self.roll_out(container), "redeploy")

    def roll_out(self, container: dict) -> dict:
        """Deploy a container again, after the answer; the record as it is now."""
        container = self.change(container, status=self.updating)
        self.later(container, self.outcome)
        return container

    def revision(self, container: dict) -> Revision:
        """What its replicas should be like."""
        namespace = self.service(Namespaces).fetch(container["namespace_id"])
        variables = {}
        for source in (namespace, container):
            variables |= source["environment_variables"] | source["_secrets"]
        return Revision(
            image=container["image"],
            hosts=(container["_host"], *self.hostnames(container)),
            environment=variables,
            command=tuple(container["command"]),
            args=tuple(container["args"]),
            port=container["port"],
            scale=(container["min_scale"], container["max_scale"]),
            concurrency=container["scaling_option"].get("concurrent_requests_threshold"),
            memory=container["memory_limit_bytes"],
            mvcpu=container["mvcpu_limit"],
            timeout=seconds(container["timeout"]),
            private=container["privacy"] == "private",
            https_only=container["https_connections_only"],
            liveness=probe(container["liveness_probe"]),
            startup=probe(container["startup_probe"]),
            network=container.get("private_network_id"),
        )

    def hostnames(self, container: dict) -> list[str]:
        from .domains import Domains  # they refer to containers

        domains = self.store.find(Domains.kind, container_id=container["id"])
        return [domain["hostname"] for domain in domains if domain["status"] != "deleting"]

    def stopped(self, container):
        from .domains import Domains
        from .tokens import Tokens
        from .triggers import Triggers

        for kind in (Triggers, Domains, Tokens):
            self.service(kind).forget(container_id=container["id"])
        self.machines.serverless.remove(container["id"])

    # What a platform knows, see machines/serverless.py ---------------------------------------------------------------

    def prepare(self):
        self.machines.serverless.start(self, tuple(map(domain, REGIONS)))

    def locate(self, image: str) -> tuple[str, dict | None]:
        """Where Docker gets an image, and how it logs in there: an image of the registry's is told by either of its names."""
        registry = self.machines.registry
        path = PUBLIC_REGISTRY.sub("", image)
        if path == image and not image.startswith(f"{registry.host}/"):
            return image, None
        user, password = registry.platform
        return f"{registry.host}/{path.removeprefix(f'{registry.host}/')}", {"username": user, "password": password}

    def join(self, id: str, replica: str, network: str, mac: str) -> str:
        """An address in a private network for a replica of a container, with its prefix length."""
        name = self.fetch(id)["name"]
        owner = {"type": "serverless_container", "id": replica, "mac_address": mac.upper(), "name": name}
        return self.service(Ips).book(network, owner)["address"]

    def leave(self, replica: str):
        self.service(Ips).leave(replica)

    def permits(self, id: str, token: str) -> bool:
        """Whether somebody who sends this token may call a private container."""
        from .tokens import Tokens

        return self.service(Tokens).permits(self.fetch(id), token)


def domain(region: str) -> str:
    """What the endpoints of a region are below."""
    return f"functions.fnc.{region}.scw.cloud"


def seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))


def tidy(duration: str, name: str) -> str:
    """`300.500000000s` -> `300.5s`."""
    found = DURATION.fullmatch(str(duration))
    if not found:
        raise errors.invalid_argument(name, "format", "must be a duration in seconds, such as 10s")
    fraction = (found[2] or "").rstrip("0")
    return f"{found[1]}{'.' * bool(fraction)}{fraction}s"


def probe(given: dict | None) -> Probe | None:
    if given is None:
        return None
    path = (given.get("http") or {}).get("path")
    return Probe(given["failure_threshold"], seconds(given["interval"]), seconds(given["timeout"]), path)
