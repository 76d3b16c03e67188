"""Words -> the warning sign they tell of, and by which rule; knows no dialogue.

Decided by rules that are data: concepts with the many ways to say them, combined (the
notation is told in `backcare.understanding.phrases`). The words are first made plain
(contractions written out, slips mended, what plays a sign down and common sayings taken
out), then cut into clauses. A concept counts where it is not denied, not long past and
not part of a general question. When several rules hold, the most urgent wins; among
equals a crisis first, then the rule that asks for more. If unsure between two levels the
data say the higher one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

from backcare.content import Library, WarningRule, WarningSign
from backcare.understanding.likeness import Likely, likeness
from backcare.understanding.phrases import Lexicon, Said, places

URGENCIES = ("emergency", "same_day", "soon")
"""Most urgent first."""

LONGEST = 1000
"""Characters that are looked at; nobody says more in one breath, and hostile input may be endless."""

_REACH = 6
"""A denial reaches so many words ahead, within its clause."""

_WORD = re.compile(r"[a-z0-9]+")


class Verdict(NamedTuple):
    """What was decided: sign, urgency and rule, all None when there is no sign.

    `asked` is true for a general question about a sign: then `urgency` is the sign's own,
    to tell when to call, and not an alarm.
    """

    sign: str | None = None
    urgency: str | None = None
    rule: str | None = None
    asked: bool = False


class _Clause(NamedTuple):
    """A part of an utterance, from `start` to `end`, and how it was meant."""

    start: int
    end: int
    past: bool
    general: bool


_Ranked = tuple[tuple[int, bool, int, str], Verdict]
"""A verdict after what it is ranked by: urgency, crisis first, the rule that asks for more first."""

_RESOLVED = WarningRule("resolved", all=())
"""Stands for entity resolution's choice where no rule holds."""


class _Slips:
    """What is put in place of contractions, slips of recognition and other words for the same thing."""

    def __init__(self, same: Mapping[str, list[str]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], list[str]]]] = {}
        for right, slips in same.items():
            for slip in slips:
                words = tuple(slip.split())
                self._by_first.setdefault(words[0], []).append((words, right.split()))
        for known in self._by_first.values():
            known.sort(key=lambda slip: -len(slip[0]))

    def mended(self, words: list[str]) -> list[str]:
        """`words` with every slip replaced, the longest first."""
        if self._by_first.keys().isdisjoint(words):
            return words
        mended: list[str] = []
        n = 0
        while n < len(words):
            known = self._by_first.get(words[n], ())
            slip, right = next(((s, r) for s, r in known if tuple(words[n : n + len(s)]) == s), ((words[n],), words[n : n + 1]))
            mended += right
            n += len(slip)
        return mended


