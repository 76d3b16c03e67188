"""`python -m simulator`, as a person and a script would use it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT


def run(*arguments, lines="", check=True):
    environment = {"PATH": "/usr/bin:/bin", "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "simulator", *arguments],
        input=lines,
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=check,
    )


def talk(*lines, arguments=()):
    return [json.loads(line) for line in run("--json", *arguments, lines="\n".join(lines) + "\n").stdout.splitlines()]


def test_each_line_has_every_field():
    (launch, topic) = talk("open", "tell me about a hot water bottle")
    assert list(launch) == ["utterance", "intent", "slots", "speech", "ssml", "reprompt", "ends", "place", "open", "listener", "understood"]
    assert launch["intent"] == "LaunchRequest"
    assert launch["ends"] is False
    assert launch["reprompt"]
    assert topic["slots"] == {"topic": {"value": "a hot water bottle", "id": "heat-and-cold", "status": "ER_SUCCESS_MATCH"}}
    assert topic["understood"]["topic"] == topic["place"]["topic"] == topic["listener"]["topic"] == "heat-and-cold"
    assert topic["open"]["asking"] == "more"


def test_a_line_without_a_session_is_a_one_shot():
    (tip,) = talk("for a relief tip")
    assert (tip["intent"], tip["ends"], tip["reprompt"]) == ("TipIntent", True, None)
    (full,) = talk("Alexa, ask lupus back care for a relief tip")
    assert full["speech"] == tip["speech"]


def test_silence_plays_the_reprompt_and_ends():
    (launch, silence) = talk("open", "(silence)")
    assert silence["speech"] == launch["reprompt"]
    assert silence["ends"] is True


def test_an_empty_line_brings_a_new_listener(tmp_path):
    remembered = ("--memory", str(tmp_path / "m.sqlite"))
    replies = talk("sleep", "open", "", "open", arguments=remembered)
    assert "Last time we were in" in replies[1]["speech"]
    assert replies[2]["speech"].startswith("Welcome to Lupus Back Care")


def test_memory_is_off_in_a_pipe_unless_named(tmp_path):
    assert talk("sleep")[0]["listener"]["topic"] == "sleep"
    assert talk("open")[0]["speech"].startswith("Welcome to Lupus Back Care")
    remembered = ("--memory", str(tmp_path / "m.sqlite"))
    talk("sleep", arguments=remembered)
    assert "Last time we were in" in talk("open", arguments=remembered)[0]["speech"]


def test_days_pass(tmp_path):
    replies = talk("sleep", "(next day)", "sleep", arguments=("--date", "2026-11-23"))
    assert [r["listener"]["last_visit"] for r in replies] == ["2026-11-23", "2026-11-24"]


def test_text_shows_who_speaks():
    shown = run("--date", "2026-11-23", lines="open\nstop\n").stdout
    assert "You:   open\nSkill: Welcome to Lupus Back Care." in shown
    assert "stopped listening" in shown
    assert "\033" not in shown


def test_exit_is_the_devices_own_word():
    (_, left) = talk("open", "exit")
    assert (left["intent"], left["speech"], left["ends"]) == ("SessionEndedRequest", "", True)


@pytest.mark.parametrize(
    ("arguments", "hint"), [(("--locale", "xx-XX"), "en-US"), (("--date", "soon"), "date"), (("--nonsense",), "usage")]
)
def test_wrong_options_are_told_what_to_do(arguments, hint):
    result = run(*arguments, check=False)
    assert result.returncode != 0
    assert hint in result.stderr
    assert "Traceback" not in result.stderr


def test_help_says_what_can_be_typed():
    assert "(silence)" in run("--help").stdout
