"""Utterance -> intent and slots, by the interaction model, as Alexa would hear it.

What it can stand for: a written utterance that matches a sample exactly or nearly so, the
usual phrases of built-in intents, entity resolution by listed values and synonyms, a bare
slot only with a listed value, any words for a custom slot inside a carrier, a SearchQuery
by its carriers when nothing fuller fits, and FallbackIntent, which carries no words.

What it can't: Alexa's statistical model generalises further than samples, and its speech
recognition errs in ways a typed line doesn't. Where this module says Fallback, Alexa may
still have understood; where it understands, Alexa can be expected to. It is meant never to
be the more lenient of the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

FALLBACK = "AMAZON.FallbackIntent"
SEARCH_QUERY = "AMAZON.SearchQuery"
MATCH, NO_MATCH = "ER_SUCCESS_MATCH", "ER_SUCCESS_NO_MATCH"

_NEAR_SAMPLE = 92.0
_NEAR_VALUE = 88.0
_SHORTEST_SLIP = 6
"""Slips are only forgiven in phrases of this many letters or more: "stop" isn't a slip of "step"."""

_BUILTIN = Path(__file__).with_name("builtin_phrases.json")


@dataclass(frozen=True, slots=True)
class HeardSlot:
    """What was said in a slot, and what entity resolution made of it (status None: not resolved)."""

    value: str
    id: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """The intent an utterance was taken for, with its slots; `rank` orders rivals, lowest first."""

    intent: str
    slots: Mapping[str, HeardSlot] = field(default_factory=dict)
    rank: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class _Sample:
    intent: str
    pattern: re.Pattern[str]
    slots: tuple[str, ...]
    literals: int


class Hearing:
    """The ear for one interaction model (the parsed JSON of a locale's file)."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        language = model["interactionModel"]["languageModel"]
        self.invocation_name: str = language["invocationName"]
        self._types = {s["name"]: s["type"] for i in language["intents"] for s in i.get("slots", ())}
        self._values = {t["name"]: dict(_listed_values(t)) for t in language["types"]}
        self._phrases: dict[str, str] = {}
        self._samples: list[_Sample] = []
        for intent in language["intents"]:
            for sample in intent["samples"]:
                if "{" in sample:
                    self._samples.append(_compiled(intent["name"], sample))
                else:
                    self._phrases[normal(sample)] = intent["name"]
        names = {i["name"] for i in language["intents"]}
        for intent_name, phrases in json.loads(_BUILTIN.read_text("utf-8")).items():
            for phrase in phrases if intent_name in names else ():
                self._phrases.setdefault(phrase, intent_name)

    def hear(self, utterance: str) -> Heard:
        """What Alexa would take `utterance` for inside an open session."""
        said = normal(utterance)
        return (
            min(self._candidates(said), key=lambda heard: heard.rank, default=Heard(FALLBACK, rank=(9,)))
            if said
            else Heard(FALLBACK, rank=(9,))
        )

    def hear_one_shot(self, request: str) -> Heard:
        """What follows "ask lupus back care": with or without a connecting word such as "for" or "to"."""
        said = normal(request)
        without = re.sub(r"^(for|to|about|if|whether|that|and)\s+", "", said)
        return min((self.hear(said), self.hear(without)), key=lambda heard: heard.rank)

    def _candidates(self, said: str) -> Iterator[Heard]:
        if said in self._phrases:
            yield Heard(self._phrases[said])
        for sample in self._samples:
            found = sample.pattern.fullmatch(said)
            if found:
                yield from self._filled(sample, found.groupdict())
        if len(said) >= _SHORTEST_SLIP:
            near = process.extractOne(said, self._phrases.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR_SAMPLE)
            if near and len(near[0].split()) == len(said.split()):
                yield Heard(self._phrases[near[0]], rank=(3,))

    def _filled(self, sample: _Sample, said: Mapping[str, str]) -> Iterator[Heard]:
        slots = {name: self._resolved(name, words.strip()) for name, words in said.items()}
        if any(self._types[name] == SEARCH_QUERY for name in slots):
            yield Heard(sample.intent, slots, (4, -sample.literals, 1))
        elif all(slot.status == MATCH for slot in slots.values()):
            exact = all(slot.value in self._values[self._types[name]] for name, slot in slots.items())
            yield Heard(sample.intent, slots, (1 if exact else 2, len(slots), -sample.literals))
        elif sample.literals:
            yield Heard(sample.intent, slots, (4, -sample.literals, 0))

    def _resolved(self, name: str, words: str) -> HeardSlot:
        values = self._values.get(self._types[name])
        if values is None:
            return HeardSlot(words)
        if words in values:
            return HeardSlot(words, values[words], MATCH)
        if len(words) >= _SHORTEST_SLIP:
            near = process.extractOne(words, values.keys(), scorer=fuzz.ratio, score_cutoff=_NEAR_VALUE)
            if near:
                return HeardSlot(words, values[near[0]], MATCH)
        return HeardSlot(words, None, NO_MATCH)


def normal(text: str) -> str:
    """`text` as a recogniser would write it: lower case, no punctuation, no wake word."""
    plain = re.sub(r"[^\w' -]", " ", text.lower().replace("’", "'").replace("_", " "))
    return re.sub(r"^alexa\s+", "", " ".join(plain.split()))


def _compiled(intent: str, sample: str) -> _Sample:
    parts = re.split(r"\{(\w+)\}", sample)
    literals = [normal(part) for part in parts[::2]]
    pattern = re.escape(literals[0]) + (" " if literals[0] else "")
    for slot, literal in zip(parts[1::2], literals[1:], strict=True):
        pattern += rf"(?P<{slot}>\S(?:.*\S)?)"
        pattern += f" {re.escape(literal)} " if literal else " "
    pattern = pattern.removesuffix(" ")
    return _Sample(intent, re.compile(pattern), tuple(parts[1::2]), sum(len(x.split()) for x in literals))


def _listed_values(slot_type: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for value in slot_type["values"]:
        for name in (value["name"]["value"], *value["name"].get("synonyms", ())):
            yield normal(name), value["id"]
