"""Request verification: what is Alexa's is let in, all else refused; the certificate authority is made here."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

import verification
from tests.certificates import Authority
from tests.conftest import START
from verification import RefusalError, Verifier, chain_path, fetch_chain

URL = "https://s3.amazonaws.com/echo.api/echo-api-cert-13.pem"
PATH = "/echo.api/echo-api-cert-13.pem"


def body_at(moment=START, request_type="LaunchRequest"):
    return json.dumps({"request": {"type": request_type, "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}}).encode()


class Chains:
    """Amazon's host, as the verifier sees it: counts what is fetched."""

    def __init__(self):
        self.at, self.fetched = {}, Counter()

    def __call__(self, path):
        self.fetched[path] += 1
        if path not in self.at:
            raise OSError("status 404")
        return self.at[path]


class Clock:
    now = START

    def __call__(self):
        return self.now


@pytest.fixture
def chains(signer):
    chains = Chains()
    chains.at[PATH] = signer.pem
    return chains


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def verifier(authority, chains, clock):
    return Verifier([authority.root], chains, clock)


def test_a_signed_fresh_request_is_let_in(verifier, signer):
    body = body_at()
    assert verifier(URL, signer.sign(body), body) == json.loads(body)


def test_the_body_is_judged_by_its_bytes_not_by_its_meaning(verifier, signer):
    body = body_at()
    with pytest.raises(RefusalError, match="doesn't fit"):
        verifier(URL, signer.sign(body), body + b" ")


@pytest.mark.parametrize("signature", ["", "not base64!", "AAAA", "QUJD" * 86, "\u00e9", "A"])
def test_a_missing_or_made_up_signature_is_refused(verifier, signature):
    with pytest.raises(RefusalError, match=r"signed|Base64|doesn't fit"):
        verifier(URL, signature, body_at())


@pytest.mark.parametrize("signature", ["", "not base64!"])
def test_what_is_not_signed_makes_us_fetch_nothing(verifier, chains, signature):
    with pytest.raises(RefusalError):
        verifier(URL, signature, body_at())
    assert not chains.fetched


def test_a_signature_with_more_in_it_than_base64_is_refused(verifier, signer):
    body = body_at()
    with pytest.raises(RefusalError, match="Base64"):
        verifier(URL, signer.sign(body) + "!", body)


def test_an_altered_signature_is_refused(verifier, signer):
    body = body_at()
    signature = signer.sign(body)
    altered = ("B" if signature[0] == "A" else "A") + signature[1:]
    with pytest.raises(RefusalError, match="doesn't fit"):
        verifier(URL, altered, body)


@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA512()])  # noqa: S303 - what older skills accepted
def test_a_signature_over_another_digest_is_refused(verifier, signer, digest):
    body = body_at()
    with pytest.raises(RefusalError, match="doesn't fit"):
        verifier(URL, signer.sign(body, digest), body)


@pytest.mark.parametrize(
    ("off", "request_type", "fresh"),
    [
        (0, "IntentRequest", True),
        (149, "IntentRequest", True),
        (-149, "IntentRequest", True),
        (151, "IntentRequest", False),
        (-151, "IntentRequest", False),
        (3599, "IntentRequest", False),
        (3599, "AlexaSkillEvent.SkillDisabled", True),
        (3599, "AlexaSkillEvent.ProactiveSubscriptionChanged", True),
        (3601, "AlexaSkillEvent.SkillDisabled", False),
        (-3601, "AlexaSkillEvent.SkillDisabled", False),
    ],
)
def test_requests_may_be_150_seconds_old_and_skill_events_an_hour(verifier, signer, off, request_type, fresh):
    body = body_at(START - timedelta(seconds=off), request_type)
    if fresh:
        assert verifier(URL, signer.sign(body), body)
    else:
        with pytest.raises(RefusalError, match="too old"):
            verifier(URL, signer.sign(body), body)


