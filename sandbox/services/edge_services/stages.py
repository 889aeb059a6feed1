"""Stages: each belongs to a pipeline, and names the one after it."""

import base64
import re

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ... import errors
from ...call import Call
from ...collection import Collection, action, equals
from ..domain import Zones
from ..secret import Secrets, Versions
from . import BASE, MISSING
from .pipelines import NEXT, Pipelines, fault

FQDN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
CONFIGS = ("scaleway_s3", "scaleway_lb", "scaleway_serverless_container", "scaleway_serverless_function")
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


class Stage(Collection):
    """Made and listed below its pipeline, and found by its id alone."""

    operations = ("get", "update", "delete")
    missing = MISSING
    common = ("id", "created_at", "updated_at")
    inside = {"pipeline_id": Pipelines}
    plural = "stages"
    status = ""
    following: tuple[str, ...] = ()
    """The fields of NEXT that this kind takes."""
    filters = {"pipeline_id": equals("pipeline_id")}

    def routes(self):
        yield from super().routes()
        nested = f"{BASE}/pipelines/{{pipeline_id}}/{self.path.rpartition('/')[2]}"
        yield self._served("GET", nested, self._list_in, "read")
        yield self._served("POST", nested, self._create_in, "create")

    def _list_in(self, call: Call):
        call.query["pipeline_id"] = [self.service(Pipelines).fetch(call.params["pipeline_id"])["id"]]
        return self._list(call)

    def _create_in(self, call: Call):
        body = self._given(call) | {"pipeline_id": self.service(Pipelines).fetch(call.params["pipeline_id"])["id"]}
        self._validate(body, self.required)
        return self.answer(self.add(body), "create")

    def shape(self, body):
        return super().shape(body) | {"pipeline_id": body["pipeline_id"]} | self._after(body, body["pipeline_id"])

    def revise(self, stage, body):
        changes, after = super().revise(stage, body), self._after(body, stage["pipeline_id"])
        if after:
            changes |= dict.fromkeys(self.following) | after
        return changes

    def _after(self, body: dict, pipeline_id: str) -> dict:
        """The field that names the next stage, if the body does."""
        after = {field: body[field] for field in NEXT if body.get(field)}
        if len(after) > 1 or after.keys() - set(self.following):
            raise errors.ApiError(400, f"one of {', '.join(self.following) or 'no stages'} can follow a {self.noun}")
        for field, id in after.items():
            self.found(field, id, pipeline_id)
        return after

    def found(self, field: str, id: str, pipeline_id: str):
        """Refuse the id of a stage that the pipeline does not have."""
        kind = next(kind for kind in Pipelines.stages() if f"{kind.noun}_id" == field)
        if self.service(kind).fetch(id)["pipeline_id"] != pipeline_id:
            raise self.not_found(id)

    def present(self, stage, verb):
        """A stage has a status once its pipeline has a head: docs/sandbox.md#edge-services."""
        shown = {field: value for field, value in super().present(stage, verb).items() if field not in NEXT or value}
        pipeline = self.store.get(Pipelines.kind, stage["pipeline_id"])
        if not (pipeline and pipeline["_head"]):
            return shown
        passed = [found["id"] for found in self.service(Pipelines).chain(pipeline).values()]
        active = stage["id"] in passed and pipeline["status"] == "ready"
        return shown | {"status": "active" if active else "inactive"}

    def add(self, body):
        stage = super().add(body)
        self._changed(stage)
        return stage

    def change(self, record, **fields):
        changed = super().change(record, **fields)
        self._changed(changed)
        return changed

    def remove(self, record):
        removed = super().remove(record)
        self._changed(record)
        return removed

    def _changed(self, stage: dict):
        """A pipeline in use serves what was changed."""
        pipeline = self.store.get(Pipelines.kind, stage["pipeline_id"])
        if pipeline and pipeline["_head"] and self.store.get(Dns.kind, pipeline["_head"]):
            self.service(Pipelines).deploy(pipeline)


