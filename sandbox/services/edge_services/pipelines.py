"""Pipelines: which stage comes first, whether the chain works, and what serves it."""

from ... import errors
from ...call import Call
from ...collection import Collection, Service, action, equals
from ...machines.dns import Record
from ...machines.edge import DOMAIN, Site
from ...machines.engine import EngineError
from . import BASE, MISSING

NEXT = ("tls_stage_id", "cache_stage_id", "route_stage_id", "waf_stage_id", "backend_stage_id")
"""Fields by which a stage names the one after it; it has one of them at most."""


class Pipelines(Collection):
    """`_head`: id of the DNS stage at which requests come in. A pipeline without one is of no use, and says so."""

    path = f"{BASE}/pipelines"
    noun = "pipeline"
    kind = "edge.pipeline"
    missing = MISSING
    common = ("id", "name", "project_id", "organization_id", "created_at", "updated_at")
    required = ("name",)
    mutable = ("name", "description")
    defaults = {"description": "", "vpc_endpoint_ids": [], "status": "warning", "errors": [], "_head": None}
    filters = {field: equals(field) for field in ("name", "project_id", "organization_id")}

    def present(self, pipeline, verb):
        shown = super().present(pipeline, verb)
        return shown if pipeline["_head"] else shown | {"status": "warning", "errors": [fault(MISSING_HEAD, "dns")]}

    def remove(self, pipeline):
        for kind in self.stages():
            for stage in self.of(pipeline, kind):
                self.store.delete(kind.kind, stage["id"], "")
        return super().remove(pipeline)

    def stopped(self, pipeline):
        self.machines.edge.remove(pipeline["id"])

    def resumed(self, pipeline):
        return self.deployed(pipeline)

    @staticmethod
    def stages() -> list[type[Collection]]:
        from . import stages  # they refer to pipelines

        return [stages.Dns, stages.Tls, stages.Cache, stages.Backend, stages.Waf, stages.Route]

    def of(self, pipeline: dict, kind: type[Collection]) -> list[dict]:
        """The pipeline's stages of a kind."""
        return self.store.find(kind.kind, pipeline_id=pipeline["id"])

    # Head -----------------------------------------------------------------------------------------------------------

    @action("GET", "/{id}/head-stages")
    def list_head_stages(self, pipeline, call: Call):
        found = [{"dns_stage_id": pipeline["_head"]}] if pipeline["_head"] else []
        return {"head_stages": found, "total_count": len(found)}

    @action("POST", "/{id}/set-head-stage")
    def set_head_stage(self, pipeline, call: Call):
        from .stages import Dns

        body, head = call.body, pipeline["_head"]
        asked = [name for name in ("add_new_head_stage", "swap_head_stage", "remove_head_stage") if body.get(name)]
        if len(asked) != 1:
            raise errors.ApiError(
                400, "exactly one of add_new_head_stage, swap_head_stage, remove_head_stage is needed"
            )
        change = body[asked[0]]
        known = change.get("current_stage_id") or change.get("remove_stage_id")
        if known and known != head:
            raise self.not_found(known)
        if asked == ["add_new_head_stage"] and head:
            raise errors.ApiError(400, "the pipeline has a head stage")
        head = change.get("new_stage_id")
        if head and self.service(Dns).fetch(head)["pipeline_id"] != pipeline["id"]:
            raise self.not_found(head)
        self.deploy(self.change(pipeline, _head=head))
        return {"head_stage": {"dns_stage_id": head} if head else {}}

    # What serves it -------------------------------------------------------------------------------------------------

    def deploy(self, pipeline: dict):
        """Serve the pipeline as it is now, after the answer."""
        self.later(self.change(pipeline, status="pending"), self.deployed)

    def deployed(self, pipeline):
        pipeline = self.store.get(self.kind, pipeline["id"])
        if pipeline is None:
            return None
        if not pipeline["_head"]:
            self.machines.edge.remove(pipeline["id"])
            return {"status": "warning", "errors": []}
        site, faults = self.site(pipeline)
        if site:
            try:
                deployed = self.machines.edge.deploy(site)
            except EngineError as error:
                return {"status": "error", "errors": [fault((BROKEN, str(error)), "unknown_stage", "runtime")]}
            self.machines.dns.publish(DOMAIN, [Record("*", "A", deployed.address)])
            self._note_expiry(pipeline, deployed.expires)
        return {"status": "warning" if faults else "ready", "errors": faults}

    def _note_expiry(self, pipeline: dict, expires):
        tls = self.chain(pipeline).get("tls")
        if tls and expires:
            moment = expires.isoformat().replace("+00:00", "Z")
            self.store.change("edge.tls_stage", tls["id"], certificate_expires_at=moment)

    def chain(self, pipeline: dict) -> dict[str, dict]:
        """The stages that a request passes, by their kind: `dns` first, `backend` last if the chain is whole."""
        found, noun, id = {}, "dns_stage", pipeline["_head"]
        by_noun = {kind.noun: kind.kind for kind in self.stages()}
        while id and (stage := self.store.get(by_noun[noun], id)):
            found[noun.removesuffix("_stage")] = stage
            noun, id = next(((field[:-3], stage[field]) for field in NEXT if stage.get(field)), ("", None))
        return found

    def default_fqdn(self, pipeline: dict) -> str:
        return f"{pipeline['id']}.{DOMAIN}" if pipeline["_head"] else ""

    def site(self, pipeline: dict) -> tuple[Site | None, list[dict]]:
        """What the data plane should serve (None: nothing can be), and what is wrong."""
        from .stages import Backend, Dns, Tls

        chain = self.chain(pipeline)
        if "backend" not in chain:
            return None, [
                fault(("pipeline_invalid_workflow", "the chain of stages does not end at a backend"), "backend")
            ]
        names, faults = self.service(Dns).serviceable(chain["dns"], self.default_fqdn(pipeline))
        tls, certificate = chain.get("tls"), None
        if names and not tls:
            faults.append(fault(("tls_cert_missing", "a custom domain needs a TLS stage"), "tls"))
        elif names and not tls["managed_certificate"]:
            certificate, wrong = self.service(Tls).certificate(tls)
            faults += wrong
        origin, wrong = self.service(Backend).origin(chain["backend"])
        faults += wrong
        if origin is None:
            return None, faults
        cache, waf = chain.get("cache"), chain.get("waf")
        return Site(
            id=pipeline["id"],
            default_name=self.default_fqdn(pipeline),
            names=tuple(names) if tls and (certificate or tls["managed_certificate"]) else (),
            certificate=certificate,
            origin=origin,
            cache_seconds=int(cache["fallback_ttl"][:-1]) if cache else None,
            include_cookies=bool(cache and cache["include_cookies"]),
            waf_mode=waf["mode"] if waf else "disable",
            paranoia_level=waf["paranoia_level"] if waf else 1,
        ), faults

    def look_again(self, pipeline: dict):
        """Faults may be mended by others: a record that was missing is there now."""
        if pipeline["_head"] and pipeline["status"] == "warning" and self.site(pipeline)[1] != pipeline["errors"]:
            self.deploy(pipeline)

    def _get(self, pipeline, call):
        self.look_again(pipeline)
        return super()._get(self.fetch(pipeline["id"]), call)


