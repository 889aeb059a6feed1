# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serverless Containers: containers/v1."""

from __future__ import annotations

from ..containers import NAMESPACE, WithEnvironment, as_sent, duration, seconds
from ..errors import ResourceError
from ..resource import Reference
from ..values import UNKNOWN

PROBES = ("liveness_probe", "startup_probe")
CHECKS = ("tcp", "http")


class Container(WithEnvironment):
    api = "container.v1.ContainerV1API"
    noun = "container"
    key = ("namespace_id", "name")
    references = {
        "namespace_id": NAMESPACE,
        "private_network_id": Reference("vpc.v2.VpcV2API", "list_private_networks", "private network"),
    }
    ready = {"ready"}
    failed = {"error", "locked"}
    ordered = {"command", "args"}
    write_only = {"pin_digest"}
    checks = {"timeout": duration}

    def read(self, answer):
        return answer | {"private_network_id": answer.get("private_network_id") or ""}

    def resolve(self, option, reference, value):
        return value and super().resolve(option, reference, value)  # "" is no private network

    def resolve_references(self):
        super().resolve_references()
        if self.options.get("pin_digest") and self.options.get("image"):
            self.options["image"] = self.pinned(self.options["image"])

    def check_options(self):
        super().check_options()
        for name in PROBES:
            probe = self.options.get(name) or {}
            given = [check for check in CHECKS if probe.get(check) is not None]
            if len(given) > 1:
                raise ResourceError(f"{name}: tcp and http exclude each other", field=name)
            for field in ("interval", "timeout"):
                if field in probe and probe[field] is not None and (fault := duration(probe[field])):
                    raise ResourceError(f"{name}.{field}: {fault}", field=f"{name}.{field}")
        scaling = {
            name: value for name, value in (self.options.get("scaling_option") or {}).items() if value is not None
        }
        if "scaling_option" in self.options and len(scaling) != 1:
            raise ResourceError("scaling_option: give one threshold", field="scaling_option")
        least, most = self.options.get("min_scale"), self.options.get("max_scale")
        if None not in (least, most) and least > most:
            raise ResourceError(f"min_scale: {least} is more than max_scale, which is {most}", field="min_scale")

    # The image ---------------------------------------------------------------------

    def pinned(self, image: str) -> str:
        """The reference of an image in Container Registry by its digest, as its tag leads there now."""
        repository, at, _digest = image.partition("@")
        if UNKNOWN in image:
            return UNKNOWN
        if at:
            return image
        repository, colon, tag = image.rpartition(":")
        if not colon or "/" in tag:
            repository, tag = image, "latest"
        api, region = "registry.v1.RegistryV1API", self.client.credentials.region
        namespaces = self.client.list(api, "list_namespaces", region=region)
        home = max(
            (each for each in namespaces if repository.startswith(f"{each['endpoint']}/")),
            key=lambda each: len(each["endpoint"]),
            default=None,
        )
        if home is None:
            raise ResourceError(
                f"image: {repository} is in no registry namespace of this project and region, so that its digest cannot "
                "be looked up (set pin_digest: false)",
                field="image",
            )
        name = repository.removeprefix(f"{home['endpoint']}/")
        images = self.client.list(api, "list_images", region=region, namespace_id=home["id"], name=name)
        for found in (each for each in images if each["name"] == name):
            for each in self.client.list(api, "list_tags", region=region, image_id=found["id"], name=tag):
                if each["name"] == tag:
                    return f"{repository}@{each['digest']}"
        if self.check_mode:
            return UNKNOWN  # it may be pushed by then
        raise ResourceError(f"image: {repository} has no tag {tag} (push it first)", field="image")

    # Plan --------------------------------------------------------------------------

    def settled(self, record):
        """One that failed may be mended: it takes changes."""
        return record["status"] == "error" or super().settled(record)

    def normalise(self, option, value):
        if option == "timeout" and value:
            return seconds(value)
        if option in PROBES and value:
            probe = {name: part for name, part in value.items() if part is not None}
            return probe | {name: seconds(probe[name]) for name in ("interval", "timeout") if name in probe}
        return super().normalise(option, value)

    def plan(self, current):
        changes = super().plan(current)
        if current["status"] == "error" and not changes:
            changes["image"] = self.options.get("image", current["image"])  # even an equal one is deployed again
        return changes

    # Apply -------------------------------------------------------------------------

    def creation(self):
        arguments = super().creation()
        return {name: value for name, value in self.sent(arguments).items() if value != ""}

    def update(self, current, changes):
        whole = {name: self.whole(current.get(name), changes[name]) for name in PROBES if changes.get(name)}
        sent = self.sent(changes | whole)
        if "https_connections_only" in sent:
            sent["https_connection_only"] = sent.pop("https_connections_only")  # as an update calls it
        super().update(current, sent)

    @staticmethod
    def whole(current, wanted):
        """A probe with what the user left out as it is."""
        wanted = {name: value for name, value in wanted.items() if value is not None}
        check = wanted if wanted.keys() & set(CHECKS) else (current or {"tcp": {}})
        kept = {name: value for name, value in (current or {}).items() if name not in CHECKS}
        return kept | wanted | {name: check[name] for name in CHECKS if check.get(name) is not None}

    @staticmethod
    def sent(values):
        """Durations as the API takes them, probes with one check."""
        values = dict(values)
        if values.get("timeout"):
            values["timeout"] = as_sent(values["timeout"])
        for name in PROBES:
            if probe := values.get(name):
                probe = {field: part for field, part in probe.items() if part is not None}
                probe |= {} if probe.keys() & set(CHECKS) else {"tcp": {}}
                probe.setdefault("failure_threshold", 30)
                values[name] = probe | {
                    field: as_sent(probe[field]) for field in ("interval", "timeout") if field in probe
                }
        return values
