"""DynamoDB for tests: emulators written elsewhere, and a wire before them that can fail as a network and a service fail.

`moto_server` serves moto over HTTP; `dynamodb_local` runs Amazon's own DynamoDB Local, which
`make check-release` fetches. `Wire` passes requests on to either and writes down what passed.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.session import Session
from moto.server import ThreadedMotoServer

from backcare.memory import key_of

TOOLS = Path(__file__).resolve().parent.parent / ".local" / "tools"
FETCH = "run `make check-release` (it needs npm to fetch DynamoDB Local, and Java 17 or newer to run it)"


@contextmanager
def moto_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextmanager
def dynamodb_local() -> Iterator[str]:
    jars = sorted(TOOLS.glob("package/lib/*/DynamoDBLocal.jar"))
    if not jars or not shutil.which("java"):
        missing = f"no {'Java' if jars else 'DynamoDB Local'}: {FETCH}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    libraries = f"-Djava.library.path={jars[-1].parent / 'DynamoDBLocal_lib'}"
    command = ["java", libraries, "-jar", str(jars[-1]), "-inMemory", "-port", str(port), "-disableTelemetry"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    pytest.fail(f"DynamoDB Local did not start (exit code {process.poll()})")


class Table:
    """One table as its owner sees it, past the skill: rows go in and come out as plain values."""

    def __init__(self, address: str) -> None:
        self.name = f"listeners-{uuid.uuid4()}"
        self._client = _client(address)

    def create(self) -> None:
        self._client.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "user", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "user", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def read(self, user: str) -> dict[str, Any] | None:
        item = self._client.get_item(TableName=self.name, Key={"user": {"S": key_of(user)}}, ConsistentRead=True).get("Item")
        return item and {name: int(value["N"]) if "N" in value else next(iter(value.values())) for name, value in item.items()}

    def write(self, user: str, row: dict[str, Any]) -> None:
        kinds = {int: "N", str: "S", bytes: "B"}
        item = {name: {kinds[type(value)]: str(value) if isinstance(value, int) else value} for name, value in row.items()}
        self._client.put_item(TableName=self.name, Item={"user": {"S": key_of(user)}, **item})

    def count(self) -> int:
        return int(self._client.scan(TableName=self.name, Select="COUNT")["Count"])


@cache
def _client(address: str) -> Any:
    session = Session()
    session.set_credentials("test", "test")
    return session.create_client("dynamodb", region_name="us-east-1", endpoint_url=address)


class _Request(BaseHTTPRequestHandler):
    """One request on the wire; a fault may answer it, or not, in place of the emulator."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # header and body are two writes; the second would wait 40 ms
    server: _Server

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        wire = self.server.wire
        wire.passed.append((operation, json.loads(self.body)))
        fault = wire.fault_for(operation)
        with suppress(OSError):  # the skill needn't wait for an answer
            if fault:
                fault(self)
            else:
                self.pass_on()

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def pass_on(self) -> None:
        backend = http.client.HTTPConnection(urlsplit(self.server.wire.backend).netloc, timeout=10)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
            backend.request("POST", "/", self.body, headers)
            response = backend.getresponse()
            self.answer(response.status, response.read())
        finally:
            backend.close()

    def log_message(self, *_: object) -> None:
        """Keep quiet: the tests' output is theirs."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    wire: Wire

    def handle_error(self, *about: Any) -> None:
        """A connection that the skill gave up is no error of the test, unlike anything else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(*about)


Fault = Callable[[_Request], None]


def refused(status: int, kind: str) -> Fault:
    """The service's own refusal, such as ThrottlingException."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": kind}
    return lambda request: request.answer(status, json.dumps(body).encode())


def silent(request: _Request) -> None:
    """Nothing comes, until long after any patience."""
    request.server.wire.closing.wait(5)
    request.close_connection = True


def trickling(request: _Request) -> None:
    """An answer of which a byte comes now and then, so that no single wait is long."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 20\r\n\r\n")
    for _ in range(20):
        request.wfile.write(b" ")
        if request.server.wire.closing.wait(0.1):
            break
    request.close_connection = True


def hung_up(request: _Request) -> None:
    """The connection is closed without a word."""
    request.close_connection = True


class Wire:
    """An address that passes requests on to `backend`, and on which faults can be put in the way of operations."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.passed: list[tuple[str, dict[str, Any]]] = []
        self.closing = Event()
        self._fault: Fault | None = None
        self._operations: tuple[str, ...] = ()
        self._times = 0
        self._server = _Server(("127.0.0.1", 0), _Request)
        self._server.wire = self
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def break_with(self, fault: Fault, *operations: str, times: int = 1_000_000) -> None:
        """Put `fault` in the way of `operations` (all, if none is named), so many times."""
        self._fault, self._operations, self._times = fault, operations, times

    def mend(self) -> None:
        self._fault = None

    def fault_for(self, operation: str) -> Fault | None:
        if self._fault is None or self._times == 0 or (self._operations and operation not in self._operations):
            return None
        self._times -= 1
        return self._fault

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.passed]

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
