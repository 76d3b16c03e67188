"""What people say, as authors listed it: the phrases that `likeness.json` is made from.

    content/LANGUAGE/topics/ID.json              title, synonyms, questions and headings
    content/LANGUAGE/warning_signs/ID.json       examples
    content/LANGUAGE/utterances/topics/ID.txt    more ways to ask for the topic
    content/LANGUAGE/utterances/words/ID.txt     words that belong to the topic
    content/LANGUAGE/utterances/commands/ID.txt  ways to say a command
    content/LANGUAGE/utterances/limits/ID.txt    questions that are answered with whom to ask
    content/LANGUAGE/utterances/warnings/ID.txt  ways to tell a warning sign; ID.raised.txt where they make it more urgent
    content/LANGUAGE/utterances/harmless.txt     words that sound like a warning sign and are none
    content/LANGUAGE/utterances/outside.txt      what the skill doesn't cover
    content/LANGUAGE/utterances/leanings.json    what is asked for more or less than its phrases alone make likely
    content/LANGUAGE/utterances/contexts.txt     what people say around any topic ("_ for my mother"), which tells nothing
    content/LANGUAGE/utterances/alarming_contexts.txt  the same around a warning sign ("give me a tip for when _")

One phrase a line, in lower case, as a recogniser would write it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from backcare.content import Library


class Listed(NamedTuple):
    """One phrase, its label ("topic/diet", "command/stop", "limit/dose", "outside", ...), and the file it stands in."""

    phrase: str
    label: str
    file: Path


_LABELS = {"topics": "topic", "words": "topic", "commands": "command", "limits": "limit", "warnings": "warning"}
_ALONE = ("harmless", "outside")


def listed(folder: Path, library: Library) -> Iterator[Listed]:
    """Every phrase of the library's language, in a fixed order, each once a label."""
    language = folder / library.locale.partition("-")[0]
    seen: set[tuple[str, str]] = set()
    for one in (*_in_topics(language, library), *_in_signs(language, library), *_in_files(language)):
        if (one.phrase, one.label) not in seen:
            seen.add((one.phrase, one.label))
            yield one


def _in_topics(language: Path, library: Library) -> Iterator[Listed]:
    for topic in library.topics.values():
        headings = (section.heading for section in topic.sections)
        for phrase in (topic.title, *topic.synonyms, *topic.questions, *headings):
            yield Listed(phrase.lower(), f"topic/{topic.id}", language / "topics" / f"{topic.id}.json")


def _in_signs(language: Path, library: Library) -> Iterator[Listed]:
    for sign in library.warning_signs.values():
        for phrase in sign.examples:
            yield Listed(phrase.lower(), f"warning/{sign.id}", language / "warning_signs" / f"{sign.id}.json")


def _in_files(language: Path) -> Iterator[Listed]:
    root = language / "utterances"
    for kind, label in _LABELS.items():
        for path in sorted((root / kind).glob("*.txt")):
            for phrase in _lines(path):
                yield Listed(phrase, f"{label}/{path.stem}", path)
    for label in _ALONE:
        for phrase in _lines(root / f"{label}.txt"):
            yield Listed(phrase, label, root / f"{label}.txt")


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            yield line.strip()


def contexts(folder: Path, library: Library, name: str = "contexts") -> list[str]:
    """What is said around any topic, or around a warning sign ("alarming_contexts"); "_" stands for the words themselves."""
    return list(_lines(folder / library.locale.partition("-")[0] / "utterances" / f"{name}.txt"))


def leanings(folder: Path, library: Library) -> dict[str, float]:
    """How much more, or less, people ask for a label than its phrases alone make likely."""
    path = folder / library.locale.partition("-")[0] / "utterances" / "leanings.json"
    found: dict[str, float] = json.loads(path.read_text("utf-8"))["leanings"]
    return found
