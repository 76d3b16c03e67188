"""The web service: the same skill behind flask-ask-sdk, with nothing let in that isn't Alexa's."""

from __future__ import annotations

import http.client
import importlib
import json
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes

import certvalidator_stand_in
import web_service
from backcare import app as root
from backcare.alexa import Skill
from tests.certificates import Authority
from tests.conftest import CONTENT, ROOT, START
from tests.service import SCRIPT, environment, post, running
from tests.test_edge import envelope, intent, said
from verification import Verifier

URL = "https://s3.amazonaws.com/echo.api/echo-api-cert-13.pem"
ANYWHERE = "0.0.0.0"  # noqa: S104 - named, never listened on
OURS = "amzn1.ask.skill.ours"
LAUNCH = envelope({"type": "LaunchRequest"})


@pytest.fixture
def chain(signer):
    """What Amazon's host has at the path of URL; a test may change it."""
    return {"/echo.api/echo-api-cert-13.pem": signer.pem}


@pytest.fixture
def skill():
    return root.build({"SKILL_ID": OURS})


@pytest.fixture
def client(skill, authority, chain):
    def fetch(path):
        if path not in chain:
            raise ConnectionRefusedError
        return chain[path]

    return web_service.create_app(skill, Verifier([authority.root], fetch, lambda: START)).test_client()


@pytest.fixture
def open_client(skill):
    return web_service.create_app(skill, web_service.unverified).test_client()


class Letter:
    """A request on its way: good as it is, and for a test to spoil, with the authority and Amazon's host behind it."""

    def __init__(self, signer, authority, chain):
        self.signer, self.authority, self.chain = signer, authority, chain
        self.url = URL
        self.write(LAUNCH)

    def write(self, event):
        self.body = event if isinstance(event, bytes) else json.dumps(event).encode()
        self.signature = self.signer.sign(self.body)

    def post(self, client, **headers):
        signed = {"SignatureCertChainUrl": self.url, "Signature-256": self.signature}
        headers = {"Content-Type": "application/json", **{name: text for name, text in signed.items() if text is not None}, **headers}
        return client.post("/", data=self.body, headers=headers)


@pytest.fixture
def letter(signer, authority, chain):
    return Letter(signer, authority, chain)


def at(off, **changes):
    event = envelope({"type": "LaunchRequest"}, **changes)
    event["request"]["timestamp"] = (START + timedelta(seconds=off)).isoformat()
    return event


def test_a_signed_request_gets_the_skills_own_answer(client, skill, letter):
    response = letter.post(client)
    assert response.status_code == 200
    assert response.json == {**skill(LAUNCH, None), "userAgent": response.json["userAgent"]}
    assert said(response.json).startswith("Welcome to Lupus Back Care.")


def test_it_is_flask_ask_sdk_that_dispatches(client, letter, monkeypatch):
    adapter = client.application.extensions["ASK_SDK_SKILL_ADAPTER"]["backcare"]
    assert type(adapter).__module__ == "flask_ask_sdk.skill_adapter"
    seen = []
    monkeypatch.setattr(
        adapter._webservice_handler, "verify_request_and_dispatch", lambda **arguments: seen.append(arguments) or {"answer": 1}
    )
    assert letter.post(client).json == {"answer": 1}
    assert seen[0]["http_request_body"].encode() == letter.body


