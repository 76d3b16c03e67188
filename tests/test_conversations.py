"""Whole conversations, as text, through the real model, handler, edge and memory.

"> words" is what is said; what follows is what is heard, `...` for any words. "(silence)"
and "(next day)" stand on lines of their own. Lines that begin with # are for the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.device import NEXT_DAY, SILENCE

SCRIPTS = sorted((Path(__file__).parent / "conversations").glob("*.txt"))
ENDED = "(the session has ended)"


def exchanges(script: str) -> Iterator[tuple[str, str]]:
    said, heard = None, list[str]()
    for line in script.splitlines():
        text = line.strip()
        if text.startswith("#"):
            continue
        if text.startswith("> ") or text in (SILENCE, NEXT_DAY):
            if said is not None:
                yield said, " ".join(heard)
            said, heard = text.removeprefix("> "), []
        elif text:
            heard.append(text)
    if said is not None:
        yield said, " ".join(heard)


def pattern(expected: str) -> str:
    parts = [re.escape(" ".join(part.split())) for part in expected.split("...")]
    return r"\s*" + r".*".join(parts).replace(r"\ ", r"\s*") + r"\s*"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_conversation(script, device):
    for number, (said, expected) in enumerate(exchanges(script.read_text("utf-8")), 1):
        answer = device.say(said)
        if answer is None:
            continue
        heard = answer.speech + (f" {ENDED}" if not device.in_session else "")
        wanted = expected if expected.endswith((ENDED, "...")) or device.in_session else f"{expected} {ENDED}"
        assert re.fullmatch(pattern(wanted), heard), f"{script.name}, exchange {number}\n> {said}\nexpected: {expected}\nheard:    {heard}"


def test_there_are_enough_scripts_and_none_is_empty():
    assert len(SCRIPTS) >= 25
    for script in SCRIPTS:
        assert len(list(exchanges(script.read_text("utf-8")))) >= 2, script.name


def test_a_script_with_a_wrong_line_fails(device):
    answer = device.say("open")
    assert answer is not None
    assert not re.fullmatch(pattern("Welcome to another skill. ... What would you like?"), answer.speech)
    assert re.fullmatch(pattern("Welcome to Lupus Back Care. ... What would you like?"), answer.speech)
