"""PASETO v4.public: a text that everybody can read, signed with Ed25519.

Source: https://github.com/paseto-standard/paseto-spec, docs/01-Protocol-Versions/Version4.md and docs/01-Protocol-Versions/Common.md.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature

HEADER = "v4.public."
SIGNATURE_BYTES = 64


class InvalidToken(Exception):
    pass


def _encode(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text):
    """Of the ways to write the same bytes, only the one that `_encode` chooses."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken("not base64") from None
    if _encode(content) != text:
        raise InvalidToken("not base64")
    return content


def _pre_authentication_encoding(*pieces):
    """No two lists of pieces encode alike, so nothing can be moved from one piece to the next."""
    return b"".join([len(pieces).to_bytes(8, "little"), *(len(p).to_bytes(8, "little") + p for p in pieces)])


def sign(private_key, payload, footer=b"", implicit=b""):
    """The token of a payload (bytes). Only who knows `implicit` as well can verify it."""
    signature = private_key.sign(_pre_authentication_encoding(HEADER.encode(), payload, footer, implicit))
    return HEADER + _encode(payload + signature) + ("." + _encode(footer) if footer else "")


def verify(public_key, token, implicit=b""):
    """(payload, footer) as bytes; InvalidToken where the key did not sign exactly this."""
    if not token.startswith(HEADER):
        raise InvalidToken("not v4.public")
    body, _, footer = token.removeprefix(HEADER).partition(".")
    content, footer = _decode(body), _decode(footer)
    payload, signature = content[:-SIGNATURE_BYTES], content[-SIGNATURE_BYTES:]
    try:
        public_key.verify(signature, _pre_authentication_encoding(HEADER.encode(), payload, footer, implicit))
    except InvalidSignature:
        raise InvalidToken("not signed with this key") from None
    return payload, footer
