"""Words -> how likely each thing people say is meant: a topic, a command, a limit, or nothing of ours.

The weights stand in `likeness.json`, written by `tools.write_likeness` from the phrases in
content: for each feature of an utterance how much it speaks for and against each label.
Scores are sums, so every decision can be told apart into the words that made it (`why`).

Features come in four kinds (see `backcare.understanding.words`), each kind scaled to the
same length, so that a long word with many parts doesn't outweigh three short ones.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from backcare.content import Library
from backcare.understanding.words import Words, kind_of

PER_UNIT = 100
"""Weights are stored as whole hundredths."""


PAGE = 3
"""Features that begin with the same letters, so many, stand on one page of the table."""

_UNKNOWN = 7.0
"""How much a word tells that no phrase has: about as much as one that a single phrase has."""


class Likeness:
    """The weights of one library, ready to be asked."""

    def __init__(self, vocabulary: Mapping[str, Any], table: Mapping[str, Any]) -> None:
        self.labels: list[str] = table["labels"]
        self.words = Words(vocabulary, frozenset(table["known"]), table["sounds"])
        self._start = dict(enumerate(table["start"]))
        self._pages: Mapping[str, str] = table["features"]
        self._read: dict[str, dict[str, str]] = {}

    def _entry(self, feature: str) -> str | None:
        """What the table says of a feature. Its pages, by first letters, are read as they are needed."""
        letters = feature[:PAGE]
        page = self._read.get(letters)
        if page is None:
            lines = self._pages.get(letters, "").splitlines()
            page = self._read[letters] = dict(line.split("\t") for line in lines)
        return page.get(feature)

    def _parts(self, text: str) -> Iterable[tuple[str, dict[int, float]]]:
        """Each feature known to the table, with what it adds to each label's score."""
        by_kind: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
        for feature in dict.fromkeys(self.words.features(text)):
            entry = self._entry(feature)
            if entry:
                size, _, weights = entry.partition(" ")
                by_kind[kind_of(feature)].append((feature, int(size), weights))
        for features in by_kind.values():
            length = math.sqrt(sum(size * size for _, size, _ in features))
            for feature, size, weights in features:
                pairs = (pair.partition(":") for pair in weights.split())
                yield feature, {int(label): int(weight) * size / length / PER_UNIT for label, _, weight in pairs}

    def probabilities(self, text: str) -> dict[str, float]:
        """How likely each label is; they add up to 1."""
        scores = {label: start / PER_UNIT for label, start in self._start.items()}
        for _, part in self._parts(text):
            for label, weight in part.items():
                scores[label] += weight
        most = max(scores.values())
        odds = {label: math.exp(score - most) for label, score in scores.items()}
        total = sum(odds.values())
        return {self.labels[label]: odd / total for label, odd in odds.items()}

    def rarity(self, word: str) -> float:
        """How much a plain word tells, whatever it tells of; unknown words tell most."""
        entry = self._entry(word)
        return int(entry.partition(" ")[0]) / PER_UNIT if entry else _UNKNOWN

    def familiar(self, text: str) -> tuple[float, float]:
        """How much the telling words of `text` tell that are known, and how much that aren't."""
        known = unknown = 0.0
        for word in set(self.words.meaning(text)):
            if self._entry(word):
                known += self.rarity(word)
            else:
                unknown += _UNKNOWN
        return known, unknown

    def why(self, text: str, label: str, most: int = 5) -> list[tuple[str, float]]:
        """The features that speak loudest for or against a label, loudest first."""
        at = self.labels.index(label)
        parts = [(feature, part[at]) for feature, part in self._parts(text) if at in part]
        return sorted(parts, key=lambda part: -abs(part[1]))[:most]


Likely = Callable[[str], Mapping[str, float]]
"""Words -> how likely each label is."""


@lru_cache(maxsize=8)
def likeness(library: Library) -> Likeness:
    """The likeness of a library's locale; read and built when words first need it."""
    return Likeness(library.vocabulary, library.likeness)


def once_a_turn(library: Library) -> Likely:
    """The probabilities of `library`'s likeness, worked out once for the same words and kept no longer than the turn."""
    known: dict[str, Mapping[str, float]] = {}

    def likely(text: str) -> Mapping[str, float]:
        if text not in known:
            known[text] = likeness(library).probabilities(text)
        return known[text]

    return likely
