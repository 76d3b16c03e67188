"""Concepts and the many ways to say them -> where in an utterance they occur; knows no signs.

A phrase of a concept is written in a small notation:

    numb bottom      these words in order, up to three others between them
    pins_and_needles these words next to each other
    leg|legs         either word; so with words joined by _: feet|waist_down
    lost|no+feeling  one of the first, and next to it one of the second
    numb*            any word that begins so
    <saddle>         any phrase of the concept "saddle"
    ^chest_pain$     nothing before, nothing after

Places in an utterance are the bits of an integer: bit n stands before word n. A phrase is
followed from its end to its beginning, so that one pass gives every place it begins at.
Only the phrases whose rarest words occur are read at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import NamedTuple

_GAP = 4
"""So many other words may stand between two parts of a phrase."""

_LONGEST_SPAN = 24
"""No phrase reaches further than so many words."""


class Choices(NamedTuple):
    """What may stand in one place: single words, words that follow each other (told backwards), or concepts."""

    words: frozenset[str]
    sequences: tuple[tuple[str, ...], ...]
    concepts: tuple[str, ...]


class Phrase(NamedTuple):
    """One way to say a concept: parts with gaps between them, each of adjoining choices."""

    parts: tuple[tuple[Choices, ...], ...]
    from_start: bool
    to_end: bool


@cache
def phrase(written: str) -> Phrase:
    """`written` in the notation, taken apart."""
    parts = tuple(tuple(_choices(choices) for choices in part.split("+")) for part in written.strip("^$").split())
    return Phrase(parts, written.startswith("^"), written.endswith("$"))


@cache
def _choices(written: str) -> Choices:
    words, sequences, concepts = set(), [], []
    for choice in written.split("|"):
        if choice[0] == "<":
            concepts.append(choice[1:-1])
        elif "_" in choice or choice[-1] == "*":
            sequences.append(tuple(reversed(choice.split("_"))))
        else:
            words.add(choice)
    return Choices(frozenset(words), tuple(sequences), tuple(concepts))


class Lexicon:
    """All concepts of a language, and which of their phrases some words make possible."""

    def __init__(self, concepts: Mapping[str, Sequence[str]], unskipped: Iterable[str]) -> None:
        self.unskipped = tuple(unskipped)
        self._asking: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for name, phrases in concepts.items():
            for written in phrases:
                asking = (name, written)
                for key in _keys(written):
                    self._asking[key].append(asking)
        starts = [key[:-1] for key in self._asking if key.endswith("*")]
        self._shortest, self._longest = min(map(len, starts), default=1), max(map(len, starts), default=0)

    def possible(self, words: Iterable[str]) -> dict[str, list[str]]:
        """Concept -> its phrases that words like these may hold."""
        found: dict[str, dict[str, None]] = {}
        waiting = [key for word in set(words) for key in self._keys_of(word)]
        for key in waiting:
            for name, written in self._asking.get(key, ()):
                if name not in found:
                    found[name] = {}
                    waiting.append(f"<{name}>")
                found[name][written] = None
        return {name: list(phrases) for name, phrases in found.items()}

    def _keys_of(self, word: str) -> Iterator[str]:
        yield word
        for length in range(self._shortest, min(len(word), self._longest) + 1):
            yield f"{word[:length]}*"


def _keys(written: str) -> list[str]:
    """What an utterance needs one of: of the phrase's rarest part, the longest word of every choice."""
    parts = written.strip("^$").replace("+", " ").split()
    choices = (max(parts, key=_rarity) if len(parts) > 1 else parts[0]).split("|")
    return [max(choice.split("_"), key=len) if "_" in choice else choice for choice in choices]


def _rarity(part: str) -> int:
    """The shortest of the words: long words are rarer; a concept is many words."""
    return 0 if part[0] == "<" else min(map(len, part.split("|")))


class Said:
    """An utterance's words, or the part of them from `first` to `last`, and what occurs in them."""

    def __init__(self, words: Sequence[str], lexicon: Lexicon, whole: Said | None = None, first: int = 0, last: int | None = None) -> None:
        self.words, self.first, self.last = words, first, len(words) if last is None else last
        self._lexicon = lexicon
        self.possible: Mapping[str, list[str]] = whole.possible if whole else lexicon.possible(words)
        self._at: dict[str, int] = whole._at if whole else self._places()  # noqa: SLF001 - its own kind
        self._present: frozenset[str] = whole._present if whole else frozenset(words)  # noqa: SLF001 - its own kind
        self._starts: dict[tuple[str, int], int] = {}

    def _places(self) -> dict[str, int]:
        places: dict[str, int] = {}
        for n, word in enumerate(self.words):
            places[word] = places.get(word, 0) | 1 << n
        return places

    def part(self, first: int, last: int) -> Said:
        """The words from `first` to `last` as an utterance of their own; places stay the whole's."""
        return Said(self.words, self._lexicon, self, first, last)

    @cached_property
    def _all(self) -> int:
        return (1 << self.last + 1) - (1 << self.first)

    @cached_property
    def _skippable(self) -> int:
        kept = 0
        for word in self._lexicon.unskipped:
            kept |= self._at.get(word, 0)
        return self._all & ~kept

    def starts(self, concept: str, then: int | None = None) -> int:
        """The places at which `concept` begins, to end at one of the places `then`."""
        if concept not in self.possible:
            return 0
        ends = self._all if then is None else then
        key = (concept, ends)
        if key not in self._starts:
            self._starts[key] = 0
            for written in self.possible[concept]:
                self._starts[key] |= self._leads(phrase(written), ends)
        return self._starts[key]

    def spans(self, concept: str, *, longest: bool = False) -> Iterator[tuple[int, int]]:
        """Where `concept` begins and ends: for each beginning the nearest end, or the farthest."""
        for start in places(self.starts(concept)):
            ends = range(start + 1, min(start + _LONGEST_SPAN, self.last) + 1)
            for end in reversed(ends) if longest else ends:
                if self.starts(concept, 1 << end) >> start & 1:
                    yield start, end
                    break

    def _leads(self, way: Phrase, then: int) -> int:
        reached = then & 1 << self.last if way.to_end else then
        for n, part in enumerate(reversed(way.parts)):
            reached = self._skipped(reached) if n else reached
            for choices in reversed(part):
                reached = self._before(choices, reached)
            if not reached:
                return 0
        return reached & 1 << self.first if way.from_start else reached

    def _before(self, choices: Choices, ends: int) -> int:
        found = 0
        last = ends >> 1
        for word in choices.words & self._present:
            found |= last & self._at[word]
        for sequence in choices.sequences:
            reached = ends
            for word in sequence:
                reached = reached >> 1 & self._word(word)
                if not reached:
                    break
            found |= reached
        for concept in choices.concepts:
            found |= self.starts(concept, ends)
        return found & self._all

    def _skipped(self, reached: int) -> int:
        step = reached
        for _ in range(_GAP):
            step = step >> 1 & self._skippable
            reached |= step
        return reached

    def _word(self, word: str) -> int:
        if word not in self._at and word.endswith("*"):
            self._at[word] = 0
            for said in self.words:
                if said.startswith(word[:-1]):
                    self._at[word] |= self._at[said]
        return self._at.get(word, 0)


def places(bits: int) -> Iterator[int]:
    """The places that `bits` stand for, in order."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