def test_whatever_the_content_type_the_signed_bytes_are_read(client, letter):
    response = letter.post(client, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert said(response.json).startswith("Welcome")


def test_names_of_headers_may_come_in_any_case(client, letter):
    url, letter.url = letter.url, None
    assert letter.post(client, signaturecertchainurl=url).status_code == 200


def test_a_skill_event_may_be_an_hour_old(client, letter):
    event = at(-3599)
    event["request"]["type"] = "AlexaSkillEvent.SkillEnabled"
    letter.write(event)
    response = letter.post(client)
    assert response.status_code == 200
    assert "outputSpeech" not in response.json["response"]


def change(**values):
    return lambda letter: vars(letter).update(values)


def write(event):
    return lambda letter: letter.write(event)


def url(text):
    return change(url=text)


def tampered(letter):
    letter.body = letter.body.replace(b"en-US", b"en-GB")


def altered_signature(letter):
    letter.signature = ("B" if letter.signature[0] == "A" else "A") + letter.signature[1:]


def other_digest(letter):
    letter.signature = letter.signer.sign(letter.body, hashes.SHA1())  # noqa: S303 - what Amazon used before


def signed_by(signer_of):
    def spoil(letter):
        signer = signer_of(letter.authority)
        letter.chain.update(dict.fromkeys(letter.chain, signer.pem))
        letter.signature = signer.sign(letter.body)

    return spoil


BAD = {
    "unsigned": change(signature=None),
    "without an address": change(url=None),
    "with neither": change(url=None, signature=None),
    "empty signature": change(signature=""),
    "stale": write(at(-151)),
    "future": write(at(151)),
    "without a time": write({"request": {"type": "LaunchRequest"}}),
    "tampered": tampered,
    "altered signature": altered_signature,
    "other digest": other_digest,
    "garbage": write(b"\x00garbage"),
    "garbage unsigned": change(body=b"\x00garbage", signature=None),
    "not UTF-8": write(json.dumps(LAUNCH).encode("utf-16")),
    "empty": write(b""),
    "empty unsigned": change(body=b"", signature=None),
    "empty object": write(b"{}"),
    "a list": write(b"[]"),
    "nested": write(b"[" * 100_000),
    "wrong skill id": write(at(0, skill_id="amzn1.ask.skill.theirs")),
    "no skill id": write({"request": at(0)["request"]}),
    "bad root": signed_by(lambda _: Authority(START).issue()),
    "wrong name": signed_by(lambda authority: authority.issue("echo-api.amazon.com.evil.com")),
    "expired": signed_by(lambda authority: authority.issue(end=timedelta(days=-1))),
    "not yet valid": signed_by(lambda authority: authority.issue(start=timedelta(days=1))),
    "no chain": lambda letter: letter.chain.update(dict.fromkeys(letter.chain, b"<html>")),
    "wrong host": url("https://s3.amazonaws.com.evil.com/echo.api/echo-api-cert-13.pem"),
    "wrong port": url("https://s3.amazonaws.com:563/echo.api/echo-api-cert-13.pem"),
    "wrong path": url("https://s3.amazonaws.com/invalid.path/echo-api-cert-13.pem"),
    "wrong scheme": url("http://s3.amazonaws.com/echo.api/echo-api-cert-13.pem"),
    "wrong case": url("https://s3.amazonaws.com/EcHo.aPi/echo-api-cert-13.pem"),
    "dot segments": url("https://s3.amazonaws.com/echo.api/../evil/echo-api-cert-13.pem"),
    "userinfo": url("https://s3.amazonaws.com:443@evil.com/echo.api/echo-api-cert-13.pem"),
    "unreachable": url("https://s3.amazonaws.com/echo.api/unreachable.pem"),
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
def test_a_bad_request_gets_400_no_reason_and_no_trace(client, letter, spoil, caplog, monkeypatch):
    monkeypatch.setattr(Skill, "__call__", lambda *_: pytest.fail("the skill was asked"))
    spoil(letter)
    response = letter.post(client)
    assert (response.status_code, response.json) == (400, {"error": "Bad Request"})
    assert [record.name for record in caplog.records] == ["backcare.web"]
    assert caplog.records[0].message.startswith("refused: ")
    assert not caplog.records[0].exc_info


def test_a_refused_request_is_not_quoted_in_the_log(client, letter, caplog):
    letter.url, letter.body = "https://evil.example/forged", b"purple secret"
    letter.post(client, **{"User-Agent": "purple"})
    assert "evil" not in caplog.text
    assert "purple" not in caplog.text


def test_without_verification_unsigned_requests_are_answered_and_garbage_is_not(open_client):
    assert said(open_client.post("/", json=LAUNCH).json).startswith("Welcome")
    for body in (b"", b"garbage", b"{}", b"\xff"):
        assert open_client.post("/", data=body).status_code == 400
    assert open_client.post("/", json=at(0, skill_id="amzn1.ask.skill.theirs")).status_code == 400


def test_what_the_sdk_cannot_read_is_answered_as_on_lambda(open_client, skill):
    event = envelope({"type": "Future.Request"}, new=False)
    response = open_client.post("/", json=event)
    assert response.status_code == 200
    assert said(response.json) == said(skill(event, None))


def test_the_session_goes_on_from_answer_to_answer(open_client):
    first = open_client.post("/", json=envelope(intent("QuestionIntent", question="would a warm bath ease my back"))).json
    following = envelope(intent("AMAZON.YesIntent"), new=False, attributes=first["sessionAttributes"])
    second = open_client.post("/", json=following).json
    assert second["sessionAttributes"]["place"]["topic"] == first["sessionAttributes"]["place"]["topic"] == "heat-and-cold"
    assert said(second) != said(first)


def test_a_request_that_is_too_large_is_not_read(open_client):
    body = json.dumps({**LAUNCH, "more": "x" * web_service.REQUEST_LIMIT}).encode()
    assert open_client.post("/", data=body).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/", 405),
        ("POST", "/health", 405),
        ("GET", "/nowhere", 404),
        ("POST", "/", 400),
        ("OPTIONS", "/", 400),
    ],
)
def test_every_answer_has_the_security_headers(client, method, path, status):
    response = client.open(path, method=method)
    assert response.status_code == status
    assert response.is_json
    assert {name: response.headers.get(name) for name in web_service.HEADERS} == web_service.HEADERS


