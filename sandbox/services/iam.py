"""Who may do what: iam/v1alpha1. Applications, API keys, policies and their rules, groups, users, SSH keys.

Shapes: scaleway-sdk-python, scaleway/iam/v1alpha1/types.py. What is not served, and why: docs/sandbox.md#iam.
"""

import base64
import hashlib
import secrets
import string
import uuid
from datetime import UTC, datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from .. import errors
from ..call import Call
from ..collection import Collection, Service, action, catalog, equals, has_all

PRINCIPALS = ("user_id", "group_id", "application_id")
UNMANAGED = {"editable": True, "deletable": True, "managed": False}


def among(field: str):
    """The field is one of the values, which are repeated or separated by commas."""
    return lambda record, values: record.get(field) in ",".join(values).split(",")


class Users(Collection):
    """The owner of the organization. People are not invited to a sandbox."""

    path = "/iam/v1alpha1/users"
    noun = "user"
    operations = ("list", "get")
    common = ("id", "organization_id", "created_at", "updated_at")
    filters = {"type": equals("type"), "user_ids": among("id"), "tag": has_all("tags"), "mfa": equals("mfa")}

    def prepare(self):
        if not self.store.count(self.kind):
            self.add({})

    def shape(self, body):
        name = f"owner@{self.settings.name}.test"
        return {
            "email": name, "username": name, "first_name": "", "last_name": "", "phone_number": "", "locale": "en_US",
            "deletable": False, "last_login_at": None, "type": "owner", "two_factor_enabled": False, "status": "activated",
            "mfa": False, "account_root_user_id": str(uuid.uuid4()), "tags": [], "locked": False,
        }  # fmt: skip

    def owner(self) -> dict:
        return self.store.find(self.kind, type="owner")[0]


class Applications(Collection):
    """Programs that have API keys. Their keys go with them, and they leave their groups."""

    path = "/iam/v1alpha1/applications"
    noun = "application"
    common = ("id", "name", "organization_id", "created_at", "updated_at")
    required = ("name",)
    mutable = ("name", "description", "tags")
    defaults = UNMANAGED | {"description": "", "tags": []}
    filters = Collection.filters | {
        "tag": has_all("tags"),
        "application_ids": among("id"),
        "editable": equals("editable"),
    }

    def present(self, record, verb):
        keys = self.store.find("iam.api_key", application_id=record["id"])
        return super().present(record, verb) | {"nb_api_keys": len(keys)}

    def remove(self, record):
        for key in self.store.find("iam.api_key", application_id=record["id"]):
            self.service(ApiKeys).remove(key)
        removed = super().remove(record)
        self.service(Groups).leave(record["id"])
        return removed


class ApiKeys(Collection):
    """The secret is told once, by the answer that creates the key."""

    path = "/iam/v1alpha1/api-keys"
    noun = "api_key"
    resource = "access_key"
    key = "access_key"
    common = ("created_at", "updated_at")
    mutable = ("description", "default_project_id", "expires_at")
    defaults = UNMANAGED | {"description": "", "expires_at": None}
    filters = {
        "access_keys": among("access_key"),
        "access_key": equals("access_key"),
        "application_id": lambda record, values: record.get("application_id") in values,
        "user_id": lambda record, values: record.get("user_id") in values,
        "bearer_id": lambda record, values: {record.get("application_id"), record.get("user_id")} & set(values),
        "bearer_type": lambda record, values: f"{values[-1]}_id" in record,
        "description": equals("description"),
        "default_project_id": equals("default_project_id"),
        "editable": equals("editable"),
        "expired": lambda record, values: is_expired(record) == (values[-1].lower() == "true"),
    }

    def prepare(self):
        """The owner's key is how everything else gets in."""
        owner = self.service(Users).owner()
        if not self.store.find(self.kind, user_id=owner["id"]):
            self.add({"user_id": owner["id"], "description": "owner of the sandbox"})

    def shape(self, body):
        bearers = [name for name in ("application_id", "user_id") if body.get(name)]
        if len(bearers) != 1:
            raise errors.invalid_argument(
                "bearer", "constraint", "exactly one of application_id and user_id is required"
            )
        bearer = self.service(Applications if bearers[0] == "application_id" else Users).fetch(body[bearers[0]])
        alphabet = string.ascii_uppercase + string.digits
        return self._known(body) | {
            "access_key": "SCW" + "".join(secrets.choice(alphabet) for _ in range(17)),
            "_secret_key": str(uuid.uuid4()),
            "default_project_id": body.get("default_project_id") or self.organization_id,
            "creation_ip": "127.0.0.1",
            bearers[0]: bearer["id"],
        }

    def revise(self, record, body):
        return self._known(body)

    def present(self, record, verb):
        return super().present(record, verb) | {"secret_key": record["_secret_key"] if verb == "create" else None}

    def owner(self) -> dict:
        return self.store.find(self.kind, user_id=self.service(Users).owner()["id"])[0]

    def _known(self, body) -> dict:
        known = {field: body[field] for field in self.mutable if field in body}
        if "expires_at" in known:
            known["expires_at"] = in_utc(known["expires_at"])
        if project := known.get("default_project_id"):
            self.store.get("account.project", project) or refuse_project()
        return known


