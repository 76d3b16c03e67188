"""Yes, no, more and next: what each means to each open question.

One table, so that no handler order and no intent per question is needed. Every question
offers one thing: yes takes it, no offers the next, more reads on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from backcare.dialog import guidance, menu, reading, saying, tips
from backcare.turn import Open, Reply, Turn

Decision = Callable[[Turn], Reply]


class Question(NamedTuple):
    """What yes, no, more and next do while this question is open; `offers` if it needs something on offer."""

    yes: Decision
    no: Decision
    more: Decision
    next: Decision
    previous: Decision = reading.previous
    offers: bool = False


def _open_offered(turn: Turn) -> Reply:
    return reading.open_topic(turn, turn.library.topics[turn.open.offered[0]])


def _offered_tip(turn: Turn) -> Reply:
    return tips.give_tip(turn, scope=turn.open.offered[:1])


def _offer_listed(turn: Turn) -> Reply:
    return menu.offer_topics(turn, turn.open.offered[: menu.AT_ONCE])


def _tip_or_topic(turn: Turn) -> Reply:
    """After "no" to reading on: a tip on the same subject if none was heard yet, else other topics."""
    at = reading.here(turn)
    if at is not None and reading.untouched_tips(turn, at[0]):
        return saying.compose(turn, saying.prompt_address("okay"), "tip", (at[0].id,))
    return menu.offer_following(turn)


def _ask_what(turn: Turn) -> Reply:
    return saying.compose(turn, saying.prompt_address("okay"), "what")


QUESTIONS: dict[str, Question] = {
    "what": Question(yes=menu.offer_groups, no=menu.offer_groups, more=menu.offer_groups, next=reading.go_on),
    "more": Question(yes=reading.go_on, no=_tip_or_topic, more=reading.go_on, next=reading.go_on),
    "topic": Question(_open_offered, menu.next_offer, _open_offered, _open_offered, offers=True),
    "which": Question(_open_offered, menu.next_offer, _open_offered, menu.next_offer, offers=True),
    "group": Question(menu.enter_group, menu.next_offer, menu.enter_group, menu.next_offer, offers=True),
    "list": Question(_offer_listed, menu.next_three, menu.next_three, menu.next_three, menu.previous_three, offers=True),
    "tip": Question(_offered_tip, menu.offer_following, _offered_tip, reading.go_on, offers=True),
    "another": Question(tips.another, tips.enough_tips, tips.another, tips.another, tips.previous_tip),
    "resume": Question(reading.carry_on, _ask_what, reading.carry_on, reading.go_on),
    "pause": Question(guidance.unpause, _ask_what, guidance.unpause, reading.go_on),
    "warning": Question(guidance.repeat, guidance.stop, guidance.repeat, guidance.repeat, guidance.repeat),
    "again": Question(menu.offer_groups, guidance.stop, menu.offer_groups, menu.offer_groups),
}


def still_open(turn: Turn) -> Open:
    """The open question, as far as this release knows it and what it offers still exists."""
    before = turn.open.before if turn.open.before in QUESTIONS else None
    question = QUESTIONS.get(turn.open.asking or "")
    groups = {group.id for group in turn.library.groups}
    offered = tuple(i for i in turn.open.offered if i in turn.library.topics or i in groups)
    if question is None or (question.offers and not offered):
        return replace(turn.open, asking=None, offered=(), before=None)
    return replace(turn.open, offered=offered, before=before)


def _open_question(turn: Turn) -> Question | None:
    return QUESTIONS.get(turn.open.asking or "")


def yes(turn: Turn) -> Reply:
    """Take what the open question offers; with none open, whatever a yes would have meant at the start."""
    question = _open_question(turn)
    return question.yes(turn) if question else _unasked(turn)


def no(turn: Turn) -> Reply:
    """Refuse what the open question offers, and hear the next thing."""
    question = _open_question(turn)
    return question.no(turn) if question else _unasked(turn)


def more(turn: Turn) -> Reply:
    """Read on."""
    question = _open_question(turn)
    return question.more(turn) if question else reading.go_on(turn)


def next_(turn: Turn) -> Reply:
    """The next thing of the kind in hand."""
    question = _open_question(turn)
    return question.next(turn) if question else reading.go_on(turn)


def previous(turn: Turn) -> Reply:
    """The thing before of the kind in hand."""
    question = _open_question(turn)
    return question.previous(turn) if question else reading.previous(turn)


def other_one(turn: Turn) -> Reply:
    """The second of what is on offer; with one or nothing on offer, where the listener was before."""
    if turn.open.offered[1:] and turn.open.asking in _CHOICES:
        return reading.open_topic(turn, turn.library.topics[turn.open.offered[1]])
    return no(turn) if turn.open.offered else reading.go_back(turn)


def first_one(turn: Turn) -> Reply:
    """The first of what is on offer; else whatever a yes means."""
    return _open_offered(turn) if turn.open.asking in _CHOICES else yes(turn)


def not_that(turn: Turn) -> Reply:
    """The next offer; where nothing is on offer, what the listener would like instead."""
    return no(turn) if turn.open.offered else _ask_what(turn)


_CHOICES = ("which", "list", "topic")


def resume(turn: Turn) -> Reply:
    """Carry on: a kept place is read again, since it may have been cut off; an open reading goes on."""
    return reading.carry_on(turn) if turn.new else more(turn)


def _unasked(turn: Turn) -> Reply:
    return guidance.welcome(turn)
