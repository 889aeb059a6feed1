"""The alert manager of a project in a region: contact points, and alerts that Scaleway has configured.

Contact points get their mail in the sandbox's mailbox. Which of Scaleway's alerts can fire: docs/sandbox.md#cockpit.
"""

import re
import uuid
from collections import Counter
from email.message import EmailMessage

from ... import errors
from ...call import Call
from ...collection import Service, action, catalog
from ...machines.cockpit import SENDER
from .data_plane import ALERT_MANAGERS, DATA_SOURCES, RULE_GROUPS, publish
from .data_sources import REGIONAL
from .grafana import project_in

SETTLED = {"enabling": "enabled", "disabling": "disabled"}


class Regional(Service):
    """Where a project's state in a region is kept: {enabled, id, managed, contacts, rules}.

    `rules` are the statuses by id of the preconfigured rules, once one was switched: a project whose rules nobody has
    touched lists none.
    """

    noun = "alert_manager"
    NEW = {"enabled": False, "id": None, "managed": False, "contacts": [], "rules": {}, "_goes_with_project": True}

    def _at(self, call: Call, project: str | None) -> tuple[str, str]:
        return call.params["region"], project_in(self, call, project)

    def _state(self, region: str, project: str) -> dict:
        return self.store.get(ALERT_MANAGERS, project, region) or self.NEW | {"_scope": region, "_project_id": project}

    def _write(self, region: str, project: str, **fields) -> dict:
        with self.store.lock(ALERT_MANAGERS, region, project):
            before = self._state(region, project)
            state = before | fields
            self.store.put(ALERT_MANAGERS, region, project, state)
        if any(state[field] != before[field] for field in ("contacts", "rules")):
            publish(self)
        return state

    def _enabled(self, call: Call) -> tuple[str, str, dict]:
        """Region, project and state of a call that changes what is in an alert manager."""
        region, project = self._at(call, call.body.get("project_id"))
        state = self._state(region, project)
        if not state["enabled"]:
            raise errors.precondition_failed("resource_not_usable", "the alert manager is not enabled")
        return region, project, state


class AlertManagers(Regional):
    path = f"{REGIONAL}/alert-manager"

    def prepare(self):
        self.machines.smtp.start(self, {self.machines.cockpit.SMTP_PORT: False})

    # The office that takes the mail of the alert manager behind: its account is the project

    def authenticate(self, user: str, password: str) -> str | None:
        return user if password == self.machines.cockpit.key else None

    def refusal(self, account: str, sender: str) -> None:
        """Scaleway sends from where it likes."""

    def accept(self, account: str, sender: str, recipients: list[str], content: bytes):
        self.machines.smtp.mailbox.keep(account, sender, recipients, content)

    # Calls

    @action("GET", "")
    def get(self, call: Call):
        region, project = self._at(call, call.argument("project_id"))
        return self._shown(region, self._state(region, project))

    @action("POST", "/enable", permits="write")
    def enable(self, call: Call):
        region, project = self._at(call, call.body.get("project_id"))
        id = self._state(region, project)["id"] or str(uuid.uuid4())
        return self._shown(region, self._write(region, project, enabled=True, id=id))

    @action("POST", "/disable", permits="write")
    def disable(self, call: Call):
        region, project = self._at(call, call.body.get("project_id"))
        return self._shown(region, self._write(region, project, enabled=False, managed=False, contacts=[], rules={}))

    @action("POST", "/managed-alerts/enable", permits="write")
    def enable_managed(self, call: Call):
        return self._manage(call, True)

    @action("POST", "/managed-alerts/disable", permits="write")
    def disable_managed(self, call: Call):
        return self._manage(call, False)

    def _manage(self, call: Call, managed: bool):
        region, project, state = self._enabled(call)
        switched = self._switch(state, [rule["id"] for rule in catalog("cockpit-alerts")], managed)
        return self._shown(region, self._write(region, project, managed=managed, **switched))

    @action("POST", "/enable-alert-rules", permits="write")
    def enable_rules(self, call: Call):
        return {"enabled_rule_ids": self._switch_some(call, True)}

    @action("POST", "/disable-alert-rules", permits="write")
    def disable_rules(self, call: Call):
        return {"disabled_rule_ids": self._switch_some(call, False)}

    def _switch_some(self, call: Call, on: bool) -> list[str]:
        region, project, state = self._enabled(call)
        ids = call.body.get("rule_ids") or []
        if unknown := set(ids) - {rule["id"] for rule in catalog("cockpit-alerts")}:
            raise errors.not_found("rule", sorted(unknown)[0])
        switched = self._switch(state, ids, on)
        self._write(region, project, **switched)
        return [id for id in ids if switched["rules"][id] != state["rules"].get(id, "disabled")]

    @staticmethod
    def _switch(state: dict, ids: list[str], on: bool) -> dict:
        """The fields once these rules are on or off: those that are not yet are on their way."""
        rules = dict.fromkeys((rule["id"] for rule in catalog("cockpit-alerts")), "disabled") | state["rules"]
        for id in ids:
            if (rules[id] in ("enabled", "enabling")) != on:
                rules[id] = "enabling" if on else "disabling"
        return {"rules": rules}

    @action("POST", "/trigger-test-alert", permits="write")
    def trigger_test_alert(self, call: Call):
        _region, project, state = self._enabled(call)
        for contact in state["contacts"]:
            message = EmailMessage()
            message["From"], message["To"] = SENDER, contact["email"]["to"]
            message["Subject"] = "[FIRING:1] TestAlert"
            message.set_content(f"This is a test of the alert manager of project {project}.\n")
            self.machines.smtp.mailbox.keep(project, SENDER, [contact["email"]["to"]], message.as_bytes())

    @staticmethod
    def _shown(region: str, state: dict) -> dict:
        url = f"https://{state['id']}.alertmanager.cockpit.{region}.scw.cloud" if state["enabled"] else None
        shown = {"alert_manager_enabled": state["enabled"], "alert_manager_url": url}
        return shown | {"managed_alerts_enabled": state["managed"], "region": region}