class Groups(Collection):
    path = "/iam/v1alpha1/groups"
    noun = "group"
    common = ("id", "name", "organization_id", "created_at", "updated_at")
    required = ("name",)
    mutable = ("name", "description", "tags")
    defaults = UNMANAGED | {
        "description": "", "tags": [], "user_ids": [], "application_ids": [],
    }  # fmt: skip
    filters = Collection.filters | {
        "tag": has_all("tags"),
        "application_ids": lambda record, values: set(record["application_ids"]) & set(values),
        "user_ids": lambda record, values: set(record["user_ids"]) & set(values),
    }

    def leave(self, application_id: str):
        """An application that is gone is in no group any more."""
        for group in self.store.all(self.kind):
            with self.store.lock(self.kind, group["_scope"], group["id"]):
                now = self.store.get(self.kind, group["id"])
                if now and application_id in now["application_ids"]:
                    self.change(now, application_ids=[id for id in now["application_ids"] if id != application_id])

    @action("PUT", "/{id}/members")
    def set_members(self, group, call: Call):
        return self.answer(self.change(group, **self._existing(self._members(call))), "update")

    @action("POST", "/{id}/add-member")
    def add_member(self, group, call: Call):
        field, member = self._member(call)
        return self._with(group, {field: [member]})

    @action("POST", "/{id}/add-members")
    def add_members(self, group, call: Call):
        return self._with(group, self._members(call))

    @action("POST", "/{id}/remove-member")
    def remove_member(self, group, call: Call):
        field, member = self._member(call)
        if member not in group[field]:
            raise errors.not_found("", "")
        rest = [id for id in group[field] if id != member]
        return self.answer(self.change(group, **{field: rest}), "update")

    def _members(self, call: Call) -> dict[str, list[str]]:
        return {field: call.body.get(field) or [] for field in MEMBERS}

    def _member(self, call: Call) -> tuple[str, str]:
        for field in ("user_id", "application_id"):
            if call.body.get(field):
                return f"{field}s", call.body[field]
        raise errors.invalid_argument("member", "required", "one of user_id and application_id is required")

    def _existing(self, members: dict[str, list[str]]) -> dict[str, list[str]]:
        """These, of whom every one exists. Raises: 404."""
        for field, ids in members.items():
            for id in ids:
                self.service(MEMBERS[field]).fetch(id)
        return members

    def _with(self, group: dict, members: dict[str, list[str]]):
        both = {field: list(dict.fromkeys(group[field] + ids)) for field, ids in self._existing(members).items()}
        return self.answer(self.change(group, **both), "update")


MEMBERS = {"user_ids": Users, "application_ids": Applications}
"""Field of a group -> what its ids are of."""


class PermissionSets(Service):
    """The names that rules may use; catalog/permission-sets.json says what each allows."""

    path = "/iam/v1alpha1/permission-sets"
    noun = "permission_set"

    @action("GET", "")
    def list(self, call: Call):
        sets = [
            {"id": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)), "name": name, "description": "", "categories": []}
            | {"scope_type": known["scope"]}
            for name, known in catalog("permission-sets").items()
        ]
        return {"permission_sets": self.page(call, sets), "total_count": len(sets)}


