"""Measure how well the skill understands: `make understand`, or with FILE=my.jsonl.

    python -m tools.understand                 the project's own sets, in tests/understanding
    python -m tools.understand FILE [FILE ...] other sets: JSON lines, or TSV with a head line

Fields: `utterance`, and what it should come to: `topic`, `urgency` (emergency, same_day,
soon) or `meaning` (a command); with none of them, words that must not alarm. `at` is the
topic the listener is in. `_` equals `-`. The topic `emergency` means that urgency; `out_of_scope`, as
a topic or a meaning, means refused: not covered, or told whom to ask. A `style` that begins
with symptom_report_ names the urgency of the report.

Each utterance is asked twice: of understanding alone (all its words, in one slot), and over
the whole way (hearing by the interaction model, `lambda_handler`, what was understood), so
that a miss shows which of the two lost it. Noise stands for a recogniser's slips: seeded,
so that two runs agree.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz import distance, process

from backcare.content import Library, load
from backcare.dialog.routes import answer
from backcare.turn import Open, Place, Slot, Turn, Understood
from backcare.understanding.likeness import likeness
from simulator.device import Device
from simulator.hearing import FALLBACK, Hearing
from simulator.skill import ROOT, LoadedSkill

SETS = ROOT / "tests" / "understanding"
OWN = ("questions", "out_of_scope", "commands", "follow_ups", "warning_signs", "benign")
URGENCIES = ("emergency", "same_day", "soon")
REFUSED = "out-of-scope"
NOISE = (0.1, 0.2)
_SEED = 20261123
_DAY = date(2026, 11, 23)


class Row(NamedTuple):
    """One utterance, and what it should come to: one of `topic`, `urgency`, `meaning`, `refused`, or `quiet`."""

    utterance: str
    kind: str
    want: str
    at: str | None = None


class Outcome(NamedTuple):
    """What was made of an utterance; `topics` best first, at most two."""

    topics: tuple[str, ...] = ()
    urgency: str | None = None
    route: str = ""
    refused: bool = False
    intent: str = ""


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file. Raises ValueError, naming the line, when one says nothing that can be measured."""
    text = path.read_text("utf-8")
    if path.suffix == ".tsv":
        lines: Iterable[Mapping[str, Any]] = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    else:
        lines = (json.loads(line) for line in text.splitlines() if line.strip())
    for number, line in enumerate(lines, start=1):
        row = _row(line)
        if row is None:
            raise ValueError(f"{path}:{number}: needs an 'utterance'")
        yield row


def _row(line: Mapping[str, Any]) -> Row | None:
    said = line.get("utterance")
    if not isinstance(said, str):
        return None
    style = str(line.get("style", ""))
    topic = str(line.get("topic") or "").replace("_", "-")
    meaning = str(line.get("meaning") or "").replace("_", "-")
    urgency = line.get("urgency") or (style.removeprefix("symptom_report_") if style.startswith("symptom_report_") else None)
    urgency = "emergency" if topic == "emergency" else urgency
    if urgency:
        return Row(said, "urgency", str(urgency).replace("-", "_"))
    if REFUSED in (topic, meaning):
        return Row(said, "refused", REFUSED)
    if meaning:
        return Row(said, "meaning", meaning)
    if topic:
        return Row(said, "topic", topic, line.get("at"))
    return Row(said, "quiet", "")


Way = Callable[[Row], Outcome]


class Alone:
    """Understanding alone: all the words in one slot, none lost to a carrier."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def __call__(self, row: Row) -> Outcome:
        """What is understood of one row's utterance."""
        place = _place(self._library, row)
        turn = Turn(
            self._library,
            "WarningSignIntent",
            {"warning": Slot(row.utterance)},
            place,
            Open("more") if place.topic else Open(),
            today=_DAY,
            new=row.kind not in ("meaning", "topic") or not row.at,
        )
        reply = answer(turn)
        return _outcome(self._library, reply.understood, "")


class WholeWay:
    """Hearing by the interaction model, the handler, what was understood."""

    def __init__(self, library: Library, locale: str) -> None:
        self._library = library
        model = json.loads((ROOT / "interaction_models" / f"{locale}.json").read_text("utf-8"))
        self._skill, self._hearing, self._locale = LoadedSkill(None), Hearing(model), locale

    def __call__(self, row: Row) -> Outcome:
        """What is understood of one row's utterance, said to a device."""
        start = datetime(_DAY.year, _DAY.month, _DAY.day, 18, tzinfo=UTC)
        device = Device(self._skill.handler, self._hearing, locale=self._locale, start=start)
        if row.at or row.kind == "meaning":
            device.say(self._library.topics[row.at or "exercise"].title)
        self._skill.forget_last()
        heard = device.say(row.utterance)
        data = self._skill.understood
        if data is None:
            return Outcome(route=heard.intent or "" if heard else "", intent=heard.intent or "" if heard else "")
        return _outcome(self._library, Understood(**data), heard.intent or "" if heard else "")


