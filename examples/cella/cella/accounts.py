"""Users, their passwords, of which only hashes are stored, their sessions, and the links by which they end their newsletter."""

import hashlib
import hmac

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from itsdangerous import BadSignature, TimestampSigner, URLSafeSerializer

SESSION_SECONDS = 7 * 24 * 3600
_hasher = PasswordHasher(memory_cost=19456, parallelism=1)  # what OWASP recommends, small enough for many at a time


def _peppered(password, secret):
    """Whoever has the database alone cannot try passwords."""
    return hmac.new(secret.encode(), password.encode(), hashlib.sha256).hexdigest()


def password_hash(password, secret):
    return _hasher.hash(_peppered(password, secret))


def password_fits(password, secret, stored):
    try:
        return _hasher.verify(stored, _peppered(password, secret))
    except VerificationError:
        return False


def session(name, secret):
    """What the cookie of a user holds."""
    return TimestampSigner(secret, "session").sign(name).decode()


def user_of(cookie, secret):
    """The user's name, or None where the cookie is not ours or has expired."""
    try:
        return TimestampSigner(secret, "session").unsign(cookie, SESSION_SECONDS).decode()
    except BadSignature:
        return None


def unsubscribe_token(name, secret):
    return URLSafeSerializer(secret, "unsubscribe").dumps(name)


def unsubscriber(token, secret):
    try:
        return URLSafeSerializer(secret, "unsubscribe").loads(token)
    except BadSignature:
        return None
