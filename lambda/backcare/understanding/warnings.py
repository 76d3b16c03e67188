"""Words -> the warning sign they tell of, and by which rule; knows no dialogue.

Decided by rules that are data: concepts with the many ways to say them, combined. The
words are first made plain (contractions written out, slips mended, what plays a sign down
and common sayings taken out), then cut into clauses. A concept counts where it is not
denied, not long past and not part of a general question. When several rules hold, the
most urgent wins; among equals a crisis first, then the rule that asks for more. If unsure
between two levels the data say the higher one.

A phrase of a concept is written in a small notation:

    numb bottom      these words in order, up to three others between them
    pins_and_needles these words next to each other
    leg|legs         either word; so with words joined by _: feet|waist_down
    lost|no+feeling  one of the first, and next to it one of the second
    numb*            any word that begins so
    <saddle>         any phrase of the concept "saddle"
    ^chest_pain$     nothing before, nothing after
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from backcare.content import Library, WarningRule, WarningSign

URGENCIES = ("emergency", "same_day", "soon")
"""Most urgent first."""

LONGEST = 1000
"""Characters that are looked at; nobody says more in one breath, and hostile input may be endless."""

_GAP = r"(?:(?!(?:not|no|never|without) )\S+\s){0,3}"
"""Up to three words between two of a phrase; a denial is never passed over."""

_REACH = re.compile(r"(?:\S+\s){0,6}")
"""A denial reaches six words ahead, within its clause."""

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


class _Concept:
    """One concept's phrases as a regular expression, compiled when an utterance has a word of it."""

    def __init__(self, data: Mapping[str, Any], concepts: Mapping[str, _Concept]) -> None:
        self.ever = bool(data.get("ever"))
        self._phrases: list[str] = data["any"]
        self._concepts = concepts

    @cached_property
    def triggers(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """Whole words and word beginnings, one of which must occur."""
        words: set[str] = set()
        stems: set[str] = set()
        for phrase in self._phrases:
            exact, starts = max((self._triggers_of(part) for part in _parts(phrase)), key=_rarity)
            words |= exact
            stems |= set(starts)
        return frozenset(words), tuple(sorted(stems))

    def _triggers_of(self, part: str) -> tuple[frozenset[str], tuple[str, ...]]:
        words: set[str] = set()
        stems: set[str] = set()
        for choice in part.split("|"):
            longest = max(choice.split("_"), key=len)
            if choice.startswith("<"):
                exact, starts = self._concepts[choice[1:-1]].triggers
                words |= exact
                stems |= set(starts)
            elif longest.endswith("*"):
                stems.add(longest[:-1])
            else:
                words.add(longest)
        return frozenset(words), tuple(sorted(stems))

    @cached_property
    def source(self) -> str:
        """The regular expression's text; every word ends in a space."""
        return "(?:" + "|".join(self._phrase(phrase) for phrase in self._phrases) + ")"

    def _phrase(self, phrase: str) -> str:
        start = "^ " if phrase.startswith("^") else ""
        end = "$" if phrase.endswith("$") else ""
        words = [self._adjoining(word) for word in phrase.strip("^$").split()]
        return start + _GAP.join(words) + end

    def _adjoining(self, word: str) -> str:
        return "".join(self._choices(part) for part in word.split("+"))

    def _choices(self, part: str) -> str:
        return "(?:" + "|".join(self._choice(choice) for choice in part.split("|")) + ")"

    def _choice(self, choice: str) -> str:
        if choice.startswith("<"):
            return self._concepts[choice[1:-1]].source
        return "".join(re.escape(w[:-1]) + "[^ ]* " if w.endswith("*") else re.escape(w) + " " for w in choice.split("_"))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression, for text whose words all stand between single spaces."""
        return re.compile(rf"(?:(?<= )|(?=^)){self.source}")

    def spans(self, said: _Utterance) -> list[tuple[int, int]]:
        """Where the concept occurs."""
        words, stems = self.triggers
        if words.isdisjoint(said.words) and not any(word.startswith(stems) for word in said.words):
            return []
        return [found.span() for found in self.pattern.finditer(said.text)]


class _Utterance(NamedTuple):
    text: str
    words: frozenset[str]


def _parts(phrase: str) -> list[str]:
    return re.split(r"[ +]", phrase.strip("^$"))


def _rarity(triggers: tuple[frozenset[str], tuple[str, ...]]) -> int:
    """The shortest of the words: long words are rarer, so they spare more work."""
    words, stems = triggers
    return min((len(word) for word in (*words, *stems)), default=0)


class _Rules:
    """The rules of one library, ready to be asked."""

    def __init__(self, library: Library) -> None:
        data = library.warning_concepts
        self._signs: Mapping[str, WarningSign] = library.warning_signs
        self.concepts: dict[str, _Concept] = {}
        self.concepts.update({c["id"]: _Concept(c, self.concepts) for c in data["concepts"]})
        self._suffixes = [(re.compile(rf"(?<=\w){ending}\b"), words) for ending, words in data["suffixes"].items()]
        self._same = {slip: right for right, slips in data["same"].items() for slip in slips}
        longest_first = sorted(self._same, key=len, reverse=True)
        self._slips = re.compile("(?<= )(" + "|".join(map(re.escape, longest_first)) + ")(?= )")
        self._boundary = re.compile("(?<= )(?:" + "|".join(data["boundaries"]) + ") ")
        self._by_first: dict[str, list[tuple[str, WarningRule]]] = {}
        for sign in self._signs.values():
            for rule in sign.rules:
                self._by_first.setdefault(rule.all[0], []).append((sign.id, rule))
        self._by_word: dict[str, set[str]] = {}
        self._by_stem: dict[str, set[str]] = {}
        for name, concept in self.concepts.items():
            words, stems = concept.triggers
            for word in words:
                self._by_word.setdefault(word, set()).add(name)
            for stem in stems:
                self._by_stem.setdefault(stem, set()).add(name)

    def plain(self, text: str) -> _Utterance:
        """`text` with contractions written out, slips mended, and minimising and sayings taken out."""
        spoken = text[:LONGEST].lower().replace("’", "'")
        for suffix, words in self._suffixes:
            spoken = suffix.sub(words, spoken)
        words_said = " ".join(_WORD.findall(spoken.replace("'", "")))
        plain = f" {words_said} "
        for taken_out in ("minimising", "saying"):  # slips each time: what stood between their words may be gone
            plain = self._without(taken_out, self._slips.sub(lambda m: self._same[m[1]], plain))
        return _Utterance(plain, frozenset(plain.split()))

    def _without(self, concept: str, text: str) -> str:
        said = _Utterance(text, frozenset(text.split()))
        for start, end in reversed(self.concepts[concept].spans(said)):
            text = f"{text[:start].rstrip()} {text[end:]}"
        return text

    def clauses(self, said: _Utterance) -> list[_Clause]:
        """The clauses of an utterance; after a general question, what names nobody belongs to it."""
        cuts = [0, *(m.start() for m in self._boundary.finditer(said.text)), len(said.text)]
        found: list[_Clause] = []
        for start, end in pairwise(cuts):
            part = _Utterance(f" {said.text[start:end].strip()} ", said.words)
            now = self._has("now", part)
            asked = self._has("general", part) or bool(self._has("lead", part) and not self._has("personal", part))
            follows = bool(found and found[-1].general and not self._has("personal", part))
            past = self._has("past", part) or bool(found and found[-1].past and self._has("past-goes-on", part))
            found.append(_Clause(start, end, past and not now, (asked or follows) and not now))
        return found

    def _has(self, concept: str, said: _Utterance) -> bool:
        return bool(self.concepts[concept].spans(said))

    def denied(self, said: _Utterance) -> list[tuple[int, int]]:
        """The stretches that a denial reaches: to its clause's end, and not further than a few words."""
        stretches = []
        exempt = {start for start, _ in self.concepts["no-denial"].spans(said)}
        for start, end in self.concepts["denial"].spans(said):
            if start not in exempt:
                cut = self._boundary.search(said.text, end)
                reach = _REACH.match(said.text, end)
                limit = reach.end() if reach else end
                stretches.append((end, min(limit, cut.start()) if cut else limit))
        return stretches

    def _possible(self, words: frozenset[str]) -> set[str]:
        """The concepts of which a needed word occurs; most rules need one that doesn't, and are done with."""
        possible: set[str] = set()
        for word in words:
            possible |= self._by_word.get(word, set())
            for length in range(1, len(word) + 1):
                possible |= self._by_stem.get(word[:length], set())
        return possible

    def find(self, text: str, resolved: str | None, *, question: bool) -> Verdict:
        """The verdict on one utterance."""
        said = self.plain(text)
        possible = self._possible(said.words)
        fitting: dict[str, list[WarningRule]] = {resolved: []} if resolved and resolved in self._signs else {}
        for concept in possible:
            for sign_id, rule in self._by_first.get(concept, ()):
                if possible.issuperset(rule.all):
                    fitting.setdefault(sign_id, []).append(rule)
        heard = _Heard(said, self)
        for asked in (False, True) if fitting else ():
            heard.asked = asked
            candidates = ((self._signs[sign_id], fit) for sign_id, fit in fitting.items())
            verdicts = [found for sign, fit in candidates if (found := self._verdict(heard, sign, fit, resolved, question=question))]
            if verdicts:
                return min(verdicts)[1]._replace(asked=asked)
        return Verdict()

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
        urgency = "emergency" if raised else sign.urgency
        rule = f"{sign.id}/{best.id}" + (f"+{raised.id}" if raised else "")
        return (URGENCIES.index(urgency), not sign.crisis, -len(best.all), sign.id), Verdict(sign.id, urgency, rule)


class _Heard:
    """One utterance as it is being judged; each concept is looked for at most once."""

    def __init__(self, said: _Utterance, rules: _Rules) -> None:
        self._said, self._rules = said, rules
        self._spans: dict[str, list[tuple[int, int]]] = {}
        self.asked = False

    @cached_property
    def _clauses(self) -> list[_Clause]:
        return self._rules.clauses(self._said)

    @cached_property
    def _denied(self) -> list[tuple[int, int]]:
        return self._rules.denied(self._said)

    @property
    def plainly_meant(self) -> bool:
        """Whether nothing in the utterance is denied, past or a general question."""
        return not self._denied and not any(c.past or (c.general and not self.asked) for c in self._clauses)

    def holds(self, rule: WarningRule) -> bool:
        """Whether all of a rule's concepts are told as being so, and none that excludes it."""
        return all(map(self._told, rule.all)) and not any(map(self._found, rule.never))

    def _found(self, concept: str) -> list[tuple[int, int]]:
        if concept not in self._spans:
            self._spans[concept] = self._rules.concepts[concept].spans(self._said)
        return self._spans[concept]

    def _told(self, concept: str) -> bool:
        ever = self._rules.concepts[concept].ever
        return any(self._counts(span, ever=ever) for span in self._found(concept))

    def _counts(self, span: tuple[int, int], *, ever: bool) -> bool:
        start = span[0]
        if any(begin <= start < end for begin, end in self._denied):
            return False
        clause = next((c for c in self._clauses if c.start <= start < c.end), None)
        return clause is None or not ((clause.past and not ever) or (clause.general and not self.asked))


@lru_cache(maxsize=8)
def _rules(library: Library) -> _Rules:
    return _Rules(library)


def find(library: Library, text: str, *, resolved: str | None = None, question: bool = False) -> Verdict:
    """The warning sign that `text` tells of, by the rules in `content/LANGUAGE/warning_signs`.

    `resolved` is the sign that entity resolution chose, if any: it counts at its own
    urgency unless the words deny it or ask in general. `question` says that the words came
    where people ask: a name standing alone ("anaphylaxis") is then asked about, not told.
    """
    return _rules(library).find(text, resolved, question=question)
