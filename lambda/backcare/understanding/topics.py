"""Free words -> the topic they are likest to, how sure, and the section that answers a narrower question."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from backcare.content import Library
from backcare.understanding.commands import OUTSIDE
from backcare.understanding.likeness import Likely, Likeness, likeness
from backcare.understanding.words import MOST_WORDS

_TOPIC = "topic/"

_LIKELY = 0.06
"""A topic less likely than this is not offered: the words are of no topic."""

_SURE = 0.2
"""A topic at least this likely is opened, unless another comes near it; below, two are offered."""

_NEAR = 1.25
"""Two topics are near each other when one is less than this many times as likely as the other."""

_OWN_WORDS = 0.2
"""At least this share of the telling words must be known; words that nobody listed speak of something else."""

_IN_HAND = 4.0
"""How many times likelier the topic in hand becomes when the words go on from it."""

_STORY, _PART = 14, 10
"""More words than this are a story, whose question is looked for in parts of so many words."""

_SECTION_SURE, _SECTION_NEAR = 0.45, 0.15
"""A section answers when it holds this much of what tells sections apart, and so much more than any other."""

_HEADING = 3
"""A word of the heading counts as often as this many in the text."""


class Match(NamedTuple):
    """The likest topic and, where the question is narrower, section; and the runner-up.

    `confidence` is "sure", "unsure" (either of the two), or "none" (like no topic at all).
    """

    topic: str | None
    section: str | None
    score: float
    second: str | None
    confidence: str


def find(library: Library, text: str, here: str | None = None, likely: Likely | None = None) -> Match:
    """The topic `text` is likest to. `here` is the topic in hand: "and for her" or "why" go on from it."""
    data = library.commands
    heard = " ".join(text.split()[:MOST_WORDS])
    said, goes_on = _what_was_meant(heard, data["corrections"], data["follow_ups"])
    found = _find(library, said, here if goes_on else None, likely)
    if found.confidence == "none":
        for part in _parts(said):
            found = max(found, _find(library, part, None, likely), key=lambda match: (match.topic is not None, match.score))
    return found


def _parts(text: str) -> list[str]:
    """The parts of a long story, overlapping, since the question stands in one of them; none of a short saying."""
    words = text.split()
    starts = range(0, len(words) - _PART // 2, _PART // 2) if len(words) > _STORY else ()
    return [" ".join(words[start : start + _PART]) for start in starts]


def _find(library: Library, said: str, here: str | None, likely: Likely | None) -> Match:
    """The topic that `said` is likest to; `here` is the topic that it goes on from, if it does."""
    model = likeness(library)
    found = (likely or model.probabilities)(said)
    topics = {label.removeprefix(_TOPIC): p for label, p in found.items() if label.startswith(_TOPIC)}
    if here in topics:
        topics[here] *= _IN_HAND
    best, second = sorted(topics, key=lambda topic: -topics[topic])[:2]
    score = topics[best]
    if score < _LIKELY or score < found[OUTSIDE] or _foreign(model, said):
        return Match(None, None, round(score, 3), None, "none")
    sure = score >= _SURE and score >= topics[second] * _NEAR
    section = section_of(library, said, best)
    return Match(best, section, round(min(score, 1.0), 3), second, "sure" if sure else "unsure")


def _what_was_meant(text: str, corrections: list[str], follow_ups: list[str]) -> tuple[str, bool]:
    """`text` without what it takes back ("kidneys, not stress"), and whether it goes on from what was heard."""
    plain = " ".join(re.findall(r"[a-z]+", text.lower().replace("'", "")))
    for correction in corrections:
        found = re.match(correction, plain)
        if found:
            return found[1], False
    return text, any(plain.startswith(f"{lead} ") for lead in follow_ups)


def _foreign(model: Likeness, text: str) -> bool:
    known, unknown = model.familiar(text)
    return known < _OWN_WORDS * (known + unknown)


@lru_cache(maxsize=256)
def _sections(library: Library, topic_id: str) -> tuple[list[tuple[str, Mapping[str, float]]], Mapping[str, float]]:
    """How surely each section speaks of a word, and how well a word tells the topic's sections apart."""
    model = likeness(library)
    topic = library.topics[topic_id]
    counted = [(s.id, Counter(model.words.meaning(" ".join([s.heading] * _HEADING + [*s.sentences])))) for s in topic.sections]
    used_by = Counter(word for _, words in counted for word in words)
    telling = {word: math.log(len(counted) / n) * model.rarity(word) for word, n in used_by.items()}
    return [(s, {word: 1 - 1 / (1 + n) for word, n in words.items()}) for s, words in counted], telling


def section_of(library: Library, text: str, topic_id: str) -> str | None:
    """The section of a topic that alone speaks of most of what was asked, if one does."""
    topic = library.topics[topic_id]
    model = likeness(library)
    sections, telling = _sections(library, topic_id)
    named = set(model.words.meaning(topic.title))
    asked = {word: telling.get(word, 0.0) for word in set(model.words.meaning(text)) - named}
    total = sum(asked.values())
    if not total:
        return None
    held = {s: sum(w * has.get(word, 0.0) for word, w in asked.items()) / total for s, has in sections}
    fits = sorted(((score, s) for s, score in held.items()), reverse=True)
    second = fits[1][0] if len(fits) > 1 else 0.0
    return fits[0][1] if fits[0][0] >= _SECTION_SURE and fits[0][0] - second >= _SECTION_NEAR else None
