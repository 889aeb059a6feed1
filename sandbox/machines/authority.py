"""The sandbox's certificate authority: one root for everything in it that speaks TLS."""

import ipaddress
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_DAYS = 3650
LEAF_DAYS = 397
RENEWAL_DAYS = 30


_making_root = threading.Lock()
"""Machines start at the same time, and all want the one root."""


class Authority:
    """Clients trust `<home>/ca.pem`; its key, `<home>/ca.key`, is readable by the owner alone."""

    def __init__(self, settings):
        self.home = Path(settings.home)
        self.certificate_file = self.home / "ca.pem"
        self.key_file = self.home / "ca.key"
        with _making_root:
            if not self.certificate_file.exists():
                self._make_root(settings.name)

    def issue(self, *names: str) -> tuple[Path, Path]:
        """A certificate for DNS names and addresses, as (certificate, key) files; the same until it is about to expire."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        certificate, key = (self._folder / f"{names[0]}{suffix}" for suffix in (".pem", ".key"))
        if not self._serves(certificate, names):
            self._make_leaf(names, certificate, key)
        return certificate, key

    def server_context(self, *names: str) -> ssl.SSLContext:
        """What a server needs to be known by these names."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self.issue(*names))
        return context

    @property
    def _folder(self) -> Path:
        return self.home / "tls"

    def _make_root(self, name: str):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Sandbox {name} root")])
        usage = x509.KeyUsage(
            key_cert_sign=True, crl_sign=True, digital_signature=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = self._builder(subject, subject, key, ROOT_DAYS)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(usage, critical=True)
        self.home.mkdir(parents=True, exist_ok=True)
        _write_key(self.key_file, key)
        self.certificate_file.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def _make_leaf(self, names: tuple[str, ...], certificate: Path, key_file: Path):
        root = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
        root_key = load_pem_private_key(self.key_file.read_bytes(), None)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        builder = self._builder(subject, root.subject, key, LEAF_DAYS)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False
        )
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())
        builder = builder.add_extension(issuer, critical=False)
        _write_key(key_file, key)
        certificate.write_bytes(builder.sign(root_key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def _builder(self, subject: x509.Name, issuer: x509.Name, key, days: int) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).add_extension(identifier, critical=False)
        return builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=days))

    def _serves(self, certificate: Path, names: tuple[str, ...]) -> bool:
        if not certificate.exists():
            return False
        issued = x509.load_pem_x509_certificate(certificate.read_bytes())
        known = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        lasting = issued.not_valid_after_utc > datetime.now(UTC) + timedelta(days=RENEWAL_DAYS)
        return lasting and list(known) == [_general_name(name) for name in names]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_key(file: Path, key):
    file.touch(mode=0o600)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
