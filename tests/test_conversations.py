"""Whole conversations, as text, through the real model, handler, edge and memory."""

from __future__ import annotations

import pytest

from simulator.script import SCRIPTS, exchanges, matches

ENDED = "(the session has ended)"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_conversation(script, device):
    for number, (said, expected) in enumerate(exchanges(script.read_text("utf-8")), 1):
        answer = device.say(said)
        if answer is None:
            assert not expected, f"{script.name}, exchange {number}: nobody speaks while a day passes"
            continue
        ended = not device.in_session
        heard = f"{answer.speech} {ENDED}" if ended and expected.endswith(ENDED) else answer.speech
        assert matches(expected, heard), f"{script.name}, exchange {number}\n> {said}\nexpected: {expected}\nheard:    {heard}"
        assert ended or not expected.endswith(ENDED), f"{script.name}, exchange {number}: the session is still open"
        assert not (ended and expected.endswith("?")), f"{script.name}, exchange {number}: a question, but nobody listens"


def test_there_are_enough_scripts_and_none_is_empty():
    assert len(SCRIPTS) >= 25
    for script in SCRIPTS:
        assert len(list(exchanges(script.read_text("utf-8")))) >= 2, script.name


@pytest.mark.parametrize(
    ("expected", "as_expected"),
    [
        ("Welcome to Lupus Back Care. ... What would you like?", True),
        ("... What would you like?", True),
        ("...", True),
        ("Welcome to another skill. ... What would you like?", False),
        ("Welcome to Lupus Back Care.", False),
        ("", False),
    ],
)
def test_a_script_with_a_wrong_line_fails(device, expected, as_expected):
    assert matches(expected, device.say("open").speech) is as_expected
