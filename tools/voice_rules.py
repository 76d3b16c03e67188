"""The rules a spoken sentence must keep, with their numbers; knows nothing of files.

The numbers come from plain-language practice: NIH and AMA ask for reading grade 6 or
less, GOV.UK for short sentences, and the CDC Clear Communication Index for numbers in
words, the active voice and contractions. Each check takes text and yields `Fault`s: the
sentence, the rule it breaks, and what the author can do.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

SENTENCE_WORDS = 20
SENTENCE_MEAN = 12
GRADE_SECTION = 6.0
GRADE_ANY = 7.0
GRADE_FROM_WORDS = 15
"""The formula was made for passages; below this many words one name decides it."""


@dataclass(frozen=True)
class Limit:
    """How long one kind of text may be, in words, and its highest reading grade."""

    words: int
    grade: float


LIMITS = {
    "gist": Limit(25, GRADE_ANY),
    "section": Limit(60, GRADE_SECTION),
    "simpler": Limit(20, GRADE_SECTION),
    "tip": Limit(30, GRADE_ANY),
    "caution": Limit(30, GRADE_ANY),
    "not known": Limit(40, GRADE_ANY),
    "prompt": Limit(90, GRADE_ANY),
    "warning sign": Limit(45, GRADE_ANY),
}


@dataclass(frozen=True)
class Fault:
    """One broken rule: the sentence, the rule, and the remedy."""

    sentence: str
    rule: str
    remedy: str


@dataclass(frozen=True)
class Known:
    """Names the grade formula counts unfairly, and initials that are said as they stand."""

    words: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()


def words(text: str) -> list[str]:
    """The words of `text` as a voice says them; a placeholder counts as one word."""
    return re.findall(r"[\w{}'’]+(?:-[\w]+)*", text)


def pieces(sentence: str) -> list[str]:
    """The grammatical sentences in one entry of an author's array."""
    return [piece for piece in re.split(r"(?<=[.?])\s+", sentence) if piece]


@cache
def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)


# Each row: what must not be found, the rule, the remedy.
_NEVER: tuple[tuple[str, str, str], ...] = (
    (r"\d", "a digit; numbers are written in words", "Write the number as people say it."),
    (r"[()\[\]<>]", "a bracket; a listener can't hear one", "Make it a sentence of its own."),
    (r"/|&|%|\*|#|_", "a sign that isn't a word", "Write the word: or, and, percent."),
    (r"[–—]| - ", "a dash; a voice reads it as minus or not at all", "Use a comma or a new sentence."),
    (r"[;:]", "a colon or semicolon; breath groups end in a comma or a full stop", "Split the sentence."),
    (r"!", "an exclamation mark", "Use a full stop."),
    (r"https?:|www\.", "a web address", "Name the organisation instead."),
    (r"\b(e\.g|i\.e|etc|approx|vs|mins?|hrs?|dr)\b\.?", "an abbreviation", "Write the whole word."),
    (
        r"\b(click|tap the|on (the|your) screen|see below|see above|as shown|like this|as you can see|"
        r"look at (the|this)|the picture|the image|the diagram|scroll)\b",
        "words for eyes or fingers; nobody here needs a screen",
        "Say it so that it can be followed by ear and touch.",
    ),
    (
        r"\b(deadly|terrifying|horrible|horrific|devastating|cripple[ds]?|crippling|suffer(s|ing|er|ers)?|victims?)\b",
        "a word that frightens or labels",
        "Use a calm word: living with, hard, serious.",
    ),
    (
        r"\b(do not|does not|did not|is not|are not|cannot|can not|will not|would not|should not|could not|"
        r"has not|have not|it is|that is|you are|they are|there is|what is|i am|we are|you will)\b(?![.?,])",
        "a stiff form; people speak in contractions",
        "Use the short form: don't, isn't, it's, you're.",
    ),
    (
        r"\b(milligrams?|grams?|mg|micrograms?)\b|"
        r"\b(one|two|three|four|five|six|seven|eight|nine|ten|half an?)\s+(tablets?|pills?|capsules?|doses?|puffs?)\b|"
        r"\btake (one|two|three|four|half)\b|\b(once|twice|(two|three|four) times) (a|per) day\b.*\b(tablets?|pills?|medicine)\b",
        "a dose; the skill never gives one",
        "Point to the label, the pharmacist or the lupus team.",
    ),
    (
        r"\byour (pain|back pain|ache|problem|trouble) (is|comes from|means)\b|\byou (probably|likely|must|may) have\b",
        "a diagnosis; the skill never says what someone has",
        "Say what can happen to some people.",
    ),
    (r"\b(guarantee[ds]?|miracle|cures|heals)\b", "a promise", "Say what may help, and how sure that is."),
)
_HAVE = r"\byou (have|'ve got)\b"
_HAVE_ALLOWED = r"\b(if|when|whenever|once|whether|unless|tell|say|that|what|medicines|everything|or|while|because|may|can|might)\b"
_STOP = (
    r"\b(stop|skip|quit|come off)\s+(taking\s+)?((your|the|a|any|their|his|her|lupus)\s+)*"
    r"(steroids?|prednisone|prednisolone|medicines?|tablets|hydroxychloroquine|dose)\b"
)
_STOP_ALLOWED = r"\b(never|don't|before|not to|without|isn't|nobody should)\b"
_INITIALS = re.compile(r"\b[A-Z]{2,}\b")


