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
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

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

_SECTION_SURE, _SECTION_NEAR = 0.5, 0.15
"""A question is answered from one section when it holds this much of what tells sections apart,

and this much more than any other section does.
"""

_HEADING = 3
"""A word of the heading counts as often as this many in the text."""


class Match(NamedTuple):
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
        self._telling: dict[str, _Vector] = {}
        self._names = {topic.id: (topic.title,) for topic in library.topics.values()}
        for topic in library.topics.values():
            for phrase in _phrases(topic):
                for feature, weight in self._unit(self._features(phrase)).items():
                    self._phrases[feature].append((len(self._owners), weight))
                self._owners.append(topic.id)
            self._wholes[topic.id] = self._presence(topic)
            self._sections[topic.id], self._telling[topic.id] = self._section_vectors(topic)

    def _section_vectors(self, topic: Topic) -> tuple[list[tuple[str, _Vector]], _Vector]:
        """How surely each section speaks of a word, and how well a word tells the topic's sections apart."""
        counted = [(s.id, Counter(self._words.words(" ".join([s.heading] * _HEADING + [*s.sentences])))) for s in topic.sections]
        used_by = Counter(word for _, words in counted for word in words)
        telling = {word: math.log(len(counted) / n) * self._weight.get(word, self._rarest) for word, n in used_by.items()}
        return [(s, {word: 1 - 1 / (1 + n) for word, n in words.items()}) for s, words in counted], telling

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
        """The section of `topic` that alone speaks of most of what was asked, if one does."""
        telling = self._telling[topic]
        named = {word for phrase in self._names[topic] for word in self._words.words(phrase)}
        asked = {word: telling.get(word, 0.0) for word in set(self._words.words(text)) - named}
        total = sum(asked.values())
        if not total:
            return None
        held = {s: sum(w * has.get(word, 0.0) for word, w in asked.items()) / total for s, has in self._sections[topic]}
        fits = sorted(((score, s) for s, score in held.items()), reverse=True)
        second = fits[1][0] if len(fits) > 1 else 0.0
        return fits[0][1] if fits[0][0] >= _SECTION_SURE and fits[0][0] - second >= _SECTION_NEAR else None


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


def find(library: Library, text: str, here: str | None = None) -> Match:
    """The topic `text` is likest to; confidence is "none" when it is like no topic at all.

    When it could be either of two and one is `here`, the topic in hand, with a section that
    answers it, then that is what was meant.
    """
    index = _index(library)
    scores = index.scores(text)
    if not scores or scores[0][0] < UNSURE:
        return Match(None, None, round(scores[0][0], 3) if scores else 0.0, None, "none")
    (score, topic), (runner_up, second) = scores[:2]
    sure = score >= SURE or score - runner_up >= 2 * NEAR
    confidence = "sure" if sure and score - runner_up >= NEAR else "unsure"
    if confidence == "unsure" and here == second and index.section(text, second):
        topic, second = second, topic
    section = index.section(text, topic)
    if confidence == "unsure" and here == topic and section:
        confidence = "sure"
    return Match(topic, section, round(score, 3), second, confidence)