class Policies(Collection):
    """What a user, a group or an application may do. The answer to a creation has not counted the rules yet."""

    path = "/iam/v1alpha1/policies"
    noun = "policy"
    plural = "policies"
    common = ("id", "name", "organization_id", "created_at", "updated_at")
    required = ("name",)
    mutable = ("name", "description", "tags")
    defaults = UNMANAGED | {"description": "", "tags": []}
    filters = Collection.filters | {
        "policy_name": equals("name"),
        "policy_ids": among("id"),
        "tag": has_all("tags"),
        "editable": equals("editable"),
        "user_ids": among("user_id"),
        "group_ids": among("group_id"),
        "application_ids": among("application_id"),
        "no_principal": lambda record, values: record.get("no_principal", False) == (values[-1].lower() == "true"),
    }

    def shape(self, body):
        rules = [self.rule(rule) for rule in body.get("rules") or []]
        return super().shape(body) | self._principal(body) | {"_rules": rules}

    def revise(self, record, body):
        """A new principal takes the place of the old one."""
        changes = super().revise(record, body)
        if any(body.get(name) for name in (*PRINCIPALS, "no_principal")):
            changes |= dict.fromkeys((*PRINCIPALS, "no_principal")) | self._principal(body)
        return changes

    def present(self, record, verb):
        shown = {
            name: value
            for name, value in super().present(record, verb).items()
            if value is not None or name not in (*PRINCIPALS, "no_principal")
        }
        rules = [] if verb == "create" else record["_rules"]
        scopes = {scope for rule in rules for scope in rule.get("project_ids") or [rule.get("organization_id")]}
        names = {name for rule in rules for name in rule["permission_set_names"]}
        return shown | {"nb_rules": len(rules), "nb_scopes": len(scopes), "nb_permission_sets": len(names)}

    @action("POST", "/{id}/clone")
    def clone(self, policy, call: Call):
        copied = {name: value for name, value in policy.items() if name in (*self.mutable, *PRINCIPALS, "no_principal")}
        return self.answer(self.add(copied | {"rules": policy["_rules"]}), "create")

    def rule(self, given: dict) -> dict:
        """A rule of a request -> the rule that is kept."""
        names, scopes = given.get("permission_set_names") or [], catalog("permission-sets")
        if not names:
            raise errors.invalid_argument("permission_set_names", "required", "is required")
        for name in names:
            if name not in scopes:
                raise errors.invalid_argument("permission_set_names", "constraint", f"{name} is no permission set")
        projects = given.get("project_ids") or []
        if bool(projects) == bool(given.get("organization_id")):
            raise errors.invalid_argument(
                "scope", "constraint", "exactly one of project_ids and organization_id is required"
            )
        types = {scopes[name]["scope"] for name in names}
        if len(types) > 1 or (projects and types != {"projects"}):
            raise errors.invalid_argument(
                "permission_set_names", "constraint", "the permission sets have another scope"
            )
        for project in projects:
            self.store.get("account.project", project) or refuse_project()
        scope = {"project_ids": projects} if projects else {"organization_id": given["organization_id"]}
        return scope | {
            "id": str(uuid.uuid4()),
            "permission_set_names": names,
            "permission_sets_scope_type": types.pop(),
            "condition": given.get("condition") or "",
        }

    def _principal(self, body) -> dict:
        given = {name: body[name] for name in (*PRINCIPALS, "no_principal") if body.get(name)}
        if len(given) != 1:
            raise errors.invalid_argument(
                "principal", "constraint", f"exactly one of {', '.join(PRINCIPALS)}, no_principal"
            )
        for name, service in zip(PRINCIPALS, (Users, Groups, Applications), strict=True):
            if name in given:
                self.service(service).fetch(given[name])
        return given


class Rules(Service):
    """The rules of a policy, read and replaced as a whole."""

    path = "/iam/v1alpha1/rules"
    noun = "rule"

    @action("GET", "")
    def list(self, call: Call):
        rules = self.service(Policies).fetch(call.argument("policy_id", ""))["_rules"]
        return {"rules": self.page(call, rules), "total_count": len(rules)}

    @action("PUT", "")
    def replace(self, call: Call):
        policies = self.service(Policies)
        policy = policies.fetch(call.body.get("policy_id") or "")
        rules = [policies.rule(rule) for rule in call.body.get("rules") or []]
        policies.change(policy, _rules=rules)
        return {"rules": rules}


class SshKeys(Collection):
    """Public keys that a project's instances let in."""

    path = "/iam/v1alpha1/ssh-keys"
    noun = "ssh_key"
    common = ("id", "name", "project_id", "organization_id", "created_at", "updated_at")
    required = ("public_key",)
    mutable = ("name", "disabled")
    defaults = {"disabled": False}
    filters = Collection.filters | {"disabled": equals("disabled")}

    def shape(self, body):
        """The comment is not kept."""
        parts = body["public_key"].split()
        try:
            key = load_ssh_public_key(body["public_key"].encode())
            blob = base64.b64decode(parts[1])
        except (ValueError, IndexError, UnsupportedAlgorithm):
            raise errors.invalid_argument("public_key", "format", "not an SSH public key") from None
        digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
        pairs = ":".join(digest[start : start + 2] for start in range(0, 32, 2))
        fields = {
            "public_key": " ".join(parts[:2]),
            "fingerprint": f"{getattr(key, 'key_size', 256)} MD5:{pairs} ({parts[0]})",
        }
        return super().shape(body) | fields


def in_utc(moment: str) -> str:
    try:
        return datetime.fromisoformat(moment).astimezone(UTC).isoformat().replace("+00:00", "Z")
    except ValueError:
        raise errors.invalid_argument("expires_at", "format", "not a date") from None


def is_expired(key: dict) -> bool:
    return bool(key.get("expires_at")) and datetime.fromisoformat(key["expires_at"]) < datetime.now(UTC)


def refuse_project():
    raise errors.permissions_denied()
