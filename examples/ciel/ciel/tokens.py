"""Access tokens, which any process verifies by itself, and refresh tokens, each of which is good for one new pair.

A session keeps the id of its latest refresh token. Whoever presents an earlier one holds a copy, so the session ends for both.
"""

import datetime
import json
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from . import paseto
from .database import fetch

ACCESS = datetime.timedelta(minutes=15)
REFRESH = datetime.timedelta(days=30)


class Signer:
    """Tokens of one purpose. The purpose is signed too: they serve no other, even if two purposes had the same key."""

    def __init__(self, key, purpose, lifetime):
        self.private_key = Ed25519PrivateKey.from_private_bytes(key)
        self.public_key = self.private_key.public_key()
        self.purpose = purpose.encode()
        self.lifetime = lifetime

    def sign(self, **claims):
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        claims |= {"iat": now.isoformat(), "exp": (now + self.lifetime).isoformat()}
        return paseto.sign(self.private_key, json.dumps(claims, separators=(",", ":")).encode(), implicit=self.purpose)

    def verify(self, token):
        """The claims; paseto.InvalidToken where the token is not ours or has expired."""
        payload, _ = paseto.verify(self.public_key, token, implicit=self.purpose)
        claims = json.loads(payload)
        if datetime.datetime.fromisoformat(claims["exp"]) <= datetime.datetime.now(datetime.UTC):
            raise paseto.InvalidToken("expired")
        return claims


class Tokens:
    def __init__(self, settings):
        self.access = Signer(settings.paseto_access_key, "access", ACCESS)
        self.refresh = Signer(settings.paseto_refresh_key, "refresh", REFRESH)

    def _pair(self, user_id, session_id, refresh_id):
        return {
            "access_token": self.access.sign(sub=str(user_id), sid=str(session_id)),
            "refresh_token": self.refresh.sign(sub=str(user_id), sid=str(session_id), jti=str(refresh_id)),
            "expires_in": int(ACCESS.total_seconds()),
        }

    async def begin(self, connection, user_id):
        """The first pair of a new session."""
        session_id, refresh_id = uuid.uuid4(), uuid.uuid4()
        await connection.execute("DELETE FROM sessions WHERE user_id = %s AND expires_at < now()", (user_id,))
        await connection.execute(
            "INSERT INTO sessions (id, user_id, refresh_id, expires_at) VALUES (%s, %s, %s, now() + %s)",
            (session_id, user_id, refresh_id, REFRESH),
        )
        return self._pair(user_id, session_id, refresh_id)

    async def renew(self, connection, token):
        """The next pair of a session, or None where the token was used before or its session has ended."""
        claims = self.refresh.verify(token)
        refresh_id = uuid.uuid4()
        renewed = await fetch(
            connection,
            "UPDATE sessions SET refresh_id = %s, expires_at = now() + %s WHERE id = %s AND refresh_id = %s RETURNING user_id",
            refresh_id,
            REFRESH,
            claims["sid"],
            claims["jti"],
        )
        if renewed is None:
            await self.end(connection, claims["sid"])
            return None
        return self._pair(renewed["user_id"], claims["sid"], refresh_id)

    async def end(self, connection, session_id):
        await connection.execute("DELETE FROM sessions WHERE id = %s", (session_id,))
