"""Words -> the topic they are likest to: a weighted overlap with how people ask for it.

Each phrase that a topic lists (title, synonyms, questions, headings) is compared by the
cosine of its words, rarer words weighing more; words that no topic uses say nothing either
way. Adjoining words count too, so that "lie on a bottle" is nearer to "lying on a hot water
bottle" than to "lying on your side". A topic's score mixes its best phrase's with how much
of what was asked the topic speaks of at all.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from backcare.content import Library, Topic
from backcare.understanding.words import normaliser

SURE = 0.62
UNSURE = 0.34
NEAR = 0.05
"""Scores above SURE name a topic, above UNSURE one of two; NEAR is how close two may come."""

_BEST_PHRASE, _WHOLE_TOPIC = 0.5, 0.5
"""How much the best phrase and the topic as a whole count; together 1."""

_PAIR = 0.5
"""A pair of adjoining words counts this much of a single word as rare."""

_UNKNOWN = 0.35
"""A word that no topic uses takes this much of the rarest word's weight from the score."""

_SECTION_SURE = 0.3
"""A question is answered from one section only when its words fit the section this well."""


@dataclass(frozen=True, slots=True)
class Match:
    """The likest topic and, where the question is narrower, section; and the runner-up."""

    topic: str | None
    section: str | None
    score: float
    second: str | None
    confidence: str


_Vector = dict[str, float]


class _Index:
    """Vectors of every phrase, topic and section; built once for a library."""

    def __init__(self, library: Library) -> None:
        self._words = normaliser(library)
        self._weight = self._weights(library)
        self._rarest = max(self._weight.values())
        self._owners: list[str] = []
        self._phrases: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._wholes: dict[str, _Vector] = {}
        self._sections: dict[str, list[tuple[str, _Vector]]] = {}
        for topic in library.topics.values():
            for phrase in _phrases(topic):
                for feature, weight in self._unit(self._features(phrase)).items():
                    self._phrases[feature].append((len(self._owners), weight))
                self._owners.append(topic.id)
            self._wholes[topic.id] = self._presence(topic)
            self._sections[topic.id] = [
                (s.id, self._unit(self._features(f"{s.heading} {s.heading} {' '.join(s.sentences)}"))) for s in topic.sections
            ]

    def _weights(self, library: Library) -> _Vector:
        """How much a feature tells: the fewer topics use it, the more (inverse document frequency)."""
        used_by = Counter[str]()
        for topic in library.topics.values():
            used_by.update({f for text in (*_phrases(topic), *_texts(topic)) for f in self._features(text)})
        count = len(library.topics)
        return {f: math.log(1 + count / n) * (_PAIR if " " in f else 1.0) for f, n in used_by.items()}

    def _presence(self, topic: Topic) -> _Vector:
        """How surely the topic speaks of each feature, between 0 and 1."""
        asked = Counter(f for phrase in _phrases(topic) for f in set(self._features(phrase)))
        told = Counter(f for text in _texts(topic) for f in set(self._features(text)))
        return {f: 1 - 1 / (1 + asked[f] + 0.4 * told[f]) for f in asked.keys() | told.keys()}

    def _features(self, text: str) -> list[str]:
        words = self._words.words(text)
        return words + [f"{a} {b}" for a, b in pairwise(words)]

    def _unit(self, features: list[str]) -> _Vector:
        weighted = {f: n * self._weight[f] for f, n in Counter(features).items() if f in self._weight}
        length = math.sqrt(sum(w * w for w in weighted.values())) or 1.0
        return {f: w / length for f, w in weighted.items()}

    def scores(self, text: str) -> list[tuple[float, str]]:
        """Every topic the words touch, with its score between 0 and 1, best first."""
        features = self._features(text)
        asked = self._unit(features)
        likeness: dict[int, float] = defaultdict(float)
        for feature, weight in asked.items():
            for number, other in self._phrases.get(feature, ()):
                likeness[number] += weight * other
        best: dict[str, float] = defaultdict(float)
        for number, score in likeness.items():
            best[self._owners[number]] = max(best[self._owners[number]], score)
        known = {f: self._weight[f] for f in set(features) if f in self._weight}
        unknown = sum(1 for f in set(features) if f not in self._weight and " " not in f)
        total = sum(known.values()) + unknown * self._rarest * _UNKNOWN
        shares = {t: sum(w * whole.get(f, 0.0) for f, w in known.items()) / total for t, whole in self._wholes.items()} if known else {}
        certainty = sum(known.values()) / total if known else 0.0
        return sorted(((_BEST_PHRASE * best[t] * certainty + _WHOLE_TOPIC * share, t) for t, share in shares.items()), reverse=True)

    def section(self, text: str, topic: str) -> str | None:
        """The section of `topic` that the words fit best, if they fit one well enough."""
        asked = self._unit(self._features(text))
        score, section = max((sum(w * vector.get(f, 0.0) for f, w in asked.items()), s) for s, vector in self._sections[topic])
        return section if score >= _SECTION_SURE else None


def _phrases(topic: Topic) -> Iterator[str]:
    yield topic.title
    yield from topic.synonyms
    yield from topic.questions
    yield from (section.heading for section in topic.sections)


def _texts(topic: Topic) -> Iterator[str]:
    yield from topic.gist
    yield from (sentence for section in topic.sections for sentence in section.sentences)
    yield from (sentence for tip in topic.tips for sentence in tip.sentences)


@lru_cache(maxsize=8)
def _index(library: Library) -> _Index:
    return _Index(library)


def find(library: Library, text: str) -> Match:
    """The topic `text` is likest to; confidence is "none" when it is like no topic at all."""
    index = _index(library)
    scores = index.scores(text)
    if not scores or scores[0][0] < UNSURE:
        return Match(None, None, round(scores[0][0], 3) if scores else 0.0, None, "none")
    (score, topic), (runner_up, second) = scores[:2]
    sure = score >= SURE or score - runner_up >= 2 * NEAR
    confidence = "sure" if sure and score - runner_up >= NEAR else "unsure"
    return Match(topic, index.section(text, topic), round(score, 3), second, confidence)
