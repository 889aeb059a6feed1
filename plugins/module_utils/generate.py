# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets made on the spot, from the operating system's random source."""

from __future__ import annotations

import base64
import secrets
import string
import uuid

from .errors import ResourceError

SPECIAL = "-_.~"  # need no quoting in a URL, a shell or a .env file
CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
SHORTEST = 8
LONGEST_PASSWORD = 128  # what Managed Databases take


def generate(kind: str, length: int | None = None) -> str:
    """A new secret of a kind: `password` and `alphanumeric` (length in characters), `hex` and `base64` (length in random
    bytes), `uuid`, `ssh_key` (an Ed25519 private key in OpenSSH's format)."""
    return _KINDS[kind](length or 32)


def check(kind: str, length: int | None) -> str | None:
    """What is wrong with these parameters, in words, or None."""
    if length is None:
        return None
    if kind in ("uuid", "ssh_key"):
        return f"a {kind} has no length"
    if length < SHORTEST:
        return f"length {length} is too short for a secret: {SHORTEST} at least"
    if kind == "password" and length > LONGEST_PASSWORD:
        return f"length {length} is more than the {LONGEST_PASSWORD} characters that a database password may have"
    return None


def public_key(private: str) -> str:
    """The line for authorized_keys that belongs to a private key made here."""
    serialization, _ed25519 = _cryptography()
    key = serialization.load_ssh_private_key(private.encode(), password=None)
    form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return key.public_key().public_bytes(*form).decode()


def _characters(length: int, classes: tuple[str, ...]) -> str:
    """Random characters, at least one of each class: Managed Databases refuse a password without."""
    while True:
        found = "".join(secrets.choice("".join(classes)) for position in range(length))
        if all(set(found) & set(members) for members in classes):
            return found


def _ssh_key() -> str:
    serialization, ed25519 = _cryptography()
    form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    return ed25519.Ed25519PrivateKey.generate().private_bytes(*form).decode()


def _cryptography():
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise ResourceError(f"generate: an ssh_key needs the Python library cryptography: {error}") from error
    return serialization, ed25519


_KINDS = {
    "password": lambda length: _characters(length, (*CLASSES, SPECIAL)),
    "alphanumeric": lambda length: _characters(length, CLASSES),
    "hex": secrets.token_hex,
    "base64": lambda length: base64.b64encode(secrets.token_bytes(length)).decode(),
    "uuid": lambda _length: str(uuid.uuid4()),
    "ssh_key": lambda _length: _ssh_key(),
}
KINDS = tuple(_KINDS)
