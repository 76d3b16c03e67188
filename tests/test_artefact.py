"""The artefact: what is in it, that its bytes repeat, and that it answers with boto3 beside it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_edge import envelope, intent
from tools import build

NOT_SHIPPED = {
    "boto3",
    "botocore",
    "flask",
    "flask_ask_sdk",
    "werkzeug",
    "cryptography",
    "cffi",
    "requests",
    "urllib3",
    "certifi",
    "idna",
    "s3transfer",
    "simulator",
    "tests",
}
SKILL_ID = "amzn1.ask.skill.ours"


@pytest.fixture(scope="module")
def python():
    """The runtime's Python where there is one; else this one, for which the same must hold."""
    return build.runtime_python() or Path(sys.executable)


@pytest.fixture(scope="module")
def artefact(tmp_path_factory, python):
    folder = tmp_path_factory.mktemp("artefact") / "function"
    build.assemble(folder, python)
    return folder


def test_it_holds_code_content_and_the_sdk_and_nothing_that_others_bring(artefact):
    names = {p.name.removesuffix(".pyc").removesuffix(".py").lower() for p in artefact.iterdir()}
    assert names >= {"backcare", "content", "lambda_function", "canary_hook", "golden.json", "ask_sdk_core", "ask_sdk_model"}
    assert not names & NOT_SHIPPED
    assert not (artefact / "content" / "schema").exists()
    assert not list(artefact.rglob("direct_url.json"))


def test_third_party_code_is_compiled_only_and_ours_keeps_its_source(artefact):
    theirs = [p for name in ("ask_sdk_core", "ask_sdk_model", "ask_sdk_runtime", "dateutil") for p in (artefact / name).rglob("*.py")]
    assert theirs == []
    assert list((artefact / "ask_sdk_model").rglob("*.pyc"))
    assert (artefact / "backcare" / "alexa.py").is_file()
    compiled = next((artefact / "backcare" / "__pycache__").glob("alexa.*.pyc")).read_bytes()
    assert compiled[4:8] == (1).to_bytes(4, "little"), "checked at no start: flag 1 is an unchecked hash"
    assert str(artefact).encode() not in b"".join(p.read_bytes() for p in artefact.rglob("*.pyc"))


def test_the_zip_is_small_and_the_same_every_time(artefact, python, tmp_path):
    first = build.pack(artefact, tmp_path / "one.zip")
    again = tmp_path / "again"
    build.assemble(again, python)
    assert build.pack(again, tmp_path / "two.zip").read_bytes() == first.read_bytes()
    assert first.stat().st_size <= build.MOST_BYTES
    with zipfile.ZipFile(first) as zipped:
        names = zipped.namelist()
        assert names == sorted(names)
        assert {entry.date_time for entry in zipped.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_it_answers_a_launch_a_topic_and_a_stop_with_boto3_beside_it(artefact, python):
    requests = [
        envelope({"type": "LaunchRequest"}, skill_id=SKILL_ID),
        envelope(intent("QuestionIntent", question="a warm bath help"), new=False, skill_id=SKILL_ID),
        envelope(intent("AMAZON.StopIntent"), new=False, skill_id=SKILL_ID),
    ]
    code = (
        "import json, sys, boto3, lambda_function;"
        "print(json.dumps([lambda_function.lambda_handler(e, None) for e in json.load(sys.stdin)]));"
        "assert lambda_function.__file__.startswith(sys.argv[1]), lambda_function.__file__"
    )
    boto3 = Path(importlib.util.find_spec("boto3").origin).parent.parent
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{artefact}{os.pathsep}{boto3}",
        "SKILL_ID": SKILL_ID,
        "AWS_LAMBDA_FUNCTION_NAME": "skill",
    }
    result = subprocess.run(
        [str(python), "-S", "-W", "ignore", "-c", code, str(artefact)],
        input=json.dumps(requests), env=environment, cwd=artefact, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    launch, topic, stop = [r["response"] for r in json.loads(result.stdout.splitlines()[-1])]
    assert "Welcome to Lupus Back Care" in launch["outputSpeech"]["ssml"]
    assert "Heat and cold" in topic["outputSpeech"]["ssml"]
    assert topic["shouldEndSession"] is False
    assert stop["shouldEndSession"] is True


def test_the_lock_holds_the_versions_that_are_developed_with():
    def pins(path):
        lines = (line.split(" --hash")[0].strip() for line in path.read_text("utf-8").splitlines())
        return {line for line in lines if "==" in line}

    assert pins(build.LOCK) == pins(ROOT / "lambda" / "requirements.txt")
    assert all("--hash=sha256:" in line for line in build.LOCK.read_text("utf-8").splitlines() if "==" in line)


def test_without_the_runtimes_python_source_is_shipped_and_said_loudly(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(build, "runtime_python", lambda: None)
    assert build.main(["--into", str(tmp_path / "source")]) == 0
    assert "WARNING" in capsys.readouterr().err
    assert (tmp_path / "source" / "ask_sdk_core" / "skill_builder.py").is_file()


def test_an_interpreter_that_does_not_run_is_passed_over(tmp_path, monkeypatch):
    fake = tmp_path / "python{}.{}".format(*build.RUNTIME)
    fake.write_text("#!/bin/sh\nexit 127\n", "utf-8")
    fake.chmod(0o755)
    assert not build._runs(fake)
    assert not build._runs(tmp_path / "missing")
