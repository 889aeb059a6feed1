"""Dashboards of a project's Grafana: as much of Grafana's API as manages and shows them. Shapes: Grafana's documentation.

Clients ask Grafana itself, whose gateway asks here; a client that cannot resolve its name may ask here, too. A key of the
API opens it, as Scaleway's documentation has it.
"""

import re
import uuid

from ...call import Call
from ...collection import Service, action
from .grafana import project_in

KIND = "cockpit.dashboard"
MISSING = (404, {"message": "Dashboard not found", "status": "not-found"})


class Dashboards(Service):
    path = "/cockpit/v1/projects/{project_id}/grafana/api"
    noun = "dashboard"

    @action("GET", "/search")
    def search(self, call: Call):
        tags = call.query.get("tag", [])
        found = [record for record in self._of(call) if set(tags) <= set(record["model"].get("tags") or [])]
        return 200, [
            {"id": record["number"], "uid": record["id"], "title": record["model"]["title"], "url": url(record)}
            | {"type": "dash-db", "tags": record["model"].get("tags") or [], "uri": f"db/{slug(record)}"}
            for record in sorted(found, key=lambda record: record["model"]["title"])
        ]

    @action("GET", "/dashboards/uid/{uid}")
    def get(self, call: Call):
        if (record := self._find(call, call.params["uid"])) is None:
            return MISSING
        own = {"id": record["number"], "uid": record["id"], "version": record["version"]}
        meta = {"slug": slug(record), "url": url(record), "folderUid": "", "folderTitle": "General"}
        return {"dashboard": record["model"] | own, "meta": meta | {"version": record["version"]}}

    @action("POST", "/dashboards/db", permits="write")
    def put(self, call: Call):
        project, model = project_in(self, call, call.params["project_id"]), call.body.get("dashboard") or {}
        if not isinstance(model, dict) or not all(isinstance(model.get(text) or "", str) for text in ("uid", "title")):
            return 400, {"message": "bad request data"}
        if not model.get("title"):
            return 400, {"message": "Dashboard title cannot be empty", "status": "empty-name"}
        uid = model.get("uid") or uuid.uuid4().hex[:14]
        if not re.fullmatch(r"[A-Za-z0-9_-]+", uid):
            return 400, {"message": "uid contains illegal characters", "status": "invalid-uid"}
        if len(uid) > 40:
            return 400, {"message": "uid too long, max 40 characters", "status": "invalid-uid"}
        with self.store.lock(KIND, project):
            before = self._find(call, uid)
            if before and not call.body.get("overwrite") and model.get("version") != before["version"]:
                message = "The dashboard has been changed by someone else"
                return 412, {"message": message, "status": "version-mismatch"}
            model = {name: value for name, value in model.items() if name not in ("id", "uid", "version")}
            number = before["number"] if before else 1 + max((each["number"] for each in self._of(call)), default=0)
            record = {"id": uid, "number": number, "model": model, "_scope": project}
            record |= {"version": before["version"] + 1 if before else 1}
            self.store.put(KIND, project, uid, record)
        told = {"id": number, "uid": uid, "url": url(record), "slug": slug(record)}
        return told | {"status": "success", "version": record["version"]}

    @action("DELETE", "/dashboards/uid/{uid}")
    def delete(self, call: Call):
        if (record := self._find(call, call.params["uid"])) is None:
            return MISSING
        self.store.delete(KIND, record["id"], record["_scope"])
        title = record["model"]["title"]
        return {"title": title, "message": f"Dashboard {title} deleted", "id": record["number"]}

    def _of(self, call: Call) -> list[dict]:
        return self.store.all(KIND, project_in(self, call, call.params["project_id"]))

    def _find(self, call: Call, uid: str) -> dict | None:
        return self.store.get(KIND, uid, project_in(self, call, call.params["project_id"]))


def slug(record: dict) -> str:
    return re.sub(r"[^a-z0-9]+", "-", record["model"]["title"].lower()).strip("-")


def url(record: dict) -> str:
    return f"/d/{record['id']}/{slug(record)}"