def test_a_method_that_is_not_allowed_is_told_which_is(client):
    assert "POST" in client.get("/").headers["Allow"]


def test_health_needs_no_signature(client):
    assert client.get("/health").json == {"status": "ok"}


def test_a_failure_of_our_own_is_500_without_a_trace(open_client, monkeypatch, caplog):
    monkeypatch.setattr(Skill, "__call__", lambda *_: (_ for _ in ()).throw(KeyError("purple")))
    response = open_client.post("/", json=LAUNCH)
    assert (response.status_code, response.json) == (500, {"error": "Internal Server Error"})
    assert "KeyError" in caplog.text
    assert "purple" not in caplog.text
    assert "Traceback" not in caplog.text


# Settings: what is safe starts, what isn't is told what to do.


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"HOST": "", "PORT": "", "VERIFY_REQUESTS": "", "SKILL_ID": ""},
        {"VERIFY_REQUESTS": "false"},
        {"HOST": "127.0.0.2", "VERIFY_REQUESTS": "False"},
        {"HOST": "::1", "VERIFY_REQUESTS": "false"},
        {"HOST": "localhost", "VERIFY_REQUESTS": "false"},
        {"HOST": ANYWHERE, "SKILL_ID": OURS},
        {"HOST": ANYWHERE, "SKILL_ID": OURS, "VERIFY_REQUESTS": "true"},
    ],
)
def test_safe_settings_are_taken(environ):
    settings = web_service.settings_of(environ)
    assert settings.port == 5000
    assert settings.verify is (environ.get("VERIFY_REQUESTS", "").lower() != "false")


def test_localhost_is_the_loopback_address_whatever_a_hosts_file_says():
    assert web_service.settings_of({"HOST": "localhost"}).host == "127.0.0.1"


@pytest.mark.parametrize(
    ("environ", "advice"),
    [
        ({"HOST": ANYWHERE, "SKILL_ID": OURS, "VERIFY_REQUESTS": "false"}, "HOST=127.0.0.1"),
        ({"HOST": "192.0.2.1", "SKILL_ID": OURS, "VERIFY_REQUESTS": "FALSE"}, "loopback"),
        ({"HOST": "localhost.evil.com", "SKILL_ID": OURS, "VERIFY_REQUESTS": "false"}, "loopback"),
        ({"HOST": "::", "SKILL_ID": OURS, "VERIFY_REQUESTS": "false"}, "loopback"),
        ({"HOST": ANYWHERE}, "SKILL_ID"),
        ({"HOST": ANYWHERE, "SKILL_ID": ""}, "SKILL_ID"),
        ({"VERIFY_REQUESTS": "no"}, "true or false"),
        ({"VERIFY_REQUESTS": "0"}, "true or false"),
        ({"PORT": "http"}, "0 to 65535"),
        ({"PORT": "65536"}, "0 to 65535"),
        ({"PORT": "-1"}, "0 to 65535"),
        ({"PORT": "\u0665\u0660\u0660\u0660"}, "0 to 65535"),
        ({"PORT": "9" * 5000}, "0 to 65535"),
    ],
)
def test_unsafe_or_senseless_settings_are_told_what_to_do(environ, advice):
    with pytest.raises(web_service.StartError, match=advice):
        web_service.settings_of(environ)


