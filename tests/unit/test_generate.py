"""Secrets made on the spot are what they claim to be."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import uuid

import pytest
from ansible_collections.stackway.scaleway.plugins.module_utils.generate import KINDS, check, generate, public_key
from cryptography import x509


@pytest.mark.parametrize("length", [8, 32, 128])
def test_a_password_satisfies_managed_databases(length):
    for _ in range(50):
        made = generate("password", length)
        assert len(made) == length
        assert all(re.search(members, made) for members in ("[a-z]", "[A-Z]", "[0-9]", "[-_.~]"))
        assert re.fullmatch(r"[A-Za-z0-9_.~-]+", made), "something that a URL or a shell would have to quote"


def test_other_kinds():
    assert re.fullmatch("[0-9a-f]{20}", generate("hex", 10))
    assert len(base64.b64decode(generate("base64", 48))) == 48
    assert re.fullmatch("[A-Za-z0-9]{32}", generate("alphanumeric"))
    assert uuid.UUID(generate("uuid")).version == 4
    assert public_key(generate("ssh_key")).startswith("ssh-ed25519 ")


def test_a_certificate_is_vouched_for_by_its_authority():
    made = json.loads(generate("certificate", names=["pooler.example.net", "10.0.0.4"]))
    certificate, authority = (
        x509.load_pem_x509_certificate(made[part].encode()) for part in ("certificate", "authority")
    )
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["pooler.example.net"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("10.0.0.4")]
    assert made["key"].startswith("-----BEGIN PRIVATE KEY-----")


def test_no_two_are_alike():
    for kind in KINDS:
        names = ["example.net"] if kind == "certificate" else None
        assert generate(kind, names=names) != generate(kind, names=names)


@pytest.mark.parametrize(
    ("kind", "length", "words"),
    [
        ("hex", 7, "too short"),
        ("password", 129, "more than the 128"),
        ("uuid", 36, "has no length"),
        ("ssh_key", 256, "has no length"),
        ("hex", 129, None),
        ("password", None, None),
    ],
)
def test_lengths(kind, length, words):
    fault = check(kind, length)
    assert fault is None if words is None else words in fault


def test_names_are_for_certificates():
    assert "needs the names" in check("certificate", None)
    assert "has no names" in check("password", None, ["example.net"])
