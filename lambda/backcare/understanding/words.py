"""An utterance -> features that can be compared: slips mended, endings off, one word for many.

A recogniser writes what it heard in words that it knows: "neph right us" for nephritis. So
words are compared by how they sound as well. A word's sound is a short key, made by the
rules in `vocabulary.json`: consonants that sound alike are one letter, any run of vowels
is one, so that "nephrightus" and "nephritis" have the same key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

MOST_WORDS = 60
"""Words that are looked at; nobody says more in one breath, and hostile input may be endless."""

_LONGEST_WORD = 30
"""Letters of a word that are looked at; no word that people say has more."""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
_SHORTEST_STEM = 3
_SHORTEST_MENDED = 4
"""Letters that an unknown word must have to be taken for a known one of the same sound."""

_SHORTEST_JOINED, _MOST_JOINED = 6, 4
"""Letters that words said apart must have together to be taken for one, and how many words at most.

Where all of them are known words, one letter more: "chair is" shouldn't be heard as "chores".
"""

_PIECE = 4
"""Letters in the pieces of a word; its ends count as letters."""


class Words:
    """A locale's words: what `vocabulary.json` says of them, and the known ones by sound.

    `known` are words that are never taken for slips; `by_sound` gives the known word for
    the key of a sound.
    """

    def __init__(
        self, vocabulary: Mapping[str, Any], known: frozenset[str] = frozenset(), by_sound: Mapping[str, str] | None = None
    ) -> None:
        self._endings: Sequence[str] = vocabulary["endings"]
        self._fillers = frozenset(vocabulary["fillers"])
        self._same = {word: group[0] for group in vocabulary["same"] for word in group}
        self._sounds: Sequence[Sequence[str]] = vocabulary["sounds"]
        self._joins: Mapping[str, str] = vocabulary["joined"]
        self._short = {word: word.replace("'", "") for word in vocabulary["contractions"]}
        self._known = known
        self._by_sound = by_sound or {}

    def said(self, text: str) -> list[str]:
        """The words of `text`, without apostrophes and possessive endings; "can not" and "can't" are one."""
        spoken = _WORD.findall(text.lower().replace("\u2019", "'"))[:MOST_WORDS]
        words: list[str] = []
        for word in spoken:
            plain = self._short.get(word) or word.removesuffix("'s").replace("'", "")[:_LONGEST_WORD]
            joined = self._joins.get(f"{words[-1]} {plain}") if words else None
            if joined:
                words[-1] = joined
            else:
                words.append(plain)
        return words

    @cached_property
    def _sounding(self) -> re.Pattern[str]:
        return re.compile("|".join(f"({letters})" for letters, _ in self._sounds))

    def sound(self, word: str) -> str:
        """The key of how `word` sounds."""
        key = self._sounding.sub(lambda found: self._sounds[(found.lastindex or 1) - 1][1], word)
        return re.sub(r"(.)\1+", r"\1", key)

    def mended(self, said: Sequence[str]) -> list[str]:
        """`said` with unknown words, and words said apart, taken for known ones that sound the same."""
        words: list[str] = []
        at = 0
        while at < len(said):
            joined, taken = self._joined(said, at)
            words.append(joined)
            at += taken
        return words

    def _joined(self, said: Sequence[str], at: int) -> tuple[str, int]:
        for count in range(min(_MOST_JOINED, len(said) - at), 1, -1):
            apart = said[at : at + count]
            together, strange = "".join(apart), any(word not in self._known for word in apart)
            least = _SHORTEST_JOINED if strange else _SHORTEST_JOINED + 1
            if len(together) >= least and len(key := self.sound(together)) >= least - 1:
                word = self._by_sound.get(key, "")
                if len(word) >= least and word not in apart:
                    return word, count
        word = said[at]
        if word in self._known or len(word) < _SHORTEST_MENDED:
            return word, 1
        return self._by_sound.get(self.sound(word), word), 1

    def plain(self, word: str) -> str:
        """The word that stands for `word` and all that mean the same, with its ending off."""
        word = self._same.get(word, word)
        for ending in self._endings:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
                return word[: -len(ending)]
        return word

    def meaning(self, text: str) -> list[str]:
        """The plain words of `text` that are not fillers, in order."""
        return [self.plain(word) for word in self.mended(self.said(text)) if word not in self._fillers]

    def features(self, text: str) -> Iterator[str]:
        """What is compared; see `kind_of`."""
        said = self.mended(self.said(text))
        words = [self.plain(word) for word in said]
        yield from words
        telling = [plain for word, plain in zip(said, words, strict=True) if word not in self._fillers]
        for first, second in pairwise(telling):
            yield f"{first} {second}"
        for first, second in pairwise(["^", *words, "$"]):
            yield f"{first}-{second}"
        for word in said:
            if word not in self._fillers:
                yield from _pieces(f"<{word}>")


def _pieces(word: str) -> Iterator[str]:
    for start in range(len(word) - _PIECE + 1):
        yield f"~{word[start : start + _PIECE]}"


def kind_of(feature: str) -> str:
    """The kind of a feature.

    A plain "word"; a "pair" of telling words ("hot water"); "neighbours", fillers and both
    ends included ("what-was", "^-what"); a "piece" of a word ("~<str"), so that words that
    nobody listed are still like their kin.
    """
    if feature.startswith("~"):
        return "piece"
    return "pair" if " " in feature else "neighbours" if "-" in feature else "word"