class ContactPoints(Regional):
    path = f"{REGIONAL}/alert-manager/contact-points"
    noun = "contact_point"

    @action("GET", "")
    def list(self, call: Call):
        region, project = self._at(call, call.argument("project_id"))
        contacts = self._state(region, project)["contacts"]
        shown = self.page(call, contacts)
        more = {"has_additional_receivers": False, "has_additional_contact_points": False}
        return {
            "contact_points": [contact | {"region": region} for contact in shown],
            "total_count": len(contacts),
        } | more

    @action("POST", "")
    def create(self, call: Call):
        region, project, state = self._enabled(call)
        address = self._address(call)
        if any(contact["email"]["to"] == address for contact in state["contacts"]):
            raise errors.already_exists("contact_point", address)
        notify = call.body.get("send_resolved_notifications")
        contact = {"email": {"to": address}, "send_resolved_notifications": True if notify is None else notify}
        self._write(region, project, contacts=[*state["contacts"], contact])
        return contact | {"region": region}

    @action("PATCH", "")
    def update(self, call: Call):
        region, project, state = self._enabled(call)
        changed, notify = self._found(call, state), call.body.get("send_resolved_notifications")
        if notify is not None:
            changed["send_resolved_notifications"] = notify
        self._write(region, project, contacts=state["contacts"])
        return changed | {"region": region}

    @action("POST", "/delete", permits="delete")
    def delete(self, call: Call):
        region, project, state = self._enabled(call)
        gone = self._found(call, state)
        self._write(region, project, contacts=[contact for contact in state["contacts"] if contact is not gone])

    def _found(self, call: Call, state: dict) -> dict:
        address = self._address(call)
        for contact in state["contacts"]:
            if contact["email"]["to"] == address:
                return contact
        raise errors.not_found("contact_point", address)

    @staticmethod
    def _address(call: Call) -> str:
        address = (call.body.get("email") or {}).get("to") or ""
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
            raise errors.invalid_argument("email.to", "format", "must be an email address")
        return address


class Alerts(Regional):
    path = REGIONAL
    noun = "alert"

    @action("GET", "/alerts")
    def list(self, call: Call):
        """Rules settle once their transient status was seen."""
        region, project = self._at(call, call.argument("project_id"))
        rules = self._state(region, project)["rules"]
        found = [
            self._shown(region, rule, rules[rule["id"]]) for rule in catalog("cockpit-alerts") if rule["id"] in rules
        ]
        self._write(region, project, rules={id: SETTLED.get(status, status) for id, status in rules.items()})
        found += [
            self._of_ones_own(region, group["source_id"], rule)
            for group in self.store.find(RULE_GROUPS, project_id=project)
            for rule in group["group"]["rules"]
            if group["_scope"].startswith(f"{region}/") and "alert" in rule
        ]
        wanted = {"rule_status": call.argument("rule_status"), "state": call.argument("state")}
        for field, value in wanted.items():
            if value and not value.startswith("unknown"):
                found = [alert for alert in found if alert[field] == value]
        if (preconfigured := call.flag("is_preconfigured")) is not None:
            found = [alert for alert in found if alert["preconfigured"] == preconfigured]
        if source := call.argument("data_source_id"):
            found = [alert for alert in found if alert["data_source_id"] == source]
        return {"alerts": found, "total_count": len(found)}

    @action("GET", "/rules/count")
    def count(self, call: Call):
        region, project = self._at(call, call.argument("project_id"))
        enabled = [id for id, status in self._state(region, project)["rules"].items() if status == "enabled"]
        counts = Counter()
        for group in self.store.find(RULE_GROUPS, project_id=project):
            if group["_scope"].startswith(f"{region}/"):
                counts[group["source_id"]] += len(group["group"]["rules"])
        return {
            "rules_count_by_datasource": [
                {
                    "data_source_id": source,
                    "data_source_name": self.store.get(DATA_SOURCES, source)["name"],
                    "rules_count": count,
                }
                for source, count in counts.items()
            ],
            "preconfigured_rules_count": len(enabled),
            "custom_rules_count": counts.total(),
        }

    @staticmethod
    def _of_ones_own(region: str, source: str, rule: dict) -> dict:
        """A rule of one's own; whether it fires, the data source tells."""
        return {
            "name": rule["alert"],
            "rule": rule["expr"],
            "duration": rule.get("for", "0s"),
            "annotations": rule.get("annotations") or {},
            "preconfigured": False,
            "preconfigured_data": None,
            "data_source_id": source,
            "rule_status": "enabled",
            "state": "unknown_state",
            "region": region,
        }

    @staticmethod
    def _shown(region: str, rule: dict, status: str) -> dict:
        shown = {field: rule[field] for field in ("display_name", "display_description")}
        told = shown | {"family": rule["family"], "product": rule["product"], "rule_id": rule["id"]}
        data = shown | {"product_family": rule["family"], "product_name": rule["product"]}
        return {
            **{field: rule[field] for field in ("name", "rule", "duration")},
            "annotations": rule["annotations"] | told,
            "preconfigured": True,
            "preconfigured_data": data | {"preconfigured_rule_id": rule["id"]},
            "data_source_id": "",
            "rule_status": status,
            "state": "inactive" if status == "enabled" else "unknown_state",
            "region": region,
        }