class _Rules:
    """The rules of one library, ready to be asked."""

    def __init__(self, library: Library) -> None:
        data = library.warning_concepts
        self._signs: Mapping[str, WarningSign] = library.warning_signs
        self.ever = frozenset(c["id"] for c in data["concepts"] if c.get("ever"))
        self._lexicon = Lexicon({c["id"]: c["any"] for c in data["concepts"]}, data["unskipped"])
        self._suffixes = [(re.compile(rf"(?<=\w){ending}\b"), words) for ending, words in data["suffixes"].items()]
        self._slips = _Slips(data["same"])
        self._boundaries = frozenset(data["boundaries"])
        self._by_first: dict[str, list[tuple[str, WarningRule]]] = {}
        for sign in self._signs.values():
            for rule in sign.rules:
                self._by_first.setdefault(rule.all[0], []).append((sign.id, rule))

    def plain(self, text: str) -> Said:
        """`text` with contractions written out, slips mended, and minimising and sayings taken out."""
        said = self._mended(text)
        for taken_out in ("minimising", "saying"):  # slips each time: what stood between their words may be gone
            said = self._without(taken_out, said)
        return said

    def in_earnest(self, text: str) -> str:
        """`text` as it was said, without what plays it down."""
        said = self._mended(text)
        left = self._without("minimising", said)
        return " ".join(left.words)

    def _mended(self, text: str) -> Said:
        spoken = text[:LONGEST].lower().replace("’", "'")
        for suffix, words in self._suffixes if "'" in spoken else ():
            spoken = suffix.sub(words, spoken)
        return Said(self._slips.mended(_WORD.findall(spoken.replace("'", ""))), self._lexicon)

    def _without(self, concept: str, said: Said) -> Said:
        left: list[str] = []
        done = 0
        for start, end in said.spans(concept, longest=True):
            if start >= done:
                left += said.words[done:start]
                done = end
        return Said(self._slips.mended([*left, *said.words[done:]]), self._lexicon) if done else said

    def clauses(self, said: Said) -> list[_Clause]:
        """The clauses of an utterance; after a general question, what names nobody belongs to it.

        A statement begins one of its own, unless a word joins it to what stands before.
        """
        told = [n for n in places(said.starts("statement")) if n and not said.starts("joins") >> n - 1 & 1]
        bounds = [n for n, word in enumerate(said.words) if n and word in self._boundaries]
        cuts = [0, *sorted({*told, *bounds}), len(said.words)]
        found: list[_Clause] = []
        for start, end in pairwise(cuts):
            part = said.part(start, end)
            now = bool(part.starts("now"))
            personal = bool(part.starts("personal"))
            asked = bool(part.starts("general") or (part.starts("lead") and not personal))
            follows = bool(found and found[-1].general and not personal)
            past = bool(part.starts("past") or (found and found[-1].past and part.starts("past-goes-on")))
            found.append(_Clause(start, end, past and not now, (asked or follows) and not now))
        return found

    def denied(self, said: Said) -> int:
        """The places that a denial reaches: to its clause's end, and not further than a few words."""
        reached = 0
        exempt = said.starts("no-denial")
        for start, end in said.spans("denial"):
            if not exempt >> start & 1:
                limit = min(end + _REACH, len(said.words))
                limit = next((n for n in range(end, limit) if said.words[n] in self._boundaries), limit)
                reached |= _bits(end, limit)
        return reached

    def find(self, text: str, resolved: str | None, *, question: bool) -> Verdict:
        """The verdict on one utterance."""
        said = self.plain(text)
        possible = said.possible.keys()
        fitting: dict[str, list[WarningRule]] = {resolved: []} if resolved and resolved in self._signs else {}
        for concept in possible:
            for sign_id, rule in self._by_first.get(concept, ()):
                if all(needed in possible for needed in rule.all):
                    fitting.setdefault(sign_id, []).append(rule)
        heard = _Heard(said, self)
        for asked in (False, True) if fitting else ():
            heard.asked = asked
            candidates = ((self._signs[sign_id], fit) for sign_id, fit in fitting.items())
            verdicts = [found for sign, fit in candidates if (found := self._verdict(heard, sign, fit, resolved, question=question))]
            if verdicts:
                return min(verdicts)[1]._replace(asked=asked)
            if not (asked or heard.asks or any(rule.asked or rule.alone for fit in fitting.values() for rule in fit)):
                break
        return Verdict()

    def bears_out(self, text: str, sign: WarningSign, *, alone: bool) -> bool:
        """Whether plain words bear out that they tell of `sign`: by one of its concepts or, if that may stand `alone`, by a person."""
        said = self.plain(text)
        heard = _Heard(said, self)
        if not heard.plainly_meant or said.starts("all-well"):
            return False
        concepts = dict.fromkeys(concept for rule in (*sign.rules, *sign.raises) for concept in rule.all)
        return any(map(heard.told, concepts)) or (alone and bool(said.starts("personal")))

    def _verdict(self, heard: _Heard, sign: WarningSign, fit: list[WarningRule], resolved: str | None, *, question: bool) -> _Ranked | None:
        """The verdict for one sign, if one of the rules that `fit` holds, and how it ranks among others."""
        open_to = [rule for rule in fit if heard.asked or not (rule.asked or (rule.alone and question))]
        rules = [rule for rule in open_to if heard.holds(rule)]
        if sign.id == resolved and not rules and heard.plainly_meant:
            rules = [_RESOLVED]
        if not rules:
            return None
        best = max(rules, key=lambda rule: len(rule.all))
        raised = next((r for r in sign.raises if heard.holds(r)), None)
        urgency = sign.raised_to if raised else sign.urgency
        rule = f"{sign.id}/{best.id}" + (f"+{raised.id}" if raised else "")
        return (URGENCIES.index(urgency), not sign.crisis, -len(best.all), sign.id), Verdict(sign.id, urgency, rule)


def _bits(start: int, end: int) -> int:
    return (1 << end) - (1 << start) if start < end else 0


class _Heard:
    """One utterance as it is being judged; each concept is looked for at most once."""

    def __init__(self, said: Said, rules: _Rules) -> None:
        self._said, self._rules = said, rules
        self.asked = False

    @cached_property
    def _clauses(self) -> list[_Clause]:
        return self._rules.clauses(self._said)

    @cached_property
    def _denied(self) -> int:
        return self._rules.denied(self._said)

    @cached_property
    def _past(self) -> int:
        return sum(_bits(c.start, c.end) for c in self._clauses if c.past)

    @cached_property
    def _general(self) -> int:
        return sum(_bits(c.start, c.end) for c in self._clauses if c.general)

    @property
    def asks(self) -> bool:
        """Whether any of it is a general question."""
        return bool(self._general)

    @property
    def plainly_meant(self) -> bool:
        """Whether nothing in the utterance is denied, past or a general question."""
        return not (self._denied or self._past or (self._general and not self.asked))

    def holds(self, rule: WarningRule) -> bool:
        """Whether all of a rule's concepts are told as being so, and none that excludes it."""
        return all(map(self.told, rule.all)) and not any(map(self._said.starts, rule.never))

    def told(self, concept: str) -> bool:
        """Whether a concept counts somewhere: not denied, nor past unless it counts ever, nor asked about."""
        found = self._said.starts(concept)
        if not found:
            return False
        found &= ~self._denied
        if concept not in self._rules.ever:
            found &= ~self._past
        return bool(found if self.asked else found & ~self._general)