@pytest.mark.parametrize(
    "request_",
    [
        {"type": "LaunchRequest"},
        {"timestamp": None},
        {"timestamp": 1795370400},
        {"timestamp": "yesterday"},
        {"timestamp": ""},
        {"timestamp": "2026-11-23T18:00:00"},
        {"timestamp": "0001-01-01T00:00:00+23:59"},
        {"timestamp": "9999-12-31T23:59:59-23:59"},
        {"timestamp": ["2026-11-23T18:00:00Z"]},
    ],
)
def test_a_time_that_cannot_be_read_is_refused(verifier, signer, request_):
    body = json.dumps({"request": request_}).encode()
    with pytest.raises(RefusalError, match=r"timestamp|too old"):
        verifier(URL, signer.sign(body), body)


@pytest.mark.parametrize(
    "body",
    [b"", b"garbage", b"[]", b"3", b"null", b"{}", b'{"request": 3}', b"\xff\xfe", "{}".encode("utf-16"), b"[" * 100_000, b'{"request":'],
)
def test_what_is_not_an_envelope_is_refused_even_when_signed(verifier, signer, body):
    with pytest.raises(RefusalError, match=r"JSON|envelope"):
        verifier(URL, signer.sign(body), body)


def test_the_signature_is_judged_before_the_body_is_read(verifier):
    with pytest.raises(RefusalError, match="doesn't fit"):
        verifier(URL, "AAAA", b"garbage")


# The first three, and the first five of those refused below, are the examples on Amazon's page.
@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://s3.amazonaws.com/echo.api/echo-api-cert.pem", "/echo.api/echo-api-cert.pem"),
        ("https://s3.amazonaws.com:443/echo.api/echo-api-cert.pem", "/echo.api/echo-api-cert.pem"),
        ("https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert.pem", "/echo.api/echo-api-cert.pem"),
        ("HTTPS://S3.AmazonAWS.com/echo.api/echo-api-cert.pem", "/echo.api/echo-api-cert.pem"),
    ],
)
def test_the_addresses_amazon_allows_are_allowed(url, path):
    assert chain_path(url) == path


@pytest.mark.parametrize(
    "url",
    [
        "http://s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://notamazon.com/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/EcHo.aPi/echo-api-cert.pem",
        "https://s3.amazonaws.com/invalid.path/echo-api-cert.pem",
        "https://s3.amazonaws.com:563/echo.api/echo-api-cert.pem",
        "",
        "file:///etc/passwd",
        "//s3.amazonaws.com/echo.api/x",
        "https://s3.amazonaws.com",
        "https://s3.amazonaws.com/echo.api",
        "https://s3.amazonaws.com/echo.api/",
        "https://s3.amazonaws.com/echo.api/..",
        "https://s3.amazonaws.com/echo.api/../evil/cert.pem",
        "https://s3.amazonaws.com/echo.api/../../echo.api.evil/cert.pem",
        "https://s3.amazonaws.com/echo.api/%2e%2e/evil/cert.pem",
        "https://s3.amazonaws.com/echo.api\\..\\evil\\cert.pem",
        "https://s3.amazonaws.com//echo.api/cert.pem",
        "https://s3.amazonaws.com/echo.apis/cert.pem",
        "https://s3.amazonaws.com.evil.com/echo.api/cert.pem",
        "https://s3.amazonaws.com./echo.api/cert.pem",
        "https://evil.s3.amazonaws.com/echo.api/cert.pem",
        "https://user@s3.amazonaws.com/echo.api/cert.pem",
        "https://s3.amazonaws.com@evil.com/echo.api/cert.pem",
        "https://s3.amazonaws.com:443@evil.com/echo.api/cert.pem",
        "https://evil.com#@s3.amazonaws.com/echo.api/cert.pem",
        "https://s3.amazonaws.com:/echo.api/cert.pem",
        "https://s3.amazonaws.com:0443/echo.api/cert.pem",
        "https://s3.amazonaws.com:99999/echo.api/cert.pem",
        "https://s3.amazonaws.com/echo.api/cert.pem?x=1",
        "https://s3.amazonaws.com/echo.api/cert.pem#x",
        "https://s3.amazonaws.com/echo.api/cert.pem\r\nHost: evil.com",
        "https://s3.amazonaws.com/echo.api/cert.pem\n",
        " https://s3.amazonaws.com/echo.api/cert.pem",
        "https://s3.amazonaws.com/echo.api/cert.pem, https://s3.amazonaws.com/echo.api/cert.pem",
        "https://s3.ama\u017fonaws.com/echo.api/cert.pem",
        "https://[::1]/echo.api/cert.pem",
        "https://[/echo.api/cert.pem",
        "https://s3.amazonaws.com/echo.api/" + "x" * 600,
    ],
)
def test_any_other_address_is_refused_and_not_fetched(verifier, chains, url):
    with pytest.raises(RefusalError, match="certificate address"):
        verifier(url, "AAAA", body_at())
    assert not chains.fetched