# The stand-in for certvalidator, without which flask_ask_sdk can't be imported on many machines.


def test_the_stand_in_is_what_flask_ask_sdk_was_imported_with():
    verifier = importlib.import_module("ask_sdk_webservice_support.verifier")
    assert verifier.CertificateValidator is certvalidator_stand_in.CertificateValidator
    assert verifier.ValidationError is certvalidator_stand_in.ValidationError
    assert "oscrypto" not in sys.modules


def test_the_stand_in_accepts_no_certificate(signer):
    verifier = importlib.import_module("ask_sdk_webservice_support.verifier")
    with pytest.raises(verifier.VerificationException, match="not valid"):
        verifier.RequestVerifier()._validate_cert_chain(signer.pem)


# The service as a process.


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"CONTENT_DIR": "/nowhere"}, "CONTENT_DIR"),
        ({"PORT": "many"}, "0 to 65535"),
        ({"HOST": "no.such.host.invalid", "SKILL_ID": OURS}, "HOST=127.0.0.1"),
        ({"HOST": "192.0.2.1", "SKILL_ID": OURS}, "HOST=127.0.0.1"),
        ({"HOST": ANYWHERE, "VERIFY_REQUESTS": "false", "SKILL_ID": OURS}, "loopback"),
    ],
)
def test_a_service_that_cannot_start_says_in_one_line_what_to_do(changes, advice):
    result = subprocess.run(
        [sys.executable, "-W", "ignore", SCRIPT], env=environment(**changes), capture_output=True, text=True, check=False, timeout=30
    )
    assert result.returncode == 1
    assert advice in result.stderr
    assert result.stderr.count("\n") == 1
    assert not result.stdout


def test_a_port_in_use_is_told_to_choose_another():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(web_service.StartError, match=r"is in use.*PORT="):
        web_service.bound_socket("127.0.0.1", taken.getsockname()[1])


def test_a_port_one_may_not_use_is_told_to_choose_a_higher_one(monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "create_server", denied)
    with pytest.raises(web_service.StartError, match="above 1023"):
        web_service.bound_socket("127.0.0.1", 443)


def test_help_explains_every_variable_that_is_read():
    shown = subprocess.run(
        [sys.executable, "-W", "ignore", SCRIPT, "--help"], env=environment(), capture_output=True, text=True, check=True
    ).stdout
    for name in ("HOST", "PORT", "SKILL_ID", "VERIFY_REQUESTS", "CONTENT_DIR", "MEMORY_FILE"):
        assert f"\n  {name} " in shown


def test_a_service_out_of_the_box_listens_on_loopback_and_refuses_the_unsigned(tmp_path):
    log = tmp_path / "log"
    with running(log) as (process, url):
        assert urlsplit(url).hostname == "127.0.0.1"
        with urllib.request.urlopen(url + "health", timeout=10) as health:  # noqa: S310 - our own process
            assert json.load(health) == {"status": "ok"}
            assert health.headers["Server"] is None
        assert post(url, json.dumps(LAUNCH).encode()) == (400, {"error": "Bad Request"})
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert "Traceback" not in log.read_text("utf-8")
    assert "refused" in log.read_text("utf-8")


