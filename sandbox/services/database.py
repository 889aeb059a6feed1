"""A PostgreSQL that is nobody's at Scaleway, as one at Supabase is: GET /_sandbox/database tells how to connect.

It is there from the first question on. Its certificate is signed by an authority of its own, which the answer has, too.
"""

import secrets
import threading

from ..call import Call
from ..collection import Service, action
from ..machines.postgres import PORT, Server

INSTANCE = USER = DATABASE = "elsewhere"
SERVER = Server(cpus=1, memory=512 * 1024**2, parameters={"max_connections": "60"}, port=PORT, allowed=("0.0.0.0/0",))


class Database(Service):
    path = "/_sandbox/database"

    def prepare(self):
        self.starting = threading.Lock()

    def resume(self):
        if self.store.get("database.elsewhere", "only"):
            self.machines.postgres.start(INSTANCE, SERVER)

    @action("GET", "")
    def get(self, call: Call):
        with self.starting:
            known = self.store.get("database.elsewhere", "only") or self._make()
        return {
            "url": f"postgresql://{USER}:{known['password']}@{known['address']}:{PORT}/{DATABASE}?sslmode=verify-full",
            "certificate": self.machines.postgres.certificate(INSTANCE),
        }

    def _make(self) -> dict:
        postgres, password = self.machines.postgres, secrets.token_urlsafe(24)
        postgres.remove(INSTANCE, SERVER)  # what an attempt left that did not come to its end
        address = postgres.start(INSTANCE, SERVER)
        postgres.create_user(INSTANCE, USER, password, False)
        postgres.create_database(INSTANCE, DATABASE)
        postgres.grant(INSTANCE, DATABASE, USER, "all")
        known = {"password": password, "address": address, "_scope": ""}
        self.store.put("database.elsewhere", "", "only", known)
        return known
