"""Rules of one's own: groups of PromQL that a data source of metrics evaluates, as Mimir's API manages them.

Clients ask the data source itself, whose gateway asks here; a client that cannot resolve its name may ask here, too. The
paths, and that an API key opens them, are those of Scaleway's documentation; answers are those of Mimir's.
"""

import yaml
from starlette.responses import PlainTextResponse, Response

from ...call import Call
from ...collection import Service, action
from .data_plane import RULE_GROUPS, publish
from .data_sources import REGIONAL, DataSources

ACCEPTED = (202, {"status": "success", "data": None, "errorType": "", "error": ""})


class RuleGroups(Service):
    path = f"{REGIONAL}/data-sources/{{source_id}}/prometheus/config/v1/rules"
    noun = "rule_group"

    @action("GET", "")
    def get_all(self, call: Call):
        return told(self._groups(call))

    @action("GET", "/{namespace}")
    def get_namespace(self, call: Call):
        return told(self._in_namespace(call))

    @action("GET", "/{namespace}/{group}")
    def get(self, call: Call):
        found = self._find(call)
        return as_yaml(found["group"]) if found else PlainTextResponse("group does not exist\n", 404)

    @action("POST", "/{namespace}", permits="write")
    def put(self, call: Call):
        source = self._source(call)
        try:
            group = yaml.safe_load(call.content)
        except yaml.YAMLError as error:
            return PlainTextResponse(f"unable to decode rule group payload: {error}\n", 400)
        if not isinstance(group, dict) or not group.get("name") or not group.get("rules"):
            return PlainTextResponse("invalid rules configuration: a rule group has a name and rules\n", 400)
        if not self.machines.cockpit.is_up():  # the first data source is being made
            return PlainTextResponse("not ready\n", 503)
        if fault := self.machines.cockpit.fault_of(group):
            return PlainTextResponse(f"{fault}\n", 400)
        record = {"project_id": source["project_id"], "source_id": source["id"], "_scope": scope_of(source)}
        record |= {"namespace": call.params["namespace"], "group": group}
        self.store.put(RULE_GROUPS, record["_scope"], self._id(call, group["name"]), record)
        publish(self)
        return ACCEPTED

    @action("DELETE", "/{namespace}")
    def delete_namespace(self, call: Call):
        return self._delete(self._in_namespace(call))

    @action("DELETE", "/{namespace}/{group}")
    def delete(self, call: Call):
        found = self._find(call)
        return self._delete([found] if found else [])

    def _delete(self, groups: list[dict]):
        if not groups:
            return PlainTextResponse("group does not exist\n", 404)
        for found in groups:
            self.store.delete(RULE_GROUPS, f"{found['namespace']}/{found['group']['name']}", found["_scope"])
        publish(self)
        return ACCEPTED

    def _source(self, call: Call) -> dict:
        """The data source, which has to be there, and of metrics."""
        sources = self.service(DataSources)
        source = sources.fetch(call.params["source_id"], call.params["region"])
        if source["type"] != "metrics":
            raise sources.not_found(source["id"])
        return source

    def _groups(self, call: Call) -> list[dict]:
        return self.store.all(RULE_GROUPS, scope_of(self._source(call)))

    def _in_namespace(self, call: Call) -> list[dict]:
        return [group for group in self._groups(call) if group["namespace"] == call.params["namespace"]]

    def _find(self, call: Call) -> dict | None:
        return self.store.get(RULE_GROUPS, self._id(call, call.params["group"]), scope_of(self._source(call)))

    @staticmethod
    def _id(call: Call, name: str) -> str:
        return f"{call.params['namespace']}/{name}"


def scope_of(source: dict) -> str:
    """Groups are in their data source, and go when it goes."""
    return f"{source['_scope']}/{source['id']}"


def told(groups: list[dict]) -> Response:
    return as_yaml(by_namespace(groups)) if groups else PlainTextResponse("no rule groups found\n", 404)


def by_namespace(records: list[dict]) -> dict[str, list[dict]]:
    """Groups as Mimir lists them: {namespace: [group]}."""
    found: dict[str, list[dict]] = {}
    for record in records:
        found.setdefault(record["namespace"], []).append(record["group"])
    return found


def as_yaml(content) -> Response:
    return Response(yaml.safe_dump(content, sort_keys=False), media_type="application/yaml")