class PipelinesWithStages(Service):
    path = f"{BASE}/pipelines-stages"
    noun = "pipeline"

    @action("GET", "")
    def list(self, call: Call):
        pipelines = self.service(Pipelines)
        answer = pipelines._list(call)
        for pipeline in pipelines.store.all(pipelines.kind):
            pipelines.look_again(pipeline)
        return answer | {"pipelines": [self._whole(pipelines.fetch(found["id"])) for found in answer["pipelines"]]}

    def _whole(self, pipeline: dict) -> dict:
        pipelines, whole = self.service(Pipelines), {}
        for kind in pipelines.stages():
            stages = self.service(kind)
            whole[f"{kind.noun}s"] = [stages.present(stage, "list") for stage in pipelines.of(pipeline, kind)]
        return {"pipeline": pipelines.present(pipeline, "list")} | whole


class PurgeRequests(Collection):
    path = f"{BASE}/purge-requests"
    noun = "purge_request"
    kind = "edge.purge_request"
    missing = MISSING
    operations = ("list", "get", "create")
    common = ("id", "created_at", "updated_at")
    required = ("pipeline_id",)
    mutable = ("assets", "all")
    defaults = {"assets": [], "all": False, "_goes_with_project": True}
    initial, ready = "pending", "done"
    filters = {"pipeline_id": equals("pipeline_id"), "project_id": equals("_project_id")}

    def shape(self, body):
        if bool(body.get("assets")) == bool(body.get("all")):
            raise errors.ApiError(400, "either assets or all is needed")
        pipeline = self.service(Pipelines).fetch(body["pipeline_id"])
        return super().shape(body) | {"_project_id": pipeline["project_id"]}

    def started(self, request, body):
        self.machines.edge.purge(request["pipeline_id"], None if request["all"] else request["assets"])
        return super().started(request, body)


class Plans(Service):
    path = f"{BASE}/current-plan"
    noun = "plan"
    NAMES = ("starter", "professional", "advanced")

    @action("PATCH", "")
    def select(self, call: Call):
        project, name = self._project(call, call.body.get("project_id")), call.body.get("plan_name")
        if name not in self.NAMES:
            raise errors.ApiError(400, f"plan_name must be one of {', '.join(self.NAMES)}")
        self.store.put("edge.plan", "", project, {"plan_name": name, "_scope": ""})
        return {"plan_name": name}

    @action("GET", "/{project_id}")
    def get(self, call: Call):
        return {"plan_name": self._subscribed(call)[1]["plan_name"]}

    @action("DELETE", "/{project_id}")
    def delete(self, call: Call):
        self.store.delete("edge.plan", self._subscribed(call)[0], "")

    def _subscribed(self, call: Call) -> tuple[str, dict]:
        project = self._project(call, call.params["project_id"])
        if not (plan := self.store.get("edge.plan", project)):
            raise errors.ApiError(404, MISSING)
        return project, plan

    def _project(self, call: Call, project: str | None) -> str:
        project = project or self.organization_id
        if not self.store.get("account.project", project) or not call.allows(project):
            raise errors.permissions_denied(call.permission.rpartition(":")[2], "edge_services")
        return project


BROKEN = "pipeline_configuration_failed"
MISSING_HEAD = ("pipeline_missing_head_stage", "first (head) stage missing")


def fault(problem: tuple[str, str], stage: str, kind: str = "config") -> dict:
    """One entry of a pipeline's errors; `problem` is the API's code and a message."""
    code, message = problem
    return {"stage": stage, "code": code, "severity": "critical", "message": message, "type": kind}
