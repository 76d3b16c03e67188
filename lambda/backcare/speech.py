"""Sentences -> SSML and plain text: escaping, pauses, telephone numbers, pronunciation.

Only tags that every locale and voice accepts are used: s, p, break, sub, phoneme.
The SDK escapes nothing, so everything is escaped here, once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from backcare.content import Library
from backcare.turn import Paragraph, Unhurried

SPEECH_LIMIT = 8000
"""Alexa refuses speech of this many characters or more ("exceeds allowed size of 8000")."""

_NUMBER = re.compile(r"\d[\d -]*\d|\d")
_NOT_XML = r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_ESCAPED = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}
_PAUSE_BEFORE_QUESTION = '<break time="400ms"/>'
_PAUSE_AFTER_NUMBER = '<break time="300ms"/>'

# Slow speech is pauses, not stretched words: slowed synthetic speech is understood worse.
_SLOW_BETWEEN_PHRASES, _SLOW_BETWEEN_SENTENCES = '<break time="400ms"/>', '<break time="700ms"/>'
_FAST = "120%"


class Speech(NamedTuple):
    """One spoken text: its SSML, and the sentences it was made of."""

    ssml: str
    sentences: tuple[str, ...]
    library: Library

    @property
    def text(self) -> str:
        """The plain words a voice would say."""
        return " ".join(_plain(s, self.library) for s in self.sentences)


def render(paragraphs: Sequence[Paragraph], question: str | None, library: Library, pace: str | None = None) -> Speech:
    """The speech for `paragraphs` and a closing `question`, if there is one, at a pace (see `backcare.turn.PACES`).

    What safety hangs on, and whatever holds a telephone number, is never faster than normal.
    Raises ValueError when the SSML reaches SPEECH_LIMIT, which Alexa would refuse aloud.
    """
    parts = ["<p>" + _sentences(p, library, pace) + "</p>" for p in paragraphs]
    if question:
        pause = _SLOW_BETWEEN_SENTENCES if pace == "slow" else _PAUSE_BEFORE_QUESTION
        parts.append(f"{pause if parts else ''}{_sentences((question,), library, pace)}")
    ssml = f"<speak>{''.join(parts)}</speak>"
    if len(ssml) >= SPEECH_LIMIT:
        raise ValueError(f"speech of {len(ssml)} characters; the limit is {SPEECH_LIMIT}")
    return Speech(ssml, (*(s for p in paragraphs for s in p), *([question] if question else ())), library)


def _sentences(paragraph: Paragraph, library: Library, pace: str | None) -> str:
    """A paragraph's sentences in SSML, at a pace."""
    spoken = [f"<s>{_ssml(s, library)}</s>" for s in paragraph]
    if pace == "slow":
        return _SLOW_BETWEEN_SENTENCES.join(s.replace(", ", f", {_SLOW_BETWEEN_PHRASES}") for s in spoken)
    hurried = pace == "fast" and not isinstance(paragraph, Unhurried) and not any(_NUMBER.search(s) for s in paragraph)
    return f'<prosody rate="{_FAST}">{"".join(spoken)}</prosody>' if hurried else "".join(spoken)


def _clean(sentence: str) -> str:
    """`sentence` without characters that XML forbids, such as control characters and lone surrogates."""
    return sentence if sentence.isprintable() else re.sub(_NOT_XML, "", sentence)


def _plain(sentence: str, library: Library) -> str:
    return _NUMBER.sub(lambda m: _digit_by_digit(m[0], library), _clean(sentence))


@lru_cache(maxsize=4096)  # sentences come again and again; all that a locale can say are about 2,500
def _ssml(sentence: str, library: Library) -> str:
    numbered = _NUMBER.sub(lambda m: f"\0{_digit_by_digit(m[0], library)}\1", _clean(sentence))
    escaped = numbered.translate(_ESCAPED)
    pattern, replacements = _pronunciation(library)
    if pattern:
        escaped = pattern.sub(lambda m: _pronounced(m[0], replacements[m[0].lower()]), escaped)
    return re.sub("\1([.,?]?)", rf"\g<1>{_PAUSE_AFTER_NUMBER}", escaped.replace("\0", ""))


def _digit_by_digit(number: str, library: Library) -> str:
    """Each digit's name: 988 as "nine eight eight"; groups set apart by a space or hyphen get a comma."""
    groups = re.split(r"[ -]+", number.strip())
    return ", ".join(" ".join(library.digits[int(d)] for d in group) for group in groups)


@lru_cache(maxsize=32)
def _pronunciation(library: Library) -> tuple[re.Pattern[str] | None, dict[str, tuple[str | None, str | None]]]:
    replacements = {p.written.translate(_ESCAPED).lower(): (p.alias, p.ipa) for p in library.pronunciations}
    if not replacements:
        return None, {}
    longest_first = sorted(replacements, key=len, reverse=True)
    return re.compile(r"\b(" + "|".join(map(re.escape, longest_first)) + r")\b", re.IGNORECASE), replacements


def _pronounced(word: str, how: tuple[str | None, str | None]) -> str:
    alias, ipa = how
    if ipa:
        return f'<phoneme alphabet="ipa" ph="{ipa.translate(_ESCAPED)}">{word}</phoneme>'
    return f'<sub alias="{(alias or word).translate(_ESCAPED)}">{word}</sub>'
