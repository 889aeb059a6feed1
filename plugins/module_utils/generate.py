# Copyright: (c) 2026, The stackway maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets made on the spot, from the operating system's random source."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import secrets
import string
import uuid

from .errors import ResourceError

SPECIAL = "-_.~"  # need no quoting in a URL, a shell or a .env file
CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
SHORTEST = 8
LONGEST_PASSWORD = 128  # what Managed Databases take
LIFETIME = datetime.timedelta(days=3650)  # of a certificate: another one comes by rotation


def generate(kind: str, length: int | None = None, names: list[str] | None = None) -> str:
    """A new secret of a kind: `password` and `alphanumeric` (length in characters), `hex` and `base64` (length in random
    bytes), `uuid`, `ssh_key` (an Ed25519 private key in OpenSSH's format), `certificate` (a JSON object with `certificate`
    for these names, its `key`, and the `authority` that signed it and nothing else)."""
    return _certificate(names) if kind == "certificate" else _KINDS[kind](length or 32)


def check(kind: str, length: int | None, names: list[str] | None = None) -> str | None:
    """What is wrong with these parameters, in words, or None."""
    if kind == "certificate" and not names:
        return "a certificate needs the names that it is for"
    if kind != "certificate" and names:
        return f"a {kind} has no names"
    if length is None:
        return None
    if kind in ("uuid", "ssh_key", "certificate"):
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


def _certificate(names: list[str]) -> str:
    """Clients trust the authority, whose key nobody keeps: some do not take a certificate that vouches for itself."""
    serialization, _ed25519 = _cryptography()
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _each in range(2))
    authority, subject = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
        for name in (f"authority of {names[0]}", names[0])
    )
    now = datetime.datetime.now(datetime.UTC)
    begin = now - datetime.timedelta(days=1)  # for clients whose clock is late

    def sign(of, public, *extensions):
        builder = x509.CertificateBuilder(authority, of, public, x509.random_serial_number(), begin, now + LIFETIME)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    made = {
        "authority": sign(authority, authority_key.public_key(), (x509.BasicConstraints(ca=True, path_length=0), True)),
        "certificate": sign(
            subject,
            key.public_key(),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.SubjectAlternativeName([_general_name(name) for name in names]), False),
        ),
        "key": key.private_bytes(*form).decode(),
    }
    return json.dumps(made, sort_keys=True)


def _general_name(name: str):
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _cryptography():
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise ResourceError(f"generate: keys and certificates need the Python library cryptography: {error}") from error
    return serialization, ed25519


_KINDS = {
    "password": lambda length: _characters(length, (*CLASSES, SPECIAL)),
    "alphanumeric": lambda length: _characters(length, CLASSES),
    "hex": secrets.token_hex,
    "base64": lambda length: base64.b64encode(secrets.token_bytes(length)).decode(),
    "uuid": lambda _length: str(uuid.uuid4()),
    "ssh_key": lambda _length: _ssh_key(),
}
KINDS = (*_KINDS, "certificate")
