"""The messages: what came in (`Turn`) and what goes back (`Reply`); they decide nothing.

Every message is frozen. `Place` and `Open` travel in the session, `Listener` is what is
remembered between conversations; all three become plain data with `as_data` and come
back with `from_data`, which takes whatever an older release or a stranger may have put
there and keeps only what is well formed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from backcare.content import Library

Paragraph = tuple[str, ...]
"""Sentences that belong together; a voice pauses longer between paragraphs."""


class Unhurried(tuple[str, ...]):
    """A paragraph that safety hangs on: never said faster than normal."""

    __slots__ = ()


PACES = ("slow", "normal", "fast")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list | tuple) else ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the listener is.

    `topic` and `section` are ids; `said` is the address of what was said last (see
    `backcare.dialog.saying`); `back` is the section address that "go back" returns to.
    """

    topic: str | None = None
    section: str | None = None
    said: str | None = None
    back: str | None = None

    def as_data(self) -> dict[str, Any]:
        """A dictionary of plain values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_data(cls, data: object) -> Self:
        """The place in `data`; anything malformed counts as absent."""
        if not isinstance(data, Mapping):
            return cls()
        return cls(**{f.name: _text(data.get(f.name)) for f in fields(cls)})


@dataclass(frozen=True, slots=True)
class Open:
    """The open question; lives for the session only.

    `asking` names the question (a row in `backcare.dialog.questions`); `offered` holds the
    ids it offers, the one on offer first; `misses` counts turns in a row that were not
    understood; `heard` holds the addresses of tips said in this session, so that none
    comes twice; `scope` is what "another tip" stays within: a topic's or situation's id;
    `before` is the question that a pause set aside.
    """

    asking: str | None = None
    offered: tuple[str, ...] = ()
    misses: int = 0
    heard: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    before: str | None = None

    def as_data(self) -> dict[str, Any]:
        """A dictionary of plain values."""
        return {
            "asking": self.asking,
            "offered": list(self.offered),
            "misses": self.misses,
            "heard": list(self.heard),
            "scope": list(self.scope),
            "before": self.before,
        }

    @classmethod
    def from_data(cls, data: object) -> Self:
        """The open question in `data`; anything malformed counts as absent."""
        if not isinstance(data, Mapping):
            return cls()
        misses = data.get("misses")
        return cls(
            asking=_text(data.get("asking")),
            offered=_texts(data.get("offered")),
            misses=misses if isinstance(misses, int) and 0 <= misses < 100 else 0,
            heard=_texts(data.get("heard")),
            scope=_texts(data.get("scope")),
            before=_text(data.get("before")),
        )


@dataclass(frozen=True, slots=True)
class Listener:
    """What is remembered between conversations, and nothing else. `pace` is one of PACES, None for normal."""

    topic: str | None = None
    section: str | None = None
    last_visit: date | None = None
    pace: str | None = None

    def as_data(self) -> dict[str, Any]:
        """A dictionary of plain values; the date in ISO form."""
        return {
            "topic": self.topic,
            "section": self.section,
            "last_visit": self.last_visit.isoformat() if self.last_visit else None,
            "pace": self.pace,
        }

    @classmethod
    def from_data(cls, data: object) -> Self:
        """The listener in `data`; anything malformed counts as absent."""
        if not isinstance(data, Mapping):
            return cls()
        try:
            last_visit = date.fromisoformat(data["last_visit"])
        except (KeyError, TypeError, ValueError):
            last_visit = None
        pace = _text(data.get("pace"))
        return cls(_text(data.get("topic")), _text(data.get("section")), last_visit, pace if pace in PACES else None)


class Slot(NamedTuple):
    """One slot: the words that were said, and the id entity resolution chose, if any."""

    said: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What was made of the words; read by the log, the metrics and `--json`, never spoken.

    `confidence` is "sure", "unsure" or "none"; `score` lies between 0 and 1; `rule` names
    the row that decided.
    """

    route: str
    topic: str | None = None
    section: str | None = None
    confidence: str = "sure"
    score: float | None = None
    second: str | None = None
    urgency: str | None = None
    rule: str | None = None

    def as_data(self) -> dict[str, Any]:
        """A dictionary of plain values."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing a listener said or did, with all that is needed to answer it.

    `today` is the listener's date. `new` is true for the first request of a session;
    `remembers` is false where no memory is set up, so that no promise is made to keep a
    place; `screen` says whether the device can show one. `likely` tells what words are
    likest to, worked out at most once a turn.
    """

    library: Library
    route: str
    slots: Mapping[str, Slot] = field(default_factory=dict)
    place: Place = field(default_factory=Place)
    open: Open = field(default_factory=Open)
    listener: Listener = field(default_factory=Listener)
    today: date = date.min
    new: bool = False
    remembers: bool = False
    screen: bool = False
    likely: Callable[[str], Mapping[str, float]] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said back, and the state afterwards.

    With `ask` the session stays open and `reprompt` says the exact words that work;
    without it the session ends. Raises ValueError when only one of the two is given, or
    when the open question and the spoken one disagree.
    """

    say: tuple[Paragraph, ...]
    place: Place
    open: Open
    listener: Listener
    understood: Understood
    ask: str | None = None
    reprompt: str | None = None

    def __post_init__(self) -> None:
        if (self.ask is None) != (self.reprompt is None):
            raise ValueError("a question and its reprompt go together")
        if (self.ask is None) != (self.open.asking is None):
            raise ValueError(f"open question {self.open.asking!r} does not match ask={self.ask!r}")