def _place(library: Library, row: Row) -> Place:
    topic_id = row.at or ("exercise" if row.kind == "meaning" else None)
    if topic_id is None:
        return Place()
    topic = library.topics[topic_id]
    return Place(topic.id, topic.sections[0].id, f"topic/{topic.id}")


def _outcome(library: Library, understood: Understood, intent: str) -> Outcome:
    rule = understood.rule or ""
    refused = understood.confidence == "none" or rule.startswith("limit/")
    found = (understood.topic, understood.second if understood.second in library.topics else None)
    return Outcome(tuple(t for t in found if t), understood.urgency, understood.route, refused, intent)


# Meanings that other sets give one name, and the commands of ours that do the same.
_MEANINGS = {
    "pace": ("slower", "faster", "normal-speed"),
    "stop": ("stop", "cancel"),
    "cancel": ("cancel", "stop"),
    "no": ("no", "not-that"),
    "yes": ("yes", "the-first-one"),
    "help": ("help", "list-topics"),
}


def right(library: Library, row: Row, outcome: Outcome) -> bool:
    """Whether an outcome is what the row wants; a higher urgency than wanted is right, too."""
    if row.kind == "topic":
        return outcome.urgency is None and outcome.topics[:1] == (row.want,)
    if row.kind == "urgency":
        return outcome.urgency is not None and URGENCIES.index(outcome.urgency) <= URGENCIES.index(row.want)
    if row.kind == "refused":
        return outcome.refused or outcome.route == FALLBACK
    if row.kind == "quiet":
        return outcome.urgency is None
    wanted = _MEANINGS.get(row.want, (row.want,))
    routes = {c["route"] for c in library.commands["commands"] if c["id"] in wanted}
    return outcome.urgency is None and outcome.route in routes


class Noise:
    """A recogniser's slips: words taken for what sounds nearest, dropped, doubled."""

    def __init__(self, library: Library) -> None:
        self._words = likeness(library).words
        table = library.likeness
        self._sounds: dict[str, list[str]] = defaultdict(list)
        for word in table["known"]:
            self._sounds[self._words.sound(word)].append(word)
        self._keys = list(self._sounds)
        self._slips = {right: slips for right, slips in library.warning_concepts["same"].items() if " " not in right}

    def of(self, utterance: str, rate: float) -> str:
        """`utterance` with about `rate` of its words misheard; the same for the same utterance."""
        chance = random.Random(f"{_SEED} {rate} {utterance}")  # noqa: S311  nothing secret
        return " ".join(self._heard(word, chance) if chance.random() < rate else word for word in utterance.split()) or utterance

    def _heard(self, word: str, chance: random.Random) -> str:
        if word in self._slips:
            return str(chance.choice(self._slips[word]))
        what = chance.random()
        if what < 0.2:
            return ""
        return f"{word} {word}" if what < 0.4 else self._nearest(word)

    def _nearest(self, word: str) -> str:
        key = self._words.sound(word)
        alike = [other for other in self._sounds.get(key, ()) if other != word]
        if alike:
            return alike[0]
        others = [k for k in self._keys if k != key]
        found = process.extractOne(key, others, scorer=distance.Levenshtein.normalized_similarity)
        return self._sounds[found[0]][0] if found else word


def minimised(row: Row) -> Iterator[Row]:
    """The row with words that play it down, before and after."""
    words = json.loads((SETS / "minimising.json").read_text("utf-8"))
    pick = random.Random(f"{_SEED} {row.utterance}")  # noqa: S311  nothing secret
    yield row._replace(utterance=f"{pick.choice(words['before'])} {row.utterance}")
    yield row._replace(utterance=f"{row.utterance} {pick.choice(words['after'])}")


class Figure(NamedTuple):
    """How many of how many were right."""

    right: int
    of: int

    def __str__(self) -> str:
        return f"{100 * self.right / self.of:5.1f} % ({self.right}/{self.of})" if self.of else "-"

    @property
    def share(self) -> float:
        """The share that was right, between 0 and 1; 1 of nothing."""
        return self.right / self.of if self.of else 1.0


_NAMES = {
    "topic": "right topic first",
    "second": "right topic in the first two",
    "refused": "out of scope refused",
    "meaning": "commands right",
    "quiet": "quiet on harmless words",
    "emergency": "emergencies",
    "same_day": "same day, or higher",
    "soon": "soon, or higher",
}


