"""A client we didn't write holds a conversation with the web service.

virtual-alexa can't sign, so the service runs unverified on loopback. It knows only exact
samples, and takes what begins with "tell" for a launch. It is installed into .local/tools/,
as package-lock.json has it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from simulator.device import plain
from tests.conftest import ROOT
from tests.service import running

HERE = Path(__file__).resolve().parent
TOOL = ROOT / ".local" / "tools" / "virtual-alexa"
MODEL = ROOT / "interaction_models" / "en-US.json"


def missing(what: str) -> NoReturn:
    """Skip, but never where CI promises that everything runs."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"virtual-alexa {what}")
    raise AssertionError


@pytest.fixture(scope="module")
def modules():
    """The folder of installed npm modules."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        missing("needs Node 18 or newer with npm: https://nodejs.org/en/download, or apt-get install nodejs npm")
    wanted, installed = (HERE / "package-lock.json").read_bytes(), TOOL / "package-lock.json"
    made = TOOL / ".made"
    if not made.exists() or installed.read_bytes() != wanted:
        made.unlink(missing_ok=True)
        TOOL.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / name, TOOL / name)
        result = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=TOOL, capture_output=True, text=True, check=False
        )
        if result.returncode:
            said = next((line for line in result.stderr.splitlines() if line.startswith("npm error")), "nothing")
            missing(f"couldn't be installed; is the npm registry in reach? npm ci said: {said}")
        made.touch()
    return TOOL / "node_modules"


def converse(modules, url, *lines):
    """What virtual-alexa got for each line."""
    result = subprocess.run(
        ["node", str(HERE / "driver.js"), url, str(MODEL)],
        input="\n".join(lines),
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def spoken(answer):
    return plain(answer["response"]["outputSpeech"]["ssml"])


def test_another_client_holds_a_conversation(modules, tmp_path):
    lines = ("(launch)", "a hot water bottle", "yes", "say it again", "what topics are there", "no", "stop")
    with running(tmp_path / "log", VERIFY_REQUESTS="false") as (_, url):
        welcome, heat, more, again, topics, other, goodbye = converse(modules, url, *lines)
    assert spoken(welcome).startswith("Welcome to Lupus Back Care.")
    assert heat["sessionAttributes"]["place"]["topic"] == "heat-and-cold"
    assert spoken(more) not in {spoken(heat), spoken(welcome)}
    assert spoken(again) == spoken(more)
    assert topics["sessionAttributes"]["open"]["asking"] == other["sessionAttributes"]["open"]["asking"]
    assert spoken(other) != spoken(topics)
    assert spoken(goodbye) == "Goodbye. Take care."
    assert [answer["response"]["shouldEndSession"] for answer in (welcome, heat, more, again, topics, other)] == [False] * 6
    assert goodbye["response"]["shouldEndSession"] is True


def test_a_session_that_the_device_ends_is_answered_without_a_word(modules, tmp_path):
    with running(tmp_path / "log", VERIFY_REQUESTS="false") as (_, url):
        _, ended = converse(modules, url, "(launch)", "(end)")
    assert ended["response"] == {}


def test_a_verifying_service_refuses_a_client_that_does_not_sign(modules, tmp_path):
    log = tmp_path / "log"
    with running(log) as (_, url), pytest.raises(AssertionError, match="400"):
        converse(modules, url, "(launch)")
    assert "refused" in log.read_text("utf-8")
