"""Is this request Alexa's, and is it fresh? Knows two headers and the bytes; nothing of Flask or of the skill.

The rules are those of "Host a Custom Skill as a Web Service" in Amazon's documentation:
the address of the certificate chain, the chain itself, the signature over the raw body,
and only then, with the body known to be Alexa's, the age of the request. Lambda needs none
of this: there AWS vouches for the caller.
"""

from __future__ import annotations

import base64
import http.client
import json
import posixpath
import re
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import certifi
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import Certificate, DNSName, load_pem_x509_certificates
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

# From the page named above. Scheme and host may come in any case; the path may not.
URL_HEADER = "SignatureCertChainUrl"
SIGNATURE_HEADER = "Signature-256"
CHAIN_HOST = "s3.amazonaws.com"
CHAIN_PATH = "/echo.api/"
SIGNER = "echo-api.amazon.com"
TOLERANCE = timedelta(seconds=150)
# Skill events are sent again for up to an hour until they are answered ("Skill Events in Alexa Skills").
EVENT_TOLERANCE = timedelta(hours=1)
EVENTS = "AlexaSkillEvent."

# Our own limits. Alexa waits about 8 s for an answer, of which fetching may take a part; a real chain is about 8 kB.
FETCH_SECONDS = 3.0
CHAIN_LIMIT = 64 * 1024
FETCHES_AT_ONCE = 4
KEYS_KEPT = 16
KEY_LIFE = timedelta(hours=1)

# Percent signs, `@`, `?`, `#`, backslashes and white space never stand in the addresses Amazon sends.
_PLAIN_URL = re.compile(r"[A-Za-z0-9:/._~-]{1,512}")


class RefusalError(Exception):
    """The request isn't answered; the text says why, for the log, and quotes nothing of the request."""


@dataclass(frozen=True)
class _Key:
    key: RSAPublicKey
    until: datetime


