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
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from backcare.content import Library
from backcare.understanding.words import Words, kind_of

PER_UNIT = 10
"""Weights are stored as whole tenths."""

PAGE = 3
"""Features that begin with the same letters, so many, stand on one page of the table."""

_UNKNOWN = 7.0
"""How much a word tells that no phrase has: about as much as one that a single phrase has."""

_NO_PAGE: Mapping[str, str] = {}


class _Entry(NamedTuple):
    """How much a feature counts, and the labels it speaks for or against with their weights."""

    size: int
    weights: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, line: str) -> _Entry:
        """The entry in a line of the table."""
        size, *weights = line.split()
        return cls(int(size), tuple((int(at), int(weight)) for at, _, weight in (pair.partition(":") for pair in weights)))


class Likeness:
    """The weights of one library, ready to be asked."""

    def __init__(self, vocabulary: Mapping[str, Any], table: Mapping[str, Any]) -> None:
        self.labels: list[str] = table["labels"]
        self.words = Words(vocabulary, frozenset(table["known"]), table["sounds"])
        self._start: list[int] = table["start"]
        self._pages: Mapping[str, str] = table["features"]
        self._read: dict[str, dict[str, str]] = {}
        self._entries: dict[str, _Entry] = {}

    def _entry(self, feature: str) -> _Entry | None:
        """What the table says of a feature. Its pages, by first letters, are read as they are needed."""
        entry = self._entries.get(feature)
        if entry is None:
            letters = feature[:PAGE]
            if letters in self._pages and letters not in self._read:
                self._read[letters] = dict(line.split("\t") for line in self._pages[letters].splitlines())
            line = self._read.get(letters, _NO_PAGE).get(feature)
            if line:  # what isn't in the table was somebody's own word, and is not kept
                entry = self._entries[feature] = _Entry.read(line)
        return entry

    def _known(self, text: str) -> Iterator[tuple[str, _Entry, float]]:
        """Each feature known to the table, its entry, and its share of the features of its kind."""
        by_kind: dict[str, list[tuple[str, _Entry]]] = defaultdict(list)
        for feature in dict.fromkeys(self.words.features(text)):
            entry = self._entry(feature)
            if entry:
                by_kind[kind_of(feature)].append((feature, entry))
        for known in by_kind.values():
            length = math.sqrt(sum(entry.size * entry.size for _, entry in known))
            for feature, entry in known:
                yield feature, entry, entry.size / length / PER_UNIT

    def probabilities(self, text: str) -> dict[str, float]:
        """How likely each label is; they add up to 1."""
        scores = [start / PER_UNIT for start in self._start]
        for _, entry, share in self._known(text):
            for at, weight in entry.weights:
                scores[at] += weight * share
        most = max(scores)
        odds = [math.exp(score - most) for score in scores]
        total = sum(odds)
        return {label: odd / total for label, odd in zip(self.labels, odds, strict=True)}

    def rarity(self, word: str) -> float:
        """How much a plain word tells, whatever it tells of; unknown words tell most."""
        entry = self._entry(word)
        return entry.size / PER_UNIT if entry else _UNKNOWN

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
        parts = [(feature, dict(entry.weights).get(at, 0) * share) for feature, entry, share in self._known(text)]
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
