"""Words -> the topic they are likest to: a weighted overlap with how people ask for it.

Each phrase that a topic lists (title, synonyms, questions, headings) is compared by the
cosine of its words, rarer words weighing more. Adjoining words count too, so that "lie on
a bottle" is nearer to "lying on a hot water bottle" than to "lying on your side". A topic's
score is its best phrase's, raised a little by how well the words fit the topic as a whole.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from backcare.content import Library, Topic
from backcare.understanding.words import normaliser

SURE = 0.5
UNSURE = 0.3
NEAR = 0.06
"""Scores above SURE name a topic, above UNSURE one of two; NEAR is how close two may come."""

_WHOLE_TOPIC = 0.35
"""How much the fit to a topic as a whole counts beside the fit to its best phrase."""

_SECTION_SURE = 0.55
"""A question is answered from one section only when it fits a heading or its text this well."""


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
    """Vectors of every phrase; built once for a library."""

    def __init__(self, library: Library) -> None:
        self._words = normaliser(library)
        phrases = [(topic.id, phrase) for topic in library.topics.values() for phrase in _phrases(topic)]
        seen_in: dict[str, set[str]] = defaultdict(set)
        counted = [(topic, Counter(self._features(phrase))) for topic, phrase in phrases]
        for topic, features in counted:
            for feature in features:
                seen_in[feature].add(topic)
        count = len(library.topics)
        self._weight = {f: math.log(1 + count / len(topics)) for f, topics in seen_in.items()}
        self._rarest = math.log(1 + count)
        self._phrases: dict[str, list[tuple[str, float]]] = defaultdict(list)
        self._owners: list[str] = []
        wholes: dict[str, Counter[str]] = defaultdict(Counter)
        for topic, features in counted:
            number = len(self._owners)
            self._owners.append(topic)
            for feature, weight in self._unit(features).items():
                self._phrases[feature].append((str(number), weight))
            wholes[topic].update(features.keys())
        self._wholes = {topic: self._unit(Counter({f: 1 + math.log(n) for f, n in features.items()})) for topic, features in wholes.items()}
        self._sections = {
            topic.id: [
                (s.id, self._unit(Counter(self._features(f"{s.heading} {s.heading} {' '.join(s.sentences)}")))) for s in topic.sections
            ]
            for topic in library.topics.values()
        }

    def _features(self, text: str) -> list[str]:
        words = self._words.words(text)
        return words + [f"{a} {b}" for a, b in pairwise(words)]

    def _unit(self, features: Counter[str] | Counter[float]) -> _Vector:
        weighted = {str(f): n * self._weight.get(str(f), self._rarest) for f, n in features.items()}
        length = math.sqrt(sum(w * w for w in weighted.values())) or 1.0
        return {f: w / length for f, w in weighted.items()}

    def scores(self, text: str) -> list[tuple[float, str]]:
        """Every topic the words touch, with its score, best first."""
        asked = self._unit(Counter(self._features(text)))
        likeness: dict[str, float] = defaultdict(float)
        for feature, weight in asked.items():
            for number, other in self._phrases.get(feature, ()):
                likeness[number] += weight * other
        best: dict[str, float] = defaultdict(float)
        for number, score in likeness.items():
            topic = self._owners[int(number)]
            best[topic] = max(best[topic], score)
        return sorted(((self._together(score, asked, topic), topic) for topic, score in best.items()), reverse=True)

    def _together(self, phrase: float, asked: _Vector, topic: str) -> float:
        whole = self._wholes[topic]
        return phrase + _WHOLE_TOPIC * sum(weight * whole.get(feature, 0.0) for feature, weight in asked.items())

    def section(self, text: str, topic: str) -> str | None:
        """The section of `topic` that the words fit best, if they fit one well enough."""
        asked = self._unit(Counter(self._features(text)))
        fits = sorted((sum(w * vector.get(f, 0.0) for f, w in asked.items()), s) for s, vector in self._sections[topic])
        score, section = fits[-1]
        return section if score >= _SECTION_SURE else None


def _phrases(topic: Topic) -> Iterable[str]:
    yield topic.title
    yield from topic.synonyms
    yield from topic.questions
    yield from (section.heading for section in topic.sections)


@lru_cache(maxsize=8)
def _index(library: Library) -> _Index:
    return _Index(library)


def find(library: Library, text: str) -> Match:
    """The topic `text` is likest to; confidence is "none" when it is like no topic at all."""
    scores = _index(library).scores(text)
    if not scores or scores[0][0] < UNSURE:
        nearest = scores[0] if scores else (0.0, None)
        return Match(None, None, round(nearest[0], 3), None, "none")
    (score, topic), second = scores[0], scores[1] if len(scores) > 1 else None
    near = second is not None and score - second[0] < NEAR
    confidence = "sure" if score >= SURE and not near else "unsure"
    return Match(topic, _index(library).section(text, topic), round(score, 3), second[1] if second else None, confidence)
