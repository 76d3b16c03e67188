"""A local stand-in for Lambda's Runtime API, and functions run under it by awslambdaric."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class _Api(BaseHTTPRequestHandler):
    """Hands out events and takes answers; one queue of each for every server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each call waits 40 ms for an acknowledgement
    server: _Server

    def do_GET(self) -> None:
        """The next invocation, once there is one."""
        event = self.server.events.get()
        body = json.dumps(event).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head += f"Lambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: {int(time.time() * 1000) + 6000}\r\n"
        head += "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:local:0:function:bench\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def do_POST(self) -> None:
        """An answer, or the error that came instead."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "null")
        self.server.answers.put((self.path.rpartition("/")[2], body))
        self.wfile.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.events: queue.Queue[Any] = queue.Queue()
        self.answers: queue.Queue[tuple[str, Any]] = queue.Queue()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed function leaves its connection open; that is no fault."""


class Function:
    """One function process; `ask` gives the answer to one event."""

    def __init__(self, server: _Server, process: subprocess.Popen[bytes]) -> None:
        self._server = server
        self.process = process

    def ask(self, event: object) -> Any:
        """The response. Raises RuntimeError when the function failed or kept silent for 30 seconds."""
        self._server.events.put(event)
        kind, body = self._server.answers.get(timeout=30)
        if kind != "response":
            raise RuntimeError(f"the function failed: {body}")
        return body

    def peak_memory(self) -> int:
        """The most memory the process has held, in kilobytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


@contextmanager
def function(folder: Path, handler: str) -> Iterator[Function]:
    """A fresh process that runs `handler` from `folder`, as Lambda would; no compiled files are written."""
    server = _Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "LAMBDA_TASK_ROOT": str(folder),
        "SKILL_ID": "amzn1.ask.skill.bench",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
    }
    process = subprocess.Popen([sys.executable, "-m", "awslambdaric", handler], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield Function(server, process)
    finally:
        process.kill()
        process.wait()
        server.shutdown()
        server.server_close()
