"""What is in an instance: databases, users, and what a user may do with a database."""

import threading
from collections import defaultdict

from ... import errors
from ...call import Call
from ...collection import Collection, action, equals
from ...machines.postgres import ConcurrentUpdate
from .instances import Instances, check_password, check_user

OWNER = "_rdb_superadmin"
EMPTY_SIZE = 7_700_000  # bytes of a database that nothing was put into
PERMISSIONS = ("readonly", "readwrite", "all", "none")


class Nested(Collection):
    """In an instance: read in any state of it, written while it is settled."""

    parent = Instances

    def _scope(self, call):
        scope, instances = super()._scope(call), self.service(Instances)
        instance = instances.fetch(call.params["instance_id"], call.params["region"])
        if call.method != "GET" and instance["status"] in instances.busy:
            raise errors.transient_state(instances.resource, instance["id"], instance["status"])
        return scope


class Contents(Nested):
    """Made and deleted at once, by name: `make` and `unmake` are the server's side."""

    key = "name"
    common = ("name",)
    required = ("name",)

    def shape(self, body):
        if self.store.get(self.kind, body["name"], f"{body['region']}/{body['instance_id']}"):
            raise errors.already_exists(self.resource, body["name"])
        record = super().shape(body)
        self.make(body["instance_id"], body)  # what the server refuses is not recorded
        return record

    def remove(self, record):
        self.unmake(record["_scope"].rpartition("/")[2], record["name"])
        return super().remove(record)


class Databases(Contents):
    path = "/rdb/v1/regions/{region}/instances/{instance_id}/databases"
    noun = "database"
    operations = ("list", "create", "delete")
    defaults = {"managed": True, "owner": "", "size": 0}
    formats = {"name": r"[A-Za-z_][\w$-]{0,62}"}
    filters = {"name": equals("name"), "managed": equals("managed"), "owner": equals("owner")}

    def make(self, instance, body):
        self.machines.postgres.create_database(instance, body["name"])

    def unmake(self, instance, name):
        self.machines.postgres.delete_database(instance, name)

    def _select(self, records, call):
        """What the server has; without one (`--api-only`), what it was told to make."""
        real = self.machines.postgres.databases(call.params["instance_id"])
        names = {record["name"] for record in records}
        found = [
            record | dict(zip(("owner", "size"), real.get(record["name"], (OWNER, EMPTY_SIZE)), strict=True))
            for record in records
        ]
        for name in real.keys() - names:  # made in SQL, by an admin
            owner, size = real[name]
            made = {"name": name, "managed": False, "owner": owner, "size": size}
            found.append(made | {"_scope": f"{call.params['region']}/{call.params['instance_id']}"})
        return super()._select(found, call)


class Users(Contents):
    path = "/rdb/v1/regions/{region}/instances/{instance_id}/users"
    noun = "user"
    operations = ("list", "create", "update", "delete")
    mutable = ("is_admin",)
    defaults = {"is_admin": False}

    def make(self, instance, body):
        check_user(body["name"], body.get("password"))
        self.machines.postgres.create_user(
            instance, body["name"], body.get("password") or None, bool(body.get("is_admin"))
        )

    def revise(self, user, body):
        check_password(body.get("password"))
        instance, password = user["_scope"].rpartition("/")[2], body.get("password") or None
        self.machines.postgres.update_user(instance, user["name"], password, body.get("is_admin"))
        return super().revise(user, body)

    def unmake(self, instance, name):
        self.machines.postgres.delete_user(instance, name)


class Privileges(Nested):
    """Every pair of a user and a database has one. The record is what was set last; the server says what it is now."""

    path = "/rdb/v1/regions/{region}/instances/{instance_id}/privileges"
    noun = "privilege"
    key = "_pair"
    operations = ("list",)
    enums = {"permission": PERMISSIONS}
    filters = {"database_name": equals("database_name"), "user_name": equals("user_name")}

    def __init__(self, sandbox):
        super().__init__(sandbox)
        self._under_way = defaultdict(threading.Lock)

    @action("PUT", "")
    def set(self, call: Call):
        body, instance = self._given(call), call.params["instance_id"]
        self._validate(body, ("database_name", "user_name", "permission"))
        scope = f"{call.params['region']}/{instance}"
        for kind, field in ((Databases, "database_name"), (Users, "user_name")):
            self.service(kind).fetch(body[field], scope)
        one_at_a_time = self._under_way[instance]
        if not one_at_a_time.acquire(blocking=False):
            raise errors.ApiError(409, "Tuple concurrently updated")
        try:
            return self.give(scope, body["database_name"], body["user_name"], body["permission"])
        except ConcurrentUpdate:
            raise errors.ApiError(409, "Tuple concurrently updated") from None
        finally:
            one_at_a_time.release()

    def give(self, scope, database, user, permission):
        """Grant it, and keep what was granted."""
        self.machines.postgres.grant(scope.rpartition("/")[2], database, user, permission)
        record = {"database_name": database, "user_name": user, "permission": permission}
        pair = f"{database}/{user}"
        self.store.put(self.kind, scope, pair, record | {"_scope": scope, "_pair": pair})
        return record

    def _select(self, records, call):
        instance, scope = call.params["instance_id"], f"{call.params['region']}/{call.params['instance_id']}"
        stored = {(record["database_name"], record["user_name"]): record["permission"] for record in records}
        users = [user["name"] for user in self.store.all(self.service(Users).kind, scope)]
        found = []
        asked = call.argument("database_name")
        for database in self.store.all(self.service(Databases).kind, scope):
            if asked not in (None, "", database["name"]):
                continue
            real = self.machines.postgres.permissions(instance, database["name"])
            for user in users:
                permission = real.get(user) or stored.get((database["name"], user), "none")
                pair = {"database_name": database["name"], "user_name": user, "permission": permission}
                found.append(pair | {"_scope": scope, "_pair": f"{database['name']}/{user}"})
        return super()._select(found, call)
