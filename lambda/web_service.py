"""The same skill as a web service, for those who don't use Lambda: Flask, flask-ask-sdk and waitress.

Every request but `/health` is verified first, on the bytes as they came; what passes is
dispatched by flask-ask-sdk to the very skill that `lambda_function` has. `--help` tells
the environment.
"""

from __future__ import annotations

import argparse
import errno
import ipaddress
import json
import logging
import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ask_sdk_core.skill import CustomSkill
from ask_sdk_core.skill_builder import SkillBuilder
from flask import Flask, Response, jsonify, request
from waitress import create_server, wasyncore
from werkzeug.exceptions import HTTPException

import certvalidator_stand_in
from backcare import app as root
from backcare.alexa import Skill
from backcare.content import ContentError
from verification import SIGNATURE_HEADER, URL_HEADER, RefusalError, Verifier, envelope_in

certvalidator_stand_in.install()
from flask_ask_sdk.skill_adapter import SkillAdapter  # noqa: E402 - not before the stand-in is there

Admit = Callable[[str, str, bytes], dict[str, Any]]
"""(address of the certificate chain, signature, raw body) -> envelope; raises verification.RefusalError."""

# A response, with the session attributes that come back, may be 120 kB; the rest of a request is a few.
REQUEST_LIMIT = 256 * 1024
# Turns take a millisecond; the threads are for those that wait for a certificate chain.
THREADS = 8
# Alexa waits about 8 s for an answer, so no request under way is worth more.
STOP_SECONDS = 8.0

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}

ENVIRONMENT = """\
environment:
  HOST             address to listen on; 127.0.0.1 by default
  PORT             port to listen on, 0 for any that is free; 5000 by default
  SKILL_ID         the skill whose requests are answered; only on a loopback
                   address may it be missing, and then any skill is answered
  VERIFY_REQUESTS  true by default; false, for trying out with unsigned requests,
                   is refused unless HOST is a loopback address. Never set it
                   behind a proxy, which makes a loopback address public
  CONTENT_DIR      folder of the content; by default content/ beside the code
  MEMORY_FILE      SQLite file to remember listeners in; unset, nothing is remembered

Alexa calls https on port 443 only: put a proxy with a certificate before it, which
passes bodies and the headers SignatureCertChainUrl and Signature-256 unchanged.
GET /health answers 200 while the service runs. SIGTERM and Ctrl-C finish what is
under way and stop."""

log = logging.getLogger("backcare.web")


class StartError(Exception):
    """The service can't start; the text says what to do."""


@dataclass(frozen=True)
class Settings:
    """Where the service listens, and whether it verifies."""

    host: str
    port: int
    verify: bool


def settings_of(environ: Mapping[str, str]) -> Settings:
    """The settings in the environment that `--help` describes. Raises StartError for those that make no sense or no safe one."""
    host, verify = environ.get("HOST") or "127.0.0.1", environ.get("VERIFY_REQUESTS") or "true"
    if verify.lower() not in {"true", "false"}:
        raise StartError(f"VERIFY_REQUESTS is {verify!r}; set it to true or false")
    settings = Settings("127.0.0.1" if host == "localhost" else host, _port(environ.get("PORT") or "5000"), verify.lower() == "true")
    if not _is_loopback(settings.host):
        if not settings.verify:
            raise StartError(f"VERIFY_REQUESTS=false is only for a loopback address, and HOST is {host}; set HOST=127.0.0.1 or verify")
        if not environ.get("SKILL_ID"):
            raise StartError(f"on HOST={host} other skills could call; set SKILL_ID to this skill's id, or HOST=127.0.0.1")
    return settings


def create_app(skill: Skill, admit: Admit) -> Flask:
    """The service as a WSGI application: POST / for Alexa, GET /health for whoever watches.

    `admit` lets a request in or raises RefusalError: a Verifier, or `unverified`. What isn't admitted gets 400 and no reason.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=REQUEST_LIMIT, ASK_SDK_VERIFY_SIGNATURE=False, ASK_SDK_VERIFY_TIMESTAMP=False)

    @app.before_request
    def verify() -> tuple[Response, int] | None:
        # All but health, so that a route added later is verified too. What isn't routed is answered 404 or 405 anyway.
        if request.endpoint == "health" or request.routing_exception is not None:
            return None
        try:
            _check(skill, admit)
        except RefusalError as refusal:
            log.warning("refused: %s", refusal)
            return jsonify(error="Bad Request"), 400
        return None

    @app.get("/health")
    def health() -> Response:
        return jsonify(status="ok")

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    _handle_errors(app)
    SkillAdapter(skill=_ForAdapter(skill), skill_id="backcare", app=app).register(app=app, route="/", endpoint="alexa")
    return app


def unverified(_chain_url: str, _signature: str, body: bytes) -> dict[str, Any]:
    """Admits whatever is a request envelope, signed or not; for trying out on one's own machine. Raises RefusalError."""
    return envelope_in(body)