class Dns(Stage):
    path = f"{BASE}/dns-stages"
    noun = "dns_stage"
    kind = "edge.dns_stage"
    mutable = ("fqdns", "wildcard_domain", "full_private")
    defaults = {"fqdns": []}
    following = ("tls_stage_id", "cache_stage_id", "backend_stage_id")
    filters = Stage.filters | {"fqdn": lambda stage, values: values[-1] in stage["fqdns"]}

    def present(self, stage, verb):
        pipeline = self.store.get(Pipelines.kind, stage["pipeline_id"])
        is_head = pipeline and pipeline["_head"] == stage["id"]
        default = self.service(Pipelines).default_fqdn(pipeline) if is_head else ""
        shown = super().present(stage, verb) | {"default_fqdn": default, "type": self._type(stage)}
        if is_head or "wildcard_domain" in stage or "full_private" in stage:
            shown = {"wildcard_domain": False, "full_private": False, "default_private_fqdn": ""} | shown
        return shown

    def _type(self, stage: dict) -> str:
        zones = [zone["_name"] for zone in self.store.all(self.service(Zones).kind)]
        if not stage["fqdns"]:
            return "auto"
        return "managed" if all(self._in(name, zones) for name in stage["fqdns"]) else "custom"

    @staticmethod
    def _in(name: str, zones: list[str]) -> bool:
        return any(name.endswith(f".{zone}") for zone in zones)

    def remove(self, record):
        pipelines = self.service(Pipelines)
        pipeline = self.store.get(Pipelines.kind, record["pipeline_id"])
        removed = super().remove(record)
        if pipeline and pipeline["_head"] == record["id"]:
            pipelines.deploy(pipelines.change(pipeline, _head=None))
        return removed

    def serviceable(self, stage: dict, target: str) -> tuple[list[str], list[dict]]:
        """Those of the names that lead to the pipeline, and what is wrong with the others."""
        names, faults = [], []
        for name in stage["fqdns"]:
            if problem := self._problem(stage, name, target):
                faults.append(fault(problem, "dns"))
            else:
                names.append(name)
        return names, faults

    def _problem(self, stage: dict, name: str, target: str) -> tuple[str, str] | None:
        others = [other for other in self.store.all(self.kind) if other["id"] != stage["id"]]
        if not FQDN.fullmatch(name):
            return "dns_invalid_format", f"{name} is not a domain name"
        if name.endswith(".scw.cloud"):
            return "dns_forbidden_scw_cloud", f"{name} is a name of Scaleway's"
        if name.count(".") == 1:
            return "dns_forbidden_root_domain", f"{name} is a root domain"
        if any(name in other["fqdns"] for other in others):
            return "dns_fqdn_already_in_use", f"{name} belongs to another pipeline"
        found = self.machines.dns.resolve(name, "CNAME")
        if not found:
            return "dns_cname_dont_exist", f"{name} has no CNAME record, it has to lead to {target}"
        if found[-1].rstrip(".") != target:
            return "dns_cname_resolve", f"{name} leads to {found[-1].rstrip('.')}, it has to lead to {target}"
        return None


class Tls(Stage):
    path = f"{BASE}/tls-stages"
    noun = "tls_stage"
    kind = "edge.tls_stage"
    mutable = ("managed_certificate",)
    defaults = {"secrets": [], "managed_certificate": False, "certificate_expires_at": None}
    following = ("cache_stage_id", "route_stage_id", "waf_stage_id", "backend_stage_id")
    filters = Stage.filters | {
        "secret_id": lambda stage, values: any(secret["secret_id"] in values for secret in stage["secrets"]),
        "secret_region": lambda stage, values: any(secret["region"] in values for secret in stage["secrets"]),
    }

    def shape(self, body):
        return super().shape(body) | self._secrets(body.get("secrets") or [])

    def revise(self, stage, body):
        given = (body.get("tls_secrets_config") or {}).get("tls_secrets")
        changes = super().revise(stage, body) | (self._secrets(given) if given is not None else {})
        if changes.get("managed_certificate"):
            changes["secrets"] = []
        elif changes.get("secrets"):
            changes["managed_certificate"] = False
        return changes

    def _secrets(self, given: list[dict]) -> dict:
        errors.require("secrets", given, "secret_id", "region")
        for secret in given:
            self.service(Secrets).fetch(secret["secret_id"], secret["region"])
        return {"secrets": [{"secret_id": secret["secret_id"], "region": secret["region"]} for secret in given]}

    def certificate(self, stage: dict) -> tuple[str | None, list[dict]]:
        """The certificate's chain and key in PEM that the secrets hold, or what is wrong with them."""
        texts = []
        for secret in stage["secrets"]:
            scope = f"{secret['region']}/{secret['secret_id']}"
            versions = [
                found for found in self.store.all(self.service(Versions).kind, scope) if found["status"] == "enabled"
            ]
            if not versions:
                return None, [fault(("tls_cert_deleted", f"secret {secret['secret_id']} has no version"), "tls")]
            texts.append(base64.b64decode(versions[-1]["_data"]).decode(errors="replace"))
        pem = "\n".join(texts)
        try:
            chain = x509.load_pem_x509_certificates(pem.encode())
            start = re.search(r"-----BEGIN [A-Z ]*PRIVATE KEY-----", pem)
            if not start:
                return None, [fault(("tls_key_missing", "the secret holds no private key"), "tls")]
            key = load_pem_private_key(pem[start.start() :].encode(), None)
        except ValueError as error:
            return None, [fault(("tls_cert_invalid_format" if texts else "tls_cert_missing", str(error)), "tls")]
        if key.public_key() != chain[0].public_key():
            return None, [fault(("tls_pair_mismatch", "the key does not belong to the certificate"), "tls")]
        return pem, []


class Cache(Stage):
    path = f"{BASE}/cache-stages"
    noun = "cache_stage"
    kind = "edge.cache_stage"
    mutable = ("fallback_ttl", "include_cookies")
    defaults = {"fallback_ttl": "3600s", "include_cookies": False}
    formats = {"fallback_ttl": r"\d+(\.0+)?s"}
    following = ("route_stage_id", "waf_stage_id", "backend_stage_id")

    def shape(self, body):
        return super().shape(body) | whole_seconds(body)

    def revise(self, stage, body):
        return super().revise(stage, body) | whole_seconds(body)


