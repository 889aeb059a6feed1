# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pipelines of Edge Services with their stages: edge_services/v1beta1.

A pipeline and its stages are one resource here. A stage has no name, is of no use alone, and refers to the next one by an id
that only its creation tells: as resources of their own they could be told apart by their order only, and check mode could not
follow them. Declared as a whole, the chain is compared, predicted and built as what it is.
"""

from __future__ import annotations

import itertools
import time

from ..errors import ResourceError
from ..formats import domain
from ..resource import Reference, Resource
from ..values import UNKNOWN

CHAIN = ("dns", "tls", "cache", "waf", "backend")
"""In the order in which a request passes them. Each names the next one that there is."""
FOLLOWING = {
    "dns": ("tls", "cache", "backend"),
    "tls": ("cache", "waf", "backend"),
    "cache": ("waf", "backend"),
    "waf": ("backend",),
}
FIELDS = {
    "dns": ("fqdns", "wildcard_domain", "full_private"),
    "tls": ("managed_certificate", "secrets"),
    "cache": ("fallback_ttl", "include_cookies"),
    "waf": ("mode", "paranoia_level"),
    "backend": ("scaleway_s3", "scaleway_lb", "scaleway_serverless_container", "scaleway_serverless_function"),
}
"""What of a stage is an option."""
SECONDS_BETWEEN_LOOKS = (1, 15)  # at first, and at most


def without_none(value):
    return {key: item for key, item in value.items() if item is not None}


class Pipeline(Resource):
    api = "edge_services.v1beta1.EdgeServicesV1Beta1API"
    noun = "pipeline"
    methods = {"list": "list_pipelines_with_stages", "purge": "create_purge_request", "get_purge": "get_purge_request"}
    ready = {"ready", "warning"}
    failed = {"error", "locked"}
    deleted_at_once = True
    write_only = {"verify", "assets"}
    create_with = {"description": ""}

    def __init__(self, client, params, *, check_mode=False):
        super().__init__(client, params, check_mode=check_mode)
        for kind in CHAIN:
            if kind in self.options:
                self.options[kind] = without_none(self.options[kind])

    # What is given ------------------------------------------------------------------

    def check_options(self):
        super().check_options()
        for name in self.options.get("dns", {}).get("fqdns") or []:
            if fault := domain(name):
                raise ResourceError(f"dns.fqdns: {fault}", field="dns")
        backend = self.options.get("backend")
        if backend is not None and len(backend) != 1:
            raise ResourceError(f"backend: give one of {', '.join(FIELDS['backend'])}", field="backend")
        for config, needed in (("scaleway_s3", "bucket_name"), ("scaleway_lb", "id"), ("scaleway_lb", "frontend_id")):
            if config in (backend or {}) and not backend[config].get(needed):
                raise ResourceError(f"backend.{config}.{needed}: needed", field="backend")
        waf = self.options.get("waf")
        if waf and "paranoia_level" not in waf:
            raise ResourceError("waf.paranoia_level: needed, from 1 to 4", field="waf")
        tls = self.options.get("tls")
        if tls and bool(tls.get("managed_certificate")) == bool(tls.get("secrets")):
            raise ResourceError("tls: give either managed_certificate: true or secrets", field="tls")
        assets = self.options.get("assets")
        if assets and (relative := [path for path in assets if not path.startswith("/")]):
            raise ResourceError(f"assets: {relative[0]!r} is no path such as /logo.png", field="assets")

    def resolve_references(self):
        super().resolve_references()
        secret = Reference(
            "secret.v1beta1.SecretV1Beta1API", "list_secrets", "secret", given={"scheduled_for_deletion": False}
        )
        for each in self.options.get("tls", {}).get("secrets") or []:
            each["region"] = each.get("region") or self.client.credentials.region
            each["secret_id"] = self.resolve("tls.secrets", secret, each["secret_id"])
        backend = self.options.get("backend") or {}
        if bucket := backend.get("scaleway_s3"):
            bucket["bucket_region"] = bucket.get("bucket_region") or self.client.credentials.region
        for config in FIELDS["backend"][2:]:
            if config in backend:
                backend[config]["region"] = backend[config].get("region") or self.client.credentials.region
        if balancer := backend.get("scaleway_lb"):
            balancer["zone"] = balancer.get("zone") or self.client.credentials.zone

    # What is there ------------------------------------------------------------------

    def read_answer(self, answer):
        return self.read(answer) if isinstance(answer, dict) and "pipeline" in answer else answer

    def read(self, answer):
        """{pipeline, <kind>_stages[]} -> the pipeline with its stages as options; `stages` has them as they are."""
        stages = {kind: {stage["id"]: stage for stage in answer.get(f"{kind}_stages") or []} for kind in CHAIN}
        chain, kind = {}, "dns"
        head = next((id for id, stage in stages["dns"].items() if stage.get("default_fqdn")), None)
        id = head or next(iter(stages["dns"]), None)
        while id and (stage := stages[kind].get(id)):
            chain[kind] = stage
            kind = next((each for each in CHAIN if stage.get(f"{each}_stage_id")), "")
            id = kind and stage[f"{kind}_stage_id"]
        record = answer["pipeline"] | {
            kind: self.options_of(kind, chain[kind]) if kind in chain else {} for kind in CHAIN
        }
        default = chain.get("dns", {}).get("default_fqdn", "")
        return record | {"stages": chain, "default_fqdn": default, "_all": stages, "_head": head}

    @staticmethod
    def options_of(kind, stage):
        found = {field: stage[field] for field in FIELDS[kind] if stage.get(field) is not None}
        if balancer := found.get("scaleway_lb"):
            found["scaleway_lb"] = balancer["lbs"][0]
        return found

    def get(self, record):
        found = super().get(record)
        if found is None:
            return None
        same_name = self.list(project_id=found["project_id"], name=found["name"])
        return next((each for each in same_name if each["id"] == record["id"]), None)

    def reason(self, record):
        return "; ".join(f"{error['code']}: {error['message']}" for error in record.get("errors") or [])

    # Plan ---------------------------------------------------------------------------

    def plan(self, current):
        changes = super().plan(current)
        if self.params.get("state") == "purged":
            changes["purged"] = self.options.get("assets", ["everything"])
        if self.options.get("verify") and current["status"] != "ready":
            changes["status"] = "ready"
        self.check_chain(self.wanted(current))
        return changes

    def differs(self, option, current):
        if option in CHAIN and bool(self.options[option]) != bool(current.get(option)):
            return bool(self.options[option]) or option not in ("dns", "backend")  # these two are always there
        return super().differs(option, current)

    def wanted(self, current):
        """{kind: options} of every stage that there is to be."""
        kinds = {kind: self.options.get(kind, current.get(kind)) for kind in CHAIN}
        return {kind: given for kind, given in kinds.items() if given or kind in ("dns", "backend")}

    def check_chain(self, wanted):
        kinds = list(wanted)
        for kind, after in itertools.pairwise(kinds):
            if after not in FOLLOWING[kind]:
                raise ResourceError(f"{after}: needs a stage tls or cache before it", field=after)

    def creation(self):
        if self.params.get("state") == "purged":
            raise ResourceError(
                f"name: {self.title()} does not exist, so that nothing of it can be purged", field="name"
            )
        if not self.options.get("backend"):
            raise ResourceError(f"backend: needed to create {self.title()}", field="backend")
        self.check_chain(self.wanted({}))
        return super().creation()

    def predict(self):
        return {
            "default_fqdn": UNKNOWN,
            "status": "ready" if self.options.get("verify") else UNKNOWN,
        } | super().predict()

    # Apply --------------------------------------------------------------------------

    def create(self):
        found = super().create()
        current = self.get(found) or self.read({"pipeline": found})
        self.build(current)
        if self.options.get("verify"):
            self.await_ready(current)
        return found

    def update(self, current, changes):
        if own := {option: changes[option] for option in ("name", "description") if option in changes}:
            super().update(current, own)
        if changes.keys() & set(CHAIN) or not current["_head"]:
            self.build(current)
        if "purged" in changes:
            self.purge(current)
        if "status" in changes:
            self.await_ready(current)

    def build(self, current):
        """Make the chain what it is to be, from its end, so that no stage names one that is not there yet."""
        after, wanted = {}, self.wanted(current)
        for kind in reversed(wanted):
            given, stage = wanted[kind], current["stages"].get(kind) or next(iter(current["_all"][kind].values()), None)
            after = {f"{kind}_stage_id": self.have(current, kind, given, after, stage)}
        head, dns = current["_head"], after["dns_stage_id"]
        if head != dns:
            change = (
                {"swap_head_stage": {"new_stage_id": dns, "current_stage_id": head}}
                if head
                else {"add_new_head_stage": {"new_stage_id": dns}}
            )
            self.client.create(
                lambda: found if (found := self.get(current))["_head"] == dns else None,
                lambda: self.client.call(
                    self.api, "set_head_stage", repeatable=False, pipeline_id=current["id"], **change
                ),
            )
        for kind, stages in current["_all"].items():
            if kind not in wanted:
                for id in stages:
                    self.client.call(self.api, f"delete_{kind}_stage", **{f"{kind}_stage_id": id})

    def have(self, current, kind, given, after, stage):
        """The id of a stage that is as it was given and is followed by `after`."""
        fields = {name: value for name, value in given.items() if name in FIELDS[kind]}
        if balancer := fields.get("scaleway_lb"):
            fields["scaleway_lb"] = {"lbs": [balancer]}
        if stage is None:
            fields |= {"pipeline_id": current["id"]} | after
            made = self.client.create(
                lambda: next(iter(self.get(current)["_all"][kind].values()), None),
                lambda: self.client.call(self.api, f"create_{kind}_stage", repeatable=False, **fields),
            )
            return made["id"]
        same = self.project(fields, {name: stage.get(name) for name in fields}) == fields
        if same and all(stage.get(field) == id for field, id in after.items()):
            return stage["id"]
        if "secrets" in fields:
            fields["tls_secrets_config"] = {"tls_secrets": fields.pop("secrets")}
        if kind == "backend":
            fields["pipeline_id"] = current["id"]
        self.client.call(self.api, f"update_{kind}_stage", **{f"{kind}_stage_id": stage["id"]}, **fields, **after)
        return stage["id"]

    def purge(self, current):
        what = {"assets": self.options["assets"]} if self.options.get("assets") else {"all": True}
        request = self.client.call(self.api, "create_purge_request", pipeline_id=current["id"], **what)
        while request["status"] == "pending":
            if time.monotonic() > self.client.deadline:
                raise ResourceError(f"{self.title()}: the purge is still pending", state="pending")
            time.sleep(SECONDS_BETWEEN_LOOKS[0] / 2)
            request = self.client.call(self.api, "get_purge_request", purge_request_id=request["id"])
        if request["status"] != "done":
            raise ResourceError(
                f"{self.title()}: the purge ended in state {request['status']!r}", state=request["status"]
            )

    def await_ready(self, current):
        """Wait until nothing is wrong with the pipeline. Raises ResourceError with the API's own words."""
        pause, longest = SECONDS_BETWEEN_LOOKS
        while (now := self.wait(current))["status"] != "ready":
            if time.monotonic() + pause > self.client.deadline:
                faults = "; ".join(error["message"] for error in now["errors"]) or now["status"]
                raise ResourceError(
                    f"{self.title()} is not ready: {faults} (mend that, or raise wait_timeout)", state=now["status"]
                )
            time.sleep(pause)
            pause = min(pause * 1.5, longest)

    def report(self, record):
        hidden = ("_all", "_head", "verify", "assets", "purged")
        return record and {name: value for name, value in record.items() if name not in hidden}