def test_a_signed_request_is_let_in_as_it_comes_over_the_wire(skill, letter, authority, chain):
    verifier, stop = Verifier([authority.root], chain.__getitem__, lambda: START), threading.Event()
    listener = web_service.bound_socket("127.0.0.1", 0)
    address, server = (
        listener.getsockname(),
        threading.Thread(target=web_service.serve, args=(web_service.create_app(skill, verifier), listener, stop)),
    )
    server.start()
    connection = http.client.HTTPConnection(*address, timeout=10)
    try:
        for body, status in ((letter.body, 200), (letter.body + b" ", 400), (letter.body, 200)):
            connection.request("POST", "/", body, {"signaturecertchainurl": letter.url, "Signature-256": letter.signature})
            response = connection.getresponse()
            response.read()
            assert response.status == status
            assert response.headers["X-Content-Type-Options"] == "nosniff"
    finally:
        stop.set()
        server.join(10)
        connection.close()
    assert not server.is_alive()


def test_unverified_it_answers_many_at_once_and_warns_of_what_it_is(tmp_path):
    log, answers = tmp_path / "log", []
    with running(log, VERIFY_REQUESTS="false", MEMORY_FILE=str(tmp_path / "memory.sqlite")) as (process, url):
        threads = [threading.Thread(target=lambda: answers.append(post(url, json.dumps(LAUNCH).encode()))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert len(answers) == 20
    assert all(status == 200 and said(answer).startswith("Welcome") for status, answer in answers)
    assert "aren't verified" in log.read_text("utf-8")


SLOW = f"""
    import sys, time
    sys.path.insert(0, {str(ROOT / "lambda")!r})
    import web_service
    from backcare.alexa import Skill
    answer = Skill.__call__
    def slowly(*arguments):
        print("begun", flush=True)
        time.sleep(0.5)
        return answer(*arguments)
    Skill.__call__ = slowly
    sys.exit(web_service.main([], {{"PORT": "0", "VERIFY_REQUESTS": "false", "CONTENT_DIR": {str(CONTENT)!r}}}))
"""


def test_told_to_stop_it_finishes_what_is_under_way_and_takes_no_more(tmp_path):
    script, answers, many = tmp_path / "slow.py", [], web_service.THREADS + 4
    script.write_text(textwrap.dedent(SLOW), "utf-8")
    with running(tmp_path / "log", str(script)) as (process, url):
        body = json.dumps(LAUNCH).encode()
        threads = [threading.Thread(target=lambda: answers.append(post(url, body))) for _ in range(many)]
        for thread in threads:
            thread.start()
        for _ in range(web_service.THREADS):
            assert process.stdout.readline() == "begun\n"
        time.sleep(0.1)  # the rest are queued
        process.send_signal(signal.SIGTERM)
        time.sleep(0.7)
        address = urlsplit(url)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address.hostname, address.port), timeout=5)
        for thread in threads:
            thread.join(20)
        assert process.wait(10) == 0
    assert [status for status, _ in answers] == [200] * many


def test_told_to_stop_it_waits_for_the_rest_of_a_request(tmp_path):
    with running(tmp_path / "log", VERIFY_REQUESTS="false") as (process, url):
        body = json.dumps(LAUNCH).encode()
        half = begun(url, len(body))
        half.send(body[:10])
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(1)
        half.send(body[10:])
        assert half.getresponse().status == 200
        half.close()
        assert process.wait(10) == 0


def test_a_request_that_is_too_large_is_refused_before_it_is_sent(tmp_path):
    with running(tmp_path / "log", VERIFY_REQUESTS="false") as (_, url):
        connection = begun(url, web_service.REQUEST_LIMIT + 1)
        assert connection.getresponse().status == 413
        connection.close()


def begun(url, length):
    """A connection that has sent the head of a request."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    return connection


def test_a_request_that_never_ends_does_not_keep_it_from_stopping(tmp_path):
    code = SLOW.replace("answer = ", "web_service.STOP_SECONDS = 0.5; answer = ")
    script = tmp_path / "slow.py"
    script.write_text(textwrap.dedent(code), "utf-8")
    with (
        running(tmp_path / "log", str(script)) as (process, url),
        socket.create_connection((urlsplit(url).hostname, urlsplit(url).port)) as one,
    ):
        one.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
