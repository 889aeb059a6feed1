"""Tokens that let their owners call private containers; an API key does so too."""

import uuid
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jwt
from joserfc.jwk import RSAKey

from ... import errors
from ...collection import equals
from ...permissions import Permissions
from .containers import Containers
from .deployed import Inside
from .namespaces import Namespaces

HIDDEN = "<hidden>"
PERMISSION = "containers:endpoint:call"


class Tokens(Inside):
    path = "/containers/v1beta1/regions/{region}/tokens"
    noun = "token"
    kind = "containers.token"
    missing = "Token was not found"
    operations = ("list", "get", "create", "delete")
    common = ("id",)
    inside = {"container_id": Containers, "namespace_id": Namespaces}
    mutable = ("container_id", "namespace_id", "description")
    defaults = {"description": "", "expires_at": None}
    filters = {"container_id": equals("container_id"), "namespace_id": equals("namespace_id")}
    initial, deleting, delete_code = "creating", "deleting", 200

    def within(self, body):
        if len([scope for scope in self.inside if body.get(scope)]) != 1:
            raise errors.invalid_argument("scope", "constraint", "give either container_id or namespace_id")
        return super().within(body)

    def shape(self, body):
        (given,) = (scope for scope in self.inside if body.get(scope))
        id, expires_at = str(uuid.uuid4()), body.get("expires_at")
        if expires_at:
            try:
                expires = datetime.fromisoformat(expires_at).astimezone(UTC)
            except ValueError as error:
                raise errors.invalid_argument("expires_at", "format", str(error)) from None
            expires_at = expires.isoformat(timespec="seconds").replace("+00:00", "Z")
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        claims = {"jti": id, "iat": datetime.now(UTC), given: body[given]}
        claims["exp"] = expires if expires_at else datetime.now(UTC) + timedelta(days=36500)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return super().shape(body) | {
            "id": id,
            "token": jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(private)),
            "public_key": key.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode(),
            "expires_at": expires_at,
        }

    def present(self, token, verb):
        shown = super().present(token, verb) | ({} if verb == "create" else {"token": HIDDEN, "public_key": ""})
        return shown | ({"token": ""} if verb == "delete" else {})

    def permits(self, container: dict, given: str) -> bool:
        """Whether `given` is a token of this container or of its namespace, or the secret of an API key that may use it."""
        for token in self.store.find(self.kind, token=given) if given else []:
            expired = token["expires_at"] and datetime.fromisoformat(token["expires_at"]) < datetime.now(UTC)
            place = (container["id"], container["namespace_id"])
            if not expired and (token.get("container_id") or token.get("namespace_id")) in place:
                return True
        try:
            key = self.sandbox.identify(given)
        except errors.ApiError:
            return False
        return Permissions(self.store, key).allow(PERMISSION, container["_project_id"])
