"""An utterance -> comparable words: lower case, no fillers, endings off, one word for many."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from backcare.content import Library

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_SHORTEST_STEM = 3


class Normaliser(NamedTuple):
    """What a locale's vocabulary says about words that differ but mean the same."""

    fillers: frozenset[str]
    endings: tuple[str, ...]
    same: Mapping[str, str]

    def stem(self, word: str) -> str:
        """`word` with its ending off, if enough of it is left."""
        for ending in self.endings:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
                return word[: -len(ending)]
        return word

    def words(self, text: str) -> list[str]:
        """The words of `text` that carry meaning, in order."""
        found = []
        for word in _WORD.findall(text.lower().replace("’", "'")):
            plain = self.same.get(word, word).removesuffix("'s")
            if plain not in self.fillers:
                found.append(self.stem(self.same.get(plain, plain)))
        return found


@lru_cache(maxsize=8)
def normaliser(library: Library) -> Normaliser:
    """The normaliser of a library's locale."""
    vocabulary: Mapping[str, Any] = library.vocabulary
    same = {word: group[0] for group in vocabulary["same"] for word in group}
    return Normaliser(frozenset(vocabulary["fillers"]), tuple(vocabulary["endings"]), same)
