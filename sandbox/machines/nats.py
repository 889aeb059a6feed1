"""NATS: one server for all accounts of a sandbox, in operator mode, with JetStream.

The sandbox is the operator: it signs the JWTs of accounts, and accounts sign those of their users. The server is told of
accounts over its own protocol, by a user of the system account. Source: NATS documentation, "JWT" and "nats-server,
resolver"; nats-io/jwt, v2.
"""

import asyncio
import base64
import hashlib
import json
import secrets
import threading
import time

import nats
import nkeys

from .engine import Engine, EngineError
from .node import write

PORT = 4222
ANSWER_SECONDS = 5
UNLIMITED = {
    **dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1),
    **dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), -1),
    "wildcards": True,
}
CONFIGURATION = """\
port: {port}
server_name: sandbox
operator: {operator}
system_account: {system}
resolver: {{ type: full, dir: /data/accounts, allow_delete: true, interval: "2m" }}
resolver_preload: {{ {system}: {system_jwt} }}
jetstream: {{ store_dir: /data }}
"""
CREDENTIALS = """\
-----BEGIN NATS USER JWT-----
{jwt}
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.
NKEYs are sensitive and should be treated as secrets.

-----BEGIN USER NKEY SEED-----
{seed}
------END USER NKEY SEED------

*************************************************************
"""


class SimulatedNats:
    """The keys without a server."""

    def __init__(self, settings):
        self.settings = settings
        self.home = settings.home / "nats"

    def start(self):
        """Have the server take connections at `settings.nats_url`."""

    def new_account(self, name):
        """(public key, seed) of an account that the server knows from now on."""
        seed, account = new_keys(nkeys.PREFIX_BYTE_ACCOUNT)
        self.put_account(seed, name, ())
        return account, seed

    def new_user(self, account_seed, name):
        """(public key, content of a .creds file) of a user who may do everything in the account."""
        seed, user = new_keys(nkeys.PREFIX_BYTE_USER)
        may = {"pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1, "type": "user", "version": 2}
        return user, CREDENTIALS.format(jwt=claims(account_seed, user, name or user, may), seed=seed)

    def put_account(self, seed, name, revoked):
        """Have the server know the account; its users with these public keys are cut off."""

    def remove_account(self, account):
        """Have the server forget the account, and cut its users off."""


class Nats(SimulatedNats):
    def __init__(self, settings):
        super().__init__(settings)
        self.engine = Engine(settings)
        self._starting = threading.Lock()
        self._started = False

    def start(self):
        with self._starting:
            if self._started:
                return
            container = self.engine.container("nats") or self._create()
            container.start()
            failures = (OSError, EngineError, TimeoutError, nats.errors.Error)
            self.engine.await_answer(container, lambda: self._tell("LIST", ""), failures)
            self._started = True

    def put_account(self, seed, name, revoked):
        account = public_key(seed)
        limits = {"limits": UNLIMITED, "default_permissions": {"pub": {}, "sub": {}}, "type": "account", "version": 2}
        if revoked:
            limits["revocations"] = dict.fromkeys(revoked, int(time.time()))
        self._tell("UPDATE", claims(self.keys["operator"], account, name or account, limits))

    def remove_account(self, account):
        gone = {"accounts": [account], "type": "generic", "version": 2}
        self._tell("DELETE", claims(self.keys["operator"], public_key(self.keys["operator"]), "", gone))

    @property
    def keys(self):
        """Seeds of the operator and of the system account, made once and readable by the owner alone."""
        file = self.home / "keys.json"
        if not file.exists():
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = {
                "operator": new_keys(nkeys.PREFIX_BYTE_OPERATOR)[0],
                "system": new_keys(nkeys.PREFIX_BYTE_ACCOUNT)[0],
            }
            file.touch(0o600)
            file.write_text(json.dumps(made))
        return json.loads(file.read_text())

    def _create(self):
        operator, system = self.keys["operator"], public_key(self.keys["system"])
        everything = {"limits": UNLIMITED | {"mem_storage": 0, "disk_storage": 0}, "type": "account", "version": 2}
        known = {"system_account": system, "type": "operator", "version": 2}
        configuration = self.home / "nats.conf"
        content = CONFIGURATION.format(
            port=PORT,
            operator=claims(operator, public_key(operator), "sandbox", known),
            system=system,
            system_jwt=claims(operator, system, "SYS", everything),
        )
        write(configuration, content.encode())
        volumes = {
            str(configuration.absolute()): {"bind": "/etc/nats/nats.conf", "mode": "ro"},
            self.engine.volume("nats"): {"bind": "/data", "mode": "rw"},
        }
        address = self.settings.nats_url.removeprefix("nats://").partition(":")[0]
        return self.engine.run("nats", "nats", address=address, volumes=volumes)

    def _tell(self, subject, message):
        """Send a request about accounts as a user of the system account. Raises EngineError if the server refuses."""
        answer = asyncio.run(self._ask(f"$SYS.REQ.CLAIMS.{subject}", message))
        if fault := answer.get("error"):
            raise EngineError(f"NATS: {fault.get('description', fault)}")

    async def _ask(self, subject, message):
        _, credentials = self.new_user(self.keys["system"], "sandbox")
        user = nats.aio.client.RawCredentials(credentials)

        async def quiet(error):
            """The one who called is told."""

        options = {"user_credentials": user, "allow_reconnect": False, "connect_timeout": 2, "error_cb": quiet}
        connection = await nats.connect(self.settings.nats_url, **options)
        try:
            answer = await connection.request(subject, message.encode(), timeout=ANSWER_SECONDS)
        finally:
            await connection.close()
        return json.loads(answer.data)


def new_keys(kind):
    """(seed, public key) of a new pair, as text."""
    seed = nkeys.encode_seed(secrets.token_bytes(32), kind).decode()
    return seed, public_key(seed)


def public_key(seed):
    return nkeys.from_seed(seed.encode()).public_key.decode()


def claims(signer_seed, subject, name, body):
    """A JWT in which the signer says something of the subject, a public key."""
    signer = nkeys.from_seed(signer_seed.encode())
    said = {"iat": int(time.time()), "iss": signer.public_key.decode(), "name": name, "sub": subject, "nats": body}
    said["jti"] = base64.b32encode(hashlib.sha256(json.dumps(said).encode()).digest()).decode().rstrip("=")
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ed25519-nkey"}, said))
    return f"{signed}.{_encoded(signer.sign(signed.encode()))}"


def _encoded(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
