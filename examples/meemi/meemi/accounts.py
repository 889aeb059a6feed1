"""Users, their passwords, of which only hashes are stored, and their tokens."""

import datetime
import hashlib
import hmac
import secrets

import jwt

LIFETIME = datetime.timedelta(days=7)
ALGORITHM = "HS256"


def create(connection, name, password):
    """The new user's id, or None where the name is taken."""
    salt = secrets.token_bytes(16)
    row = connection.execute(
        "INSERT INTO users (name, password) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING id",
        (name, f"{salt.hex()}${_scrypt(password, salt).hex()}"),
    ).fetchone()
    return row and row["id"]


def identify(connection, name, password):
    """The user's id, or None where name and password do not match."""
    user = connection.execute("SELECT id, password FROM users WHERE name = %s", (name,)).fetchone()
    if user is None:
        return None
    salt, digest = (bytes.fromhex(part) for part in user["password"].split("$"))
    return user["id"] if hmac.compare_digest(_scrypt(password, salt), digest) else None


def _scrypt(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def token(user_id, secret):
    expires = datetime.datetime.now(datetime.UTC) + LIFETIME
    return jwt.encode({"sub": str(user_id), "exp": expires}, secret, ALGORITHM)


def user_of(token, secret):
    """The user's id, or None where the token is not ours or has expired."""
    try:
        return int(jwt.decode(token, secret, [ALGORITHM], options={"require": ["sub", "exp"]})["sub"])
    except (jwt.InvalidTokenError, ValueError):
        return None