def sentence_faults(sentence: str, known: Known) -> Iterator[Fault]:
    """Faults one sentence has on its own, whatever text it stands in."""
    for piece in pieces(sentence):
        count = len(words(piece))
        if count > SENTENCE_WORDS:
            yield Fault(piece, f"{count} words; the most is {SENTENCE_WORDS}", "Split it in two.")
    bare = re.sub(r"\{\w+\}", "", sentence)
    for rule, remedy in _wording(bare, known):
        yield Fault(sentence, rule, remedy)
    if sentence != sentence.strip() or "  " in sentence:
        yield Fault(sentence, "has stray spaces", "Remove them.")
    if not sentence.rstrip("\"'").endswith((".", "?")):
        yield Fault(sentence, "does not end in a full stop or a question mark", "End the sentence.")


def _wording(bare: str, known: Known) -> Iterator[tuple[str, str]]:
    """Each rule of wording that a sentence without its placeholders breaks, and the remedy."""
    for expression, rule, remedy in _NEVER:
        found = _pattern(expression).search(bare)
        if found:
            yield f"has {rule} ({found.group(0).strip()!r})", remedy
    if _pattern(_HAVE).search(bare) and not _pattern(_HAVE_ALLOWED).search(bare):
        yield "says 'you have', which sounds like a diagnosis", "Start with 'if', or speak of some people."
    if _pattern(_STOP).search(bare) and not _pattern(_STOP_ALLOWED).search(bare):
        yield "could be heard as 'stop your medicine'", "Say never to stop it without the lupus team."
    for initials in set(_INITIALS.findall(bare)) - set(known.initials):
        yield f"has initials {initials!r}", "Write the plain word, or add them to known_words.json."


@cache
def _grade_of(text: str) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # textstat imports a module that is on its way out; no author can mend that
        import textstat

    return float(textstat.flesch_kincaid_grade(text))


def grade(sentences: Sequence[str], known: Known) -> float:
    """Flesch-Kincaid grade of `sentences`; known names count as a word of one syllable."""
    text = " ".join(sentences)
    text = re.sub(r"\{\w+\}", "name", text)
    for name in sorted(known.words, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(name)}\b", "name", text, flags=re.IGNORECASE)
    return _grade_of(text)


def text_faults(kind: str, sentences: Sequence[str], known: Known, heading: str = "") -> Iterator[Fault]:
    """Faults of a whole text of `kind` (a key of LIMITS), its sentences included."""
    for sentence in sentences:
        yield from sentence_faults(sentence, known)
    limit = LIMITS[kind]
    count = len(words(heading)) + sum(len(words(s)) for s in sentences)
    whole = " ".join(sentences)
    if count > limit.words:
        yield Fault(whole, f"{kind} of {count} words; the most is {limit.words}", "Say less, or move a part to its own section.")
    lengths = [len(words(piece)) for sentence in sentences for piece in pieces(sentence)]
    mean = sum(lengths) / len(lengths)
    if len(lengths) > 1 and mean > SENTENCE_MEAN:
        yield Fault(whole, f"{mean:.1f} words a sentence; the mean may be {SENTENCE_MEAN}", "Shorten or split the longest sentences.")
    reached = grade(sentences, known)
    if count >= GRADE_FROM_WORDS and reached > limit.grade:
        yield Fault(whole, f"reading grade {reached:.1f}; the most is {limit.grade:g}", "Use shorter words and sentences.")