class Waf(Stage):
    path = f"{BASE}/waf-stages"
    noun = "waf_stage"
    kind = "edge.waf_stage"
    required = ("paranoia_level",)
    mutable = ("mode", "paranoia_level")
    defaults = {"mode": "enable"}
    enums = {"mode": ("disable", "log_only", "enable")}
    following = ("backend_stage_id",)

    def _validate(self, body, required=()):
        super()._validate(body, required)
        if body.get("paranoia_level", 1) not in range(1, 5):
            raise errors.ApiError(400, "paranoia_level must be between 1 and 4")


class Route(Stage):
    """`_rules` come first, in their order; what none of them matches goes to the stage after this one."""

    path = f"{BASE}/route-stages"
    noun = "route_stage"
    kind = "edge.route_stage"
    defaults = {"_rules": []}
    following = ("waf_stage_id", "backend_stage_id")

    @action("GET", "/{id}/route-rules")
    def list_rules(self, stage, call: Call):
        rules = self._numbered(stage, stage["_rules"])
        return {"route_rules": rules, "total_count": len(rules)}

    @action("PUT", "/{id}/route-rules")
    def set_rules(self, stage, call: Call):
        return self._set(stage, self._rules(stage, call))

    @action("POST", "/{id}/route-rules")
    def add_rules(self, stage, call: Call):
        at = call.body.get("after_position")
        at = (call.body.get("before_position") or len(stage["_rules"]) + 1) - 1 if at is None else at
        return self._set(stage, [*stage["_rules"][:at], *self._rules(stage, call), *stage["_rules"][at:]])

    def _set(self, stage: dict, rules: list[dict]):
        return {"route_rules": self._numbered(self.change(stage, _rules=rules), rules)}

    def _rules(self, stage: dict, call: Call) -> list[dict]:
        rules = []
        for given in call.body.get("route_rules") or []:
            after = self._after(given, stage["pipeline_id"])
            match = {key: value for key, value in (given.get("rule_http_match") or {}).items() if value is not None}
            if not after or set(match.get("method_filters") or []) - set(METHODS):
                raise errors.ApiError(400, "a rule needs a stage to go to, and methods that exist")
            rules.append({"rule_http_match": match} | after)
        return rules

    @staticmethod
    def _numbered(stage: dict, rules: list[dict]) -> list[dict]:
        return [rule | {"position": number, "route_stage_id": stage["id"]} for number, rule in enumerate(rules, 1)]


class Backend(Stage):
    path = f"{BASE}/backend-stages"
    noun = "backend_stage"
    kind = "edge.backend_stage"
    mutable = CONFIGS
    filters = Stage.filters | {
        "bucket_name": lambda stage, values: (stage.get("scaleway_s3") or {}).get("bucket_name") in values,
        "bucket_region": lambda stage, values: (stage.get("scaleway_s3") or {}).get("bucket_region") in values,
        "lb_id": lambda stage, values: any(
            lb["id"] in values for lb in (stage.get("scaleway_lb") or {}).get("lbs", [])
        ),
    }

    def shape(self, body):
        if len([config for config in CONFIGS if body.get(config)]) != 1:
            raise errors.ApiError(400, f"exactly one of {', '.join(CONFIGS)} is needed")
        return super().shape(body) | self._filled(body)

    def revise(self, stage, body):
        given = self._filled(body)
        return dict.fromkeys(CONFIGS) | given if given else {}

    def present(self, stage, verb):
        return {field: value for field, value in super().present(stage, verb).items() if field not in CONFIGS or value}

    @staticmethod
    def _filled(body: dict) -> dict:
        given = {config: body[config] for config in CONFIGS if body.get(config)}
        if bucket := given.get("scaleway_s3"):
            given["scaleway_s3"] = {"is_website": False} | bucket
        if balancer := given.get("scaleway_lb"):
            given["scaleway_lb"] = {
                "lbs": [lb | {"domain_name": lb.get("domain_name") or ""} for lb in balancer["lbs"]]
            }
        return given

    def origin(self, stage: dict) -> tuple[str | None, list[dict]]:
        """URL of what is behind, or what is wrong with it."""
        if bucket := stage.get("scaleway_s3"):
            kind = "s3-website" if bucket["is_website"] else "s3"
            port = self.settings.s3_url.rpartition(":")[2]
            return f"http://{bucket['bucket_name']}.{kind}.{bucket['bucket_region']}.scw.cloud:{port}", []
        problem = (
            "pipeline_configuration_failed",
            "the sandbox serves buckets only, see docs/sandbox.md#edge-services",
        )
        return None, [fault(problem, "backend", "runtime")]


def whole_seconds(body: dict) -> dict:
    """Go writes 3600s as 3600.000000000s."""
    return {"fallback_ttl": f"{int(float(body['fallback_ttl'][:-1]))}s"} if "fallback_ttl" in body else {}