def other_root(_):
    return Authority(START, "Somebody Else").issue()


def same_name_other_key(_):
    return Authority(START).issue()


def without_intermediate(authority):
    signer = authority.issue()
    del signer.chain[1]
    return signer


@pytest.mark.parametrize(
    "signer_of",
    [
        other_root,
        same_name_other_key,
        without_intermediate,
        lambda a: a.issue(name="echo-api.amazon.com.evil.com"),
        lambda a: a.issue(name="amazon.com"),
        lambda a: a.issue(end=timedelta(seconds=-1)),
        lambda a: a.issue(start=timedelta(seconds=2)),
        lambda a: a.issue(usage=ExtendedKeyUsageOID.CODE_SIGNING),
    ],
    ids=["other root", "same name", "no intermediate", "wrong name", "parent name", "expired", "not yet valid", "usage"],
)
def test_a_chain_that_is_not_good_now_is_refused(verifier, authority, chains, signer_of):
    signer = signer_of(authority)
    chains.at[PATH] = signer.pem
    with pytest.raises(RefusalError, match="chain isn't valid"):
        verifier(URL, signer.sign(body_at()), body_at())


@pytest.mark.parametrize("pem", [b"", b"<html>", b"\x00\xff", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_chain_is_refused(verifier, signer, chains, pem):
    chains.at[PATH] = pem
    with pytest.raises(RefusalError, match="chain isn't valid"):
        verifier(URL, signer.sign(body_at()), body_at())


def test_a_key_that_is_not_rsa_is_refused(verifier, authority, chains):
    chains.at[PATH] = authority.issue(key=ec.generate_private_key(ec.SECP256R1())).pem
    with pytest.raises(RefusalError, match="RSA"):
        verifier(URL, "AAAA", body_at())


def test_a_chain_that_cannot_be_fetched_is_refused(verifier):
    with pytest.raises(RefusalError, match="can't be fetched: OSError"):
        verifier("https://s3.amazonaws.com/echo.api/gone.pem", "AAAA", body_at())


def test_a_chain_is_fetched_once_and_again_after_an_hour(verifier, signer, chains, clock):
    for _ in range(3):
        verifier(URL, signer.sign(body_at()), body_at())
    assert chains.fetched[PATH] == 1
    for minutes, fetches in ((59, 1), (60, 2), (61, 2)):
        clock.now = START + timedelta(minutes=minutes)
        verifier(URL, signer.sign(body_at(clock.now)), body_at(clock.now))
        assert chains.fetched[PATH] == fetches


def test_a_kept_key_is_not_trusted_beyond_its_expiry(verifier, authority, chains, clock):
    signer = authority.issue(end=timedelta(minutes=10))
    chains.at[PATH] = signer.pem
    verifier(URL, signer.sign(body_at()), body_at())
    clock.now = START + timedelta(minutes=11)
    with pytest.raises(RefusalError, match="chain isn't valid"):
        verifier(URL, signer.sign(body_at(clock.now)), body_at(clock.now))


def test_a_failure_is_not_kept(verifier, signer, chains):
    chains.at.clear()
    with pytest.raises(RefusalError, match="can't be fetched"):
        verifier(URL, signer.sign(body_at()), body_at())
    chains.at[PATH] = signer.pem
    assert verifier(URL, signer.sign(body_at()), body_at())


def test_only_so_many_keys_are_kept(verifier, signer, chains):
    paths = [f"/echo.api/{number}.pem" for number in range(verification.KEYS_KEPT + 1)]
    for path in paths:
        chains.at[path] = signer.pem
        verifier("https://s3.amazonaws.com" + path, signer.sign(body_at()), body_at())
    assert len(verifier._keys) == verification.KEYS_KEPT
    verifier("https://s3.amazonaws.com" + paths[0], signer.sign(body_at()), body_at())
    assert (chains.fetched[paths[0]], chains.fetched[paths[-1]]) == (2, 1)


def test_slow_fetches_do_not_take_up_every_thread(authority, signer, clock):
    started, release = threading.Semaphore(0), threading.Event()

    def slow(path):
        if path == PATH:
            return signer.pem
        started.release()
        release.wait(10)
        raise OSError

    verifier = Verifier([authority.root], slow, clock)
    verifier(URL, signer.sign(body_at()), body_at())

    def attempt(number):
        with pytest.raises(RefusalError, match="can't be fetched"):
            verifier(f"https://s3.amazonaws.com/echo.api/{number}.pem", "AAAA", body_at())

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(verification.FETCHES_AT_ONCE)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert started.acquire(timeout=10)
    with pytest.raises(RefusalError, match="too many"):
        verifier("https://s3.amazonaws.com/echo.api/one-more.pem", "AAAA", body_at())
    assert verifier(URL, signer.sign(body_at()), body_at())  # a key that is known needs no fetch
    release.set()
    for thread in threads:
        thread.join(10)
    with pytest.raises(RefusalError, match="can't be fetched"):
        verifier("https://s3.amazonaws.com/echo.api/later.pem", "AAAA", body_at())


def test_the_roots_are_a_maintained_list_with_amazons_in_it():
    names = [root.subject.rfc4514_string() for root in verification.maintained_roots()]
    assert len(names) > 100
    assert any("Amazon Root CA 1" in name for name in names)


def test_a_chain_of_an_unknown_root_is_refused_by_the_maintained_list(signer, chains, clock):
    with pytest.raises(RefusalError, match="chain isn't valid"):
        Verifier(fetch=chains, now=clock)(URL, signer.sign(body_at()), body_at())


class _Host(http.server.BaseHTTPRequestHandler):
    """Amazon's host on this machine, with a few bad days."""

    def do_GET(self):
        if self.path == "/garbled":
            self.wfile.write(b"nonsense\r\n\r\n")
            return
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/good")
        else:
            self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        if self.path == "/silent":
            time.sleep(2)
        for _ in range(20 if self.path == "/slow" else 1):
            self.wfile.write(b"x" * (verification.CHAIN_LIMIT + 1 if self.path == "/long" else 8))
            self.wfile.flush()
            time.sleep(0.1 if self.path == "/slow" else 0)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """(host, port, context that trusts it) of an HTTPS server."""
    authority = Authority(datetime.now(UTC))
    signer = authority.issue("localhost")
    folder = tmp_path_factory.mktemp("host")
    key = signer.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "chain.pem").write_bytes(signer.pem)
    (folder / "key.pem").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Host)
    server.handle_error = lambda *_: None
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    trusting = ssl.create_default_context(cadata=authority.root.public_bytes(serialization.Encoding.PEM).decode())
    yield "localhost", server.server_port, trusting
    server.shutdown()
    server.server_close()


def test_a_chain_is_fetched_over_https(host):
    assert fetch_chain("/good", *host) == b"x" * 8


@pytest.mark.parametrize("path", ["/redirect", "/missing", "/long", "/garbled"])
def test_redirects_errors_and_long_answers_are_not_taken_for_a_chain(host, path):
    with pytest.raises(OSError, match=r"status|more than|BadStatusLine"):
        fetch_chain(path, *host)


@pytest.mark.parametrize("path", ["/slow", "/silent"])
def test_fetching_is_given_up_after_a_while(host, path, monkeypatch):
    monkeypatch.setattr(verification, "FETCH_SECONDS", 0.3)
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        fetch_chain(path, *host)
    assert time.monotonic() - begun < 1.5


def test_a_host_nobody_vouches_for_is_not_asked(host):
    with pytest.raises(ssl.SSLCertVerificationError):
        fetch_chain("/good", *host[:2])


def test_a_host_that_does_not_answer_is_an_error_like_others():
    with pytest.raises(OSError, match="refused"):
        fetch_chain("/good", "127.0.0.1", 1)
