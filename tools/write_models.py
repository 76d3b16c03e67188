"""Write every locale's interaction model from the authored one and from content.

    python -m tools.write_models           write interaction_models/LOCALE.json
    python -m tools.write_models --check   change nothing; exit 1 when a file is out of date

A person writes intents and samples once, in `interaction_models/en.json`; what people can
name (topics, situations, warning signs) comes from `content/`, so that a new topic needs no second edit.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from backcare import content
from tools.utterances import listed

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "interaction_models"

_MOST_WORDS = {"topics": 4, "words": 3, "commands": 4}
"""Ways to say it of so many words join a topic's synonyms or an intent's samples, unless a carrier brings them anyway."""


def model(authored: dict[str, Any], library: content.Library) -> dict[str, Any]:
    """The interaction model of the library's locale, as the Alexa console takes it."""
    short = _short_ways(authored, library)
    extras = authored["regional"].get(library.locale, {})
    intents = [
        {
            "name": i["name"],
            **({"slots": i["slots"]} if i["slots"] else {}),
            "samples": [*i["samples"], *extras.get(i["name"], []), *short.get(i["name"], ())],
        }
        for i in authored["intents"]
    ]
    types = [
        {
            "name": "TOPIC",
            "values": [_value(t.id, t.title, (*t.synonyms, *short.get(f"topic/{t.id}", ()))) for t in library.topics.values()],
        },
        {"name": "SITUATION", "values": [_value(s.id, s.title, s.synonyms) for s in library.situations.values()]},
        {"name": "WARNING_SIGN", "values": [_value(s.id, s.title, s.examples) for s in library.warning_signs.values()]},
    ]
    return {
        "interactionModel": {
            "languageModel": {
                "invocationName": authored["invocation_name"],
                "modelConfiguration": {"fallbackIntentSensitivity": {"level": authored["fallback_sensitivity"]}},
                "intents": intents,
                "types": types,
            }
        }
    }


def _short_ways(authored: dict[str, Any], library: content.Library) -> dict[str, list[str]]:
    """The short ways to ask for a topic ("topic/ID") or to say a command (its intent) that no carrier would bring."""
    question = next(i for i in authored["intents"] if i["name"] == "QuestionIntent")
    carried = {sample.split()[0] for sample in question["samples"]}
    taken = {sample for intent in authored["intents"] for sample in intent["samples"]}
    taken |= {name for sign in library.warning_signs.values() for name in (sign.title, *sign.examples)}
    routes = {f"command/{c['id']}": c["route"] for c in library.commands["commands"]}
    ways: dict[str, list[str]] = {}
    for way in listed(ROOT / "content", library):
        words, folder = way.phrase.split(), way.file.parent.name
        short = way.file.suffix == ".txt" and len(words) <= _MOST_WORDS.get(folder, 0)
        if short and way.phrase not in taken and (words[0] not in carried or len(words) == 1):
            ways.setdefault(routes.get(way.label, way.label), []).append(way.phrase)
    return ways


def _value(value_id: str, name: str, synonyms: Iterable[str]) -> dict[str, Any]:
    return {"id": value_id, "name": {"value": name, "synonyms": [s for s in synonyms if s != name]}}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.write_models", description="Write each locale's interaction model.")
    parser.add_argument("--check", action="store_true", help="only say which files are out of date")
    options = parser.parse_args(arguments)
    stale = 0
    for locale in content.available_locales(ROOT / "content"):
        authored = json.loads((MODELS / f"{locale[:2]}.json").read_text("utf-8"))
        path = MODELS / f"{locale}.json"
        text = json.dumps(model(authored, content.load(ROOT / "content", locale)), indent=1, ensure_ascii=False) + "\n"
        if path.is_file() and path.read_text("utf-8") == text:
            print(f"{path.name}: up to date", file=sys.stderr)
        elif options.check:
            stale += 1
            print(f"{path.name}: out of date; run 'make models' and commit the result", file=sys.stderr)
        else:
            path.write_text(text, "utf-8")
            print(f"{path.name}: written", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
