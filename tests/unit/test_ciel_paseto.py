"""ciel's tokens are PASETO v4.public: https://github.com/paseto-standard/test-vectors, v4.json, 4-S-1 to 4-S-3."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE = Path(__file__).parents[2] / "examples/ciel/ciel/paseto.py"
SPEC = importlib.util.spec_from_file_location("ciel_paseto", FILE)
paseto = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(paseto)

SEED = "b4cbfb43df4ce210727d953e4a713307fa19bb7d9f85041438d9e11b942a3774"
PUBLIC = "1eb9dbbbbc047c03fd70604e0071f0987e16b28b757225c11f00415d0e20b1a2"
PAYLOAD = b'{"data":"this is a signed message","exp":"2022-01-01T00:00:00+00:00"}'
FOOTER = b'{"kid":"zVhMiPBP9fRf2snEcT7gFTioeA9COcNy9DfgL1W60haN"}'
START = "v4.public.eyJkYXRhIjoidGhpcyBpcyBhIHNpZ25lZCBtZXNzYWdlIiwiZXhwIjoiMjAyMi0wMS0wMVQwMDowMDowMCswMDowMCJ9"
END = ".eyJraWQiOiJ6VmhNaVBCUDlmUmYyc25FY1Q3Z0ZUaW9lQTlDT2NOeTlEZmdMMVc2MGhhTiJ9"
VECTORS = {
    "4-S-1": (b"", b"", "bg_XBBzds8lTZShVlwwKSgeKpLT3yukTw6JUz3W4h_ExsQV-P0V54zemZDcAxFaSeef1QlXEFtkqxT1ciiQEDA", ""),
    "4-S-2": (
        FOOTER,
        b"",
        "v3Jt8mx_TdM2ceTGoqwrh4yDFn0XsHvvV_D0DtwQxVrJEBMl0F2caAdgnpKlt4p7xBnx1HcO-SPo8FPp214HDw",
        END,
    ),
    "4-S-3": (
        FOOTER,
        b'{"test-vector":"4-S-3"}',
        "NPWciuD3d0o5eXJXG5pJy-DiVEoyPYWs1YSTwWHNJq6DZD3je5gf-0M4JR9ipdUSJbIovzmBECeaWmaqcaP0DQ",
        END,
    ),
}
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SEED))


def test_the_key_is_its_seed():
    assert KEY.public_key().public_bytes_raw().hex() == PUBLIC


@pytest.mark.parametrize(("footer", "implicit", "signature", "end"), VECTORS.values(), ids=VECTORS)
def test_vector(footer, implicit, signature, end):
    token = START + signature + end
    assert paseto.sign(KEY, PAYLOAD, footer, implicit) == token
    assert paseto.verify(KEY.public_key(), token, implicit) == (PAYLOAD, footer)


GOOD = paseto.sign(KEY, PAYLOAD, FOOTER)


@pytest.mark.parametrize(
    "token",
    [
        "",
        GOOD.replace("v4.public", "v4.local"),
        GOOD.replace("v4.public", "v2.public"),
        GOOD[:20] + ("A" if GOOD[20] != "A" else "B") + GOOD[21:],
        GOOD.removesuffix(END),
        GOOD.removesuffix(END) + ".e30",
        GOOD + ".e30",
        GOOD + "=",
        GOOD + "\n",
        GOOD.replace("eyJ", "eyJ ", 1),
        paseto.sign(KEY, PAYLOAD)[:-1] + "B",  # the last two bits of its last sign belong to no byte
        "v4.public.e30",
    ],
)
def test_a_token_that_was_touched_is_refused(token):
    with pytest.raises(paseto.InvalidToken):
        paseto.verify(KEY.public_key(), token)


def test_another_key_or_purpose_does_not_verify():
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    for key, implicit in [(other.public_key(), b""), (KEY.public_key(), b"refresh")]:
        with pytest.raises(paseto.InvalidToken):
            paseto.verify(key, GOOD, implicit)
