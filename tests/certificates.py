"""A certificate authority made by the test, and what it signs."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "echo-api.amazon.com"


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """One key for all signers: making one takes longer than all else here, and no test depends on two."""
    return rsa.generate_private_key(65537, 2048)


@dataclass
class Signer:
    """A key with its chain, leaf first."""

    key: Any
    chain: list[x509.Certificate]

    @property
    def pem(self) -> bytes:
        return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in self.chain)

    def sign(self, body: bytes, digest: hashes.HashAlgorithm | None = None) -> str:
        return base64.b64encode(self.key.sign(body, padding.PKCS1v15(), digest or hashes.SHA256())).decode("ascii")


class Authority:
    """A root and an intermediate, valid ten years around `now`."""

    def __init__(self, now: datetime, name: str = "Test Root") -> None:
        self.now = now
        self._key, self._below = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self.root = self._authority(name, self._key, name, self._key)
        self.intermediate = self._authority(f"{name} Below", self._below, name, self._key)

    def issue(
        self,
        name: str = NAME,
        start: timedelta = timedelta(days=-30),
        end: timedelta = timedelta(days=30),
        key: Any = None,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> Signer:
        """A signer for `name`, valid from `start` to `end`, counted from `now`."""
        key = key or rsa_key()
        builder = self._builder("Test Leaf", key, self.intermediate.subject, start, end).add_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=True
        )
        leaf = (
            builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._below.public_key()), critical=False)
            .sign(self._below, hashes.SHA256())
        )
        return Signer(key, [leaf, self.intermediate])

    def _authority(self, name, key, issuer, issuer_key):
        builder = self._builder(name, key, _named(issuer), timedelta(days=-3650), timedelta(days=3650))
        return (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(key_cert_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
            .sign(issuer_key, hashes.SHA256())
        )

    def _builder(self, name, key, issuer, start, end):
        builder = x509.CertificateBuilder(issuer, _named(name), key.public_key(), x509.random_serial_number())
        return builder.not_valid_before(self.now + start).not_valid_after(self.now + end)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(**chosen: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: chosen.get(name, False) for name in names})