def figures(library: Library, way: Way, those: Sequence[Row]) -> tuple[dict[str, Figure], list[tuple[Row, Outcome]]]:
    """The figures of a way of understanding over some rows, and every miss."""
    counted: Counter[str] = Counter()
    good: Counter[str] = Counter()
    missed = []
    for row in those:
        outcome = way(row)
        name = row.want if row.kind == "urgency" else row.kind
        counted[name] += 1
        if right(library, row, outcome):
            good[name] += 1
        else:
            missed.append((row, outcome))
        if row.kind == "topic":
            counted["second"] += 1
            good["second"] += outcome.urgency is None and row.want in outcome.topics
    return {name: Figure(good[name], counted[name]) for name in _NAMES if counted[name]}, missed


def unchanged(way: Way, those: Sequence[Row]) -> Figure:
    """In how many minimised utterances the urgency stays what it was."""
    pairs = [(way(row).urgency, way(less).urgency) for row in those if row.kind == "urgency" for less in minimised(row)]
    return Figure(sum(before == after for before, after in pairs), len(pairs))


def _print_set(library: Library, name: str, those: Sequence[Row], ways: Mapping[str, Way], *, quick: bool) -> None:
    print(f"\n{name}: {len(those)} utterances")
    table, misses = _measured(library, those, ways, quick=quick)
    for what, by_way in table.items():
        print(f"  {_NAMES[what]}")
        for way_name, figure in by_way.items():
            print(f"    {way_name:28} {figure}")
    if not quick and any(row.kind == "urgency" for row in those):
        print("  urgency unchanged by playing it down")
        for way_name, way in ways.items():
            print(f"    {way_name:28} {unchanged(way, those)}")
    _print_misses(library, misses)


def _measured(
    library: Library, those: Sequence[Row], ways: Mapping[str, Way], *, quick: bool
) -> tuple[dict[str, dict[str, Figure]], dict[str, list[tuple[Row, Outcome]]]]:
    """The figures of each way, as said and with noise; and what each way missed of what was said."""
    noise = Noise(library)
    versions = {"as said": those}
    for rate in () if quick else NOISE:
        versions[f"noise {rate:.0%}"] = [row._replace(utterance=noise.of(row.utterance, rate)) for row in those]
    table: dict[str, dict[str, Figure]] = defaultdict(dict)
    misses: dict[str, list[tuple[Row, Outcome]]] = {}
    for version, said in versions.items():
        for way_name, way in ways.items():
            print(f"  {version}, {way_name} ...", file=sys.stderr)
            found, missed = figures(library, way, said)
            for what, figure in found.items():
                table[what][f"{way_name}, {version}"] = figure
            misses.setdefault(way_name, missed)
    return table, misses


def _print_misses(library: Library, misses: Mapping[str, Sequence[tuple[Row, Outcome]]]) -> None:
    alone = {row for row, _ in misses["alone"]}
    for row, outcome in misses["whole way"]:
        lost = "understanding" if row in alone else f"hearing ({outcome.intent})"
        print(f"  MISS by {lost}: {row.utterance!r} wants {row.want or 'quiet'}, came to {_told(library, row, outcome)}")
    whole = {row for row, _ in misses["whole way"]}
    for row, outcome in misses["alone"]:
        if row not in whole:
            print(f"  MISS alone only: {row.utterance!r} wants {row.want or 'quiet'}, came to {_told(library, row, outcome)}")


def _told(library: Library, row: Row, outcome: Outcome) -> str:
    if outcome.urgency:
        return outcome.urgency
    came = outcome.route if row.kind == "meaning" and outcome.topics[1:] == () else " or ".join(outcome.topics) or outcome.route
    if row.kind == "topic" and outcome.topics:
        reasons = likeness(library).why(row.utterance, f"topic/{outcome.topics[0]}", 3)
        came += " by " + ", ".join(f"{feature} {weight:+.1f}" for feature, weight in reasons)
    return came + (" (refused)" if outcome.refused else "")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.understand", description="Measure how well the skill understands.")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="sets to measure (default: the project's own)")
    parser.add_argument("--locale", default="en-US", help="whose interaction model hears (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="without noise and playing down")
    options = parser.parse_args(arguments)
    library = load(ROOT / "content", options.locale)
    ways: dict[str, Way] = {"alone": Alone(library), "whole way": WholeWay(library, options.locale)}
    for path in options.files or [SETS / f"{name}.jsonl" for name in OWN]:
        try:
            those = list(rows(path))
        except (OSError, ValueError, KeyError) as error:
            sys.exit(f"{path}: {error}")
        _print_set(library, path.stem, those, ways, quick=options.quick)
    return 0


if __name__ == "__main__":
    sys.exit(main())