@lru_cache(maxsize=8)
def _rules(library: Library) -> _Rules:
    return _Rules(library)


def find(
    library: Library,
    text: str,
    *,
    resolved: str | None = None,
    question: bool = False,
    listed: bool = False,
    likely: Likely | None = None,
) -> Verdict:
    """The warning sign that `text` tells of, by the rules in `content/LANGUAGE/warning_signs`.

    `resolved` is the sign that entity resolution chose, if any: it counts at its own
    urgency unless the words deny it or ask in general. `question` says that the words came
    where people ask: a name standing alone ("anaphylaxis") is then asked about, not told.
    `listed` says that the words are names which the interaction model lists: then likeness
    has nothing to add. `likely` spares working out again what the words are likest to.
    """
    by_rule = _rules(library).find(text, resolved, question=question)
    if resolved is not None or listed or not text:
        return by_rule
    earnest = _rules(library).in_earnest(text)
    return _with_likeness(library, text, by_rule, (likely or likeness(library).probabilities)(earnest))


@lru_cache(maxsize=1024)
def of_name(library: Library, name: str, question: bool) -> Verdict:
    """The verdict on a name that content lists, by the rules alone; names come again and again, so it is kept."""
    return _rules(library).find(name, None, question=question)


_LIKE_AN_EMERGENCY, _LIKE_A_SIGN = 0.4, 0.6
"""Words as likely as this to tell of one, and of which a concept of it is told, tell of it."""

_VERY_LIKE = 0.75
"""Words as likely as this tell of a sign even where no concept of it was found, if they tell of a person."""

_UNLIKE = {"emergency": (0.01, 0.9), "same_day": (0.06, 0.6), "soon": (0.06, 0.6)}
"""Where rules find a sign in words less likely than the first to tell of any, and more likely than the second

to be something else, it is none. A crisis always is one, and what asks for a tip or for help may be one all the same.
"""

_WARNING, _RAISED = "warning/", ".raised"
_MAY_WRAP = frozenset({"command/tip", "command/another-tip", "command/help", "command/is-that-safe", "command/why"})


def _with_likeness(library: Library, text: str, by_rule: Verdict, likely: Mapping[str, float]) -> Verdict:
    """The rules' verdict, helped by how like the words are to what people say of each sign.

    Likeness never decides alone: only about words that deny nothing, ask nothing in
    general and tell of nothing past, and that tell a concept of the sign, or of a person.
    """
    signs = {label: p for label, p in likely.items() if label.startswith(_WARNING)}
    urgency = {label: _urgency_of(library, label) for label in signs}
    together = sum(signs.values())
    told = by_rule.urgency if not by_rule.asked else None
    elsewhere = max(p for label, p in likely.items() if label not in signs and label not in _MAY_WRAP)
    crisis = by_rule.sign is not None and library.warning_signs[by_rule.sign].crisis
    if told and not crisis and together < _UNLIKE[told][0] and elsewhere >= _UNLIKE[told][1]:
        return Verdict()
    if told == "emergency":
        return by_rule
    emergency = sum(p for label, p in signs.items() if urgency[label] == "emergency")
    if emergency >= _LIKE_AN_EMERGENCY:
        level, score = "emergency", emergency
    elif by_rule.sign is None and together >= _LIKE_A_SIGN:
        level, score = urgency[max(signs, key=signs.__getitem__)], together
    else:
        return by_rule
    best = max((label for label in signs if urgency[label] == level), key=signs.__getitem__)
    sign = library.warning_signs[best.removeprefix(_WARNING).removesuffix(_RAISED)]
    if by_rule.asked or not _rules(library).bears_out(text, sign, alone=score >= _VERY_LIKE):
        return by_rule
    return Verdict(sign.id, level, f"{sign.id}/likeness")


def _urgency_of(library: Library, label: str) -> str:
    sign = library.warning_signs[label.removeprefix(_WARNING).removesuffix(_RAISED)]
    return sign.raised_to if label.endswith(_RAISED) else sign.urgency