class Verifier:
    """Tells Alexa's requests from all others: `verifier(chain_url, signature, body)` -> envelope, or raises RefusalError.

    `roots` are the certificates trusted (by default certifi's, Mozilla's list), `fetch` gets the PEM chain at a path
    of Amazon's host and may raise OSError, `now` is the time in UTC. Safe to call from several threads. Keys that
    proved good are kept for an hour at most, never beyond the first expiry in their chain, and 16 of them at most.
    """

    def __init__(
        self,
        roots: Iterable[Certificate] | None = None,
        fetch: Callable[[str], bytes] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = Store(list(maintained_roots() if roots is None else roots))
        self._fetch = fetch or fetch_chain
        self._now = now
        self._keys: dict[str, _Key] = {}
        self._keys_lock = threading.Lock()
        self._fetches = threading.BoundedSemaphore(FETCHES_AT_ONCE)

    def __call__(self, chain_url: str, signature: str, body: bytes) -> dict[str, Any]:
        """The envelope in `body` (the bytes as they came), once signature and time are right.

        `chain_url` and `signature` are the values of URL_HEADER and SIGNATURE_HEADER, empty if missing. Raises RefusalError.
        """
        path, signed = chain_path(chain_url), _decoded(signature)
        try:
            self._key(path).verify(signed, body, PKCS1v15(), SHA256())
        except InvalidSignature:
            raise RefusalError("the signature doesn't fit the body") from None
        envelope = envelope_in(body)
        self._check_time(envelope)
        return envelope

    def _key(self, path: str) -> RSAPublicKey:
        with self._keys_lock:
            kept = self._keys.get(path)
        if kept and self._now() < kept.until:
            return kept.key
        fresh = self._trusted_key(path)
        with self._keys_lock:
            self._keys.pop(path, None)
            while len(self._keys) >= KEYS_KEPT:
                del self._keys[next(iter(self._keys))]
            self._keys[path] = fresh
        return fresh.key

    def _trusted_key(self, path: str) -> _Key:
        now = self._now()
        try:
            leaf, *others = load_pem_x509_certificates(self._chain_at(path))
            policy = PolicyBuilder().store(self._store).time(now)
            chain = policy.build_server_verifier(DNSName(SIGNER)).verify(leaf, others)
            key = leaf.public_key()
        except (ValueError, VerificationError):  # ValueError: not PEM, not certificates, or a key of no known kind
            raise RefusalError("the certificate chain isn't valid") from None
        if not isinstance(key, RSAPublicKey):
            raise RefusalError("the certificate's key isn't RSA")
        return _Key(key, min(now + KEY_LIFE, *(one.not_valid_after_utc for one in chain)))

    def _chain_at(self, path: str) -> bytes:
        # Anyone can name addresses that make us wait for Amazon; they may not take up every thread.
        if not self._fetches.acquire(blocking=False):
            raise RefusalError("too many certificate chains are being fetched")
        try:
            return self._fetch(path)
        except OSError as error:
            raise RefusalError(f"the certificate chain can't be fetched: {type(error).__name__}") from None
        finally:
            self._fetches.release()

    def _check_time(self, envelope: Mapping[str, Any]) -> None:
        request = envelope["request"]
        tolerance = EVENT_TOLERANCE if str(request.get("type")).startswith(EVENTS) else TOLERANCE
        try:
            age = self._now() - datetime.fromisoformat(request["timestamp"])
        except (KeyError, TypeError, ValueError):  # TypeError: not text, or a time of no known zone
            raise RefusalError("the timestamp can't be read") from None
        if abs(age) > tolerance:
            raise RefusalError("the request is too old, or from the future")


def envelope_in(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, which has a `request`. Raises RefusalError for anything else."""
    try:
        envelope = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):  # RecursionError: brackets nested by the thousand
        raise RefusalError("the body isn't JSON") from None
    if not isinstance(envelope, dict) or not isinstance(envelope.get("request"), dict):
        raise RefusalError("the body isn't a request envelope")
    return envelope


def chain_path(url: str) -> str:
    """Address of a certificate chain -> its path on Amazon's host, dot segments resolved. Raises RefusalError.

    Amazon's page asks that `/echo.api/../echo.api/x` be taken for `/echo.api/x`.
    """
    if not _PLAIN_URL.fullmatch(url):
        raise RefusalError("the certificate address is missing or odd")
    parts = urlsplit(url)
    path = posixpath.normpath(parts.path)
    if parts.scheme != "https" or parts.netloc.lower() not in {CHAIN_HOST, f"{CHAIN_HOST}:443"} or not path.startswith(CHAIN_PATH):
        raise RefusalError("the certificate address isn't Amazon's")
    return path


def fetch_chain(path: str, host: str = CHAIN_HOST, port: int = 443, context: ssl.SSLContext | None = None) -> bytes:
    """The PEM chain at `path`; redirects aren't followed. Raises OSError, also when it takes more than 3 s or 64 kB."""
    deadline = time.monotonic() + FETCH_SECONDS
    context = context or ssl.create_default_context(cafile=certifi.where())
    connection = http.client.HTTPSConnection(host, port, timeout=FETCH_SECONDS, context=context)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise OSError(f"status {response.status}")
        return _bounded(response, deadline)
    except http.client.HTTPException as error:
        raise OSError(type(error).__name__) from error
    finally:
        connection.close()


def maintained_roots() -> list[Certificate]:
    """The roots that Mozilla trusts, as certifi carries them. Nothing is pinned: Amazon has changed its chain before."""
    with warnings.catch_warnings():
        # One old root has a serial number that today's rules forbid; it isn't in Amazon's chain.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return load_pem_x509_certificates(certifi.contents().encode("ascii"))


def _decoded(signature: str) -> bytes:
    try:
        decoded = base64.b64decode(signature, validate=True)
    except ValueError:
        raise RefusalError("the signature isn't Base64") from None
    if not decoded:
        raise RefusalError("the request isn't signed")
    return decoded


def _bounded(response: http.client.HTTPResponse, deadline: float) -> bytes:
    body = b""
    while piece := response.read1(CHAIN_LIMIT):
        body += piece
        if len(body) > CHAIN_LIMIT:
            raise OSError("more than a certificate chain")
        if time.monotonic() > deadline:
            raise TimeoutError("the certificate chain comes too slowly")
    return body
