"""The web service as a process, listening on a port of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

from tests.conftest import ROOT

SCRIPT = str(ROOT / "lambda" / "web_service.py")


def environment(**changes: str) -> dict[str, str]:
    """A bare environment with any free port; `changes` on top."""
    return {"PATH": os.environ["PATH"], "PORT": "0", **changes}


@contextmanager
def running(log: Path, script: str = SCRIPT, **changes: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """(process, its address); what it logs goes to `log`. Killed at the end if it still runs."""
    with log.open("w", encoding="utf-8") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", script], env=environment(**changes), cwd="/", stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    try:
        listening = re.match(r"Listening on (\S+)", process.stdout.readline() if process.stdout else "")
        assert listening, log.read_text("utf-8")
        yield process, listening[1]
    finally:
        process.kill()
        process.communicate()


def post(url: str, body: bytes, timeout: float = 10) -> tuple[int, dict[str, object]]:
    """(status, answer) to an unsigned request."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - our own process
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)