def _check(skill: Skill, admit: Admit) -> None:
    headers = request.headers
    envelope = admit(headers.get(URL_HEADER, ""), headers.get(SIGNATURE_HEADER, ""), request.get_data())
    if not skill.answers(envelope):
        raise RefusalError("the request names another skill id")


def _handle_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Any:
        response = error.get_response()  # carries Allow, where a method isn't allowed
        response.data, response.content_type = json.dumps({"error": error.name}), "application/json"
        return response

    @app.errorhandler(Exception)
    def apologise(error: Exception) -> tuple[Response, int]:
        log.error("failed: %s", type(error).__name__)  # without a trace, which could quote what was said
        return jsonify(error="Internal Server Error"), 500


class _ForAdapter(CustomSkill):
    """What flask-ask-sdk dispatches to: hands the plain envelope to `Skill`, which never raises.

    Left to itself the SDK would read the envelope by its model first, and fail on all that is newer than that model.
    """

    def __init__(self, skill: Skill) -> None:
        super().__init__(SkillBuilder().skill_configuration)
        self.serializer = _Plain()
        self._skill = skill

    def invoke(self, request_envelope: dict[str, Any], context: object) -> dict[str, Any]:
        return self._skill(request_envelope, context)


class _Plain:
    """Envelopes and responses as dictionaries, under the names of the SDK's serializer."""

    def deserialize(self, payload: str, obj_type: object) -> Any:
        return json.loads(payload)

    def serialize(self, obj: dict[str, Any]) -> dict[str, Any]:
        return obj


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket on that address. Raises StartError, which says what to do."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family)
    except socket.gaierror:
        raise StartError(f"HOST is {host!r}, which isn't an address of this machine; set HOST=127.0.0.1") from None
    except OSError as error:
        advice = {
            errno.EADDRINUSE: f"port {port} is in use; stop what uses it, or set PORT to another, PORT={port % 65535 + 1} say",
            errno.EACCES: f"port {port} needs more rights than this user has; set PORT to one above 1023",
            errno.EADDRNOTAVAIL: f"HOST is {host}, which isn't an address of this machine; set HOST=127.0.0.1",
        }
        raise StartError(advice.get(error.errno or 0, f"can't listen on {host} port {port}: {error.strerror}")) from None


def serve(app: Flask, listener: socket.socket, stop: threading.Event) -> None:
    """Answer on `listener` until `stop` is set; then take no more connections, finish what is under way, and return."""
    sockets: dict[int, Any] = {}
    server = create_server(
        app,
        map=sockets,
        sockets=[listener],
        threads=THREADS,
        ident=None,
        max_request_body_size=REQUEST_LIMIT,
    )
    while not stop.is_set():
        wasyncore.loop(timeout=0.5, map=sockets, count=1)
    # waitress would drop what its threads haven't begun, so what is received or queued is waited for here.
    wasyncore.dispatcher.close(server)  # the listener alone; the server's own close would also stop its threads' bell
    deadline, busy = time.monotonic() + STOP_SECONDS, True
    while busy and time.monotonic() < deadline:
        wasyncore.loop(timeout=0.1, map=sockets, count=1)
        busy = any(one.request or one.requests or one.total_outbufs_len for one in list(server.active_channels.values()))
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Serve until told to stop; the exit code."""
    parser = argparse.ArgumentParser(
        prog="web_service.py", description=__doc__, epilog=ENVIRONMENT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = settings_of(environ)
        skill = root.build(environ)
        listener = bound_socket(settings.host, settings.port)
    except (StartError, ContentError) as error:
        print(f"web_service: {error}", file=sys.stderr)
        return 1
    if not settings.verify:
        log.warning("requests aren't verified: anyone on this machine can call; never put a proxy before it")
    app = create_app(skill, Verifier() if settings.verify else unverified)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    host, port = listener.getsockname()[:2]
    print(f"Listening on http://{f'[{host}]' if ':' in host else host}:{port}/ (Ctrl-C stops)", flush=True)
    serve(app, listener, stop)
    return 0


def _port(text: str) -> int:
    port = int(text) if re.fullmatch("[0-9]{1,5}", text) else -1
    if not 0 <= port <= 65535:
        raise StartError(f"PORT is {text!r}; set it to a number from 0 to 65535")
    return port


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, which may mean any address
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
