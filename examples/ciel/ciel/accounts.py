"""Users and their passwords, of which only hashes are stored."""

import asyncio
import hashlib
import hmac
import secrets

from .database import fetch


def _scrypt(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


async def _hash(password):
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${(await asyncio.to_thread(_scrypt, password, salt)).hex()}"


async def _matches(password, stored):
    salt, digest = (bytes.fromhex(part) for part in stored.split("$"))
    return hmac.compare_digest(await asyncio.to_thread(_scrypt, password, salt), digest)


async def create(pool, name, password):
    """The new user's id, or None where the name is taken."""
    hashed = await _hash(password)
    async with pool.connection() as connection:
        row = await fetch(
            connection,
            "INSERT INTO users (name, password) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING id",
            name,
            hashed,
        )
    return row and row["id"]


async def identify(pool, name, password):
    """The user's id, or None where name and password do not match."""
    async with pool.connection() as connection:
        user = await fetch(connection, "SELECT id, password FROM users WHERE name = %s", name)
    return user["id"] if user and await _matches(password, user["password"]) else None
