"""Users, their passwords and the tokens they carry. Only hashes of secrets are stored."""

import asyncio
import hashlib
import hmac
import secrets


def _scrypt(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


async def hash_password(password):
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${(await asyncio.to_thread(_scrypt, password, salt)).hex()}"


async def password_matches(password, stored):
    salt, digest = (bytes.fromhex(part) for part in stored.split("$"))
    return hmac.compare_digest(await asyncio.to_thread(_scrypt, password, salt), digest)


def _hash_token(token):
    return hashlib.sha256(token.encode()).digest()


async def create(connection, name, email, password):
    """The new user's id, or None where the name or the address is taken."""
    row = await (
        await connection.execute(
            "INSERT INTO users (name, email, password) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
            (name, email, await hash_password(password)),
        )
    ).fetchone()
    return row and row["id"]


async def issue(connection, table, user_id, lifetime):
    """A new token of `table` (sessions, password_resets), valid for the PostgreSQL interval `lifetime`."""
    token = secrets.token_urlsafe(32)
    await connection.execute(
        f"INSERT INTO {table} (token_hash, user_id, expires_at) VALUES (%s, %s, now() + %s::interval)",
        (_hash_token(token), user_id, lifetime),
    )
    return token


async def user_of_session(connection, token):
    """The user as a dict, or None."""
    return await (
        await connection.execute(
            "SELECT users.id, users.name FROM sessions JOIN users ON users.id = user_id"
            " WHERE token_hash = %s AND expires_at > now()",
            (_hash_token(token),),
        )
    ).fetchone()


async def reset_password(connection, token, password):
    """Set the password; the token and every session of the user end. False where the token is not valid."""
    row = await (
        await connection.execute(
            "DELETE FROM password_resets WHERE token_hash = %s AND expires_at > now() RETURNING user_id",
            (_hash_token(token),),
        )
    ).fetchone()
    if row is None:
        return False
    await connection.execute(
        "UPDATE users SET password = %s WHERE id = %s", (await hash_password(password), row["user_id"])
    )
    await connection.execute("DELETE FROM sessions WHERE user_id = %s", (row["user_id"],))
    return True
