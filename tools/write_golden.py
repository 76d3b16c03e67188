"""Record golden conversations from the conversation scripts, for the hook that tests a new version.

python -m tools.write_golden           write lambda/golden.json
python -m tools.write_golden --check   change nothing; exit 1 when it is out of date
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any

import canary_hook
from backcare import app, content, speech
from backcare.alexa import Skill
from simulator.device import NEXT_DAY, SILENCE, Device
from simulator.hearing import Hearing
from simulator.script import SCRIPTS, exchanges
from simulator.skill import ROOT

GOLDEN = ROOT / "lambda" / "golden.json"
RECORDED = datetime(2026, 11, 23, 18, tzinfo=UTC)
_SKILL_ID = "amzn1.ask.skill.golden"


def record() -> dict[str, Any]:
    """Every script that needs no memory, as requests and what must be observed of the answers."""
    skill = app.build({})
    hearing = Hearing(json.loads((ROOT / "interaction_models" / "en-US.json").read_text("utf-8")))
    library = content.load(ROOT / "content")
    number = speech.render([(library.region["emergency_number"],)], None, library).text
    conversations = []
    for path in SCRIPTS:
        lines = [said for said, _ in exchanges(path.read_text("utf-8"))]
        if NEXT_DAY not in lines:
            conversations.append({"name": path.stem, "turns": _turns(skill, hearing, lines, number)})
    return {"emergency_number": number, "conversations": conversations}


def _turns(skill: Skill, hearing: Hearing, lines: list[str], number: str) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []

    def recorded(event: dict[str, Any], context: object) -> dict[str, Any]:
        request = {key: value for key, value in event["request"].items() if key != "requestId"} | {"requestId": "canary"}
        turn = {"new": event["session"]["new"], "request": request}
        response = skill(canary_hook.envelope(turn, event["session"]["attributes"], _SKILL_ID), context)
        if request["type"] != "SessionEndedRequest":
            turns.append({**turn, "expect": canary_hook.observed(response, number)})
        return response

    device = Device(recorded, hearing, start=RECORDED)
    for line in lines:
        if line != SILENCE:
            device.say(line)
    return turns


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.write_golden", description="Record golden conversations for the pre-traffic hook."
    )
    parser.add_argument("--check", action="store_true", help="only say whether the file is out of date")
    options = parser.parse_args(arguments)
    text = json.dumps(record(), separators=(",", ":"), ensure_ascii=False).replace('{"name"', '\n{"name"') + "\n"
    if GOLDEN.is_file() and GOLDEN.read_text("utf-8") == text:
        print("golden.json: up to date", file=sys.stderr)
        return 0
    if options.check:
        print("golden.json: out of date; run 'make golden' and commit the result", file=sys.stderr)
        return 1
    GOLDEN.write_text(text, "utf-8")
    print("golden.json: written", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
