"""Relief tips: which one comes next, for whom, and none twice until all were heard."""

from __future__ import annotations

from collections.abc import Sequence

from backcare.content import Tip, Topic
from backcare.dialog import menu, reading, saying
from backcare.turn import Paragraph, Reply, Turn

NEAR = "near/"
"""Before a topic's id in a scope: that topic's tips first, then the others."""


def give_tip(turn: Turn, *, scope: tuple[str, ...], lead: Sequence[str | Paragraph] = ()) -> Reply:
    """The next unheard tip within `scope`.

    A scope holds the ids of a topic, of a situation, or both; empty is any. The listener's
    date decides where the order starts. When every tip in scope has been heard, says so and
    starts again. A one-shot request is answered and ends.
    """
    tips = in_scope(turn, scope)
    fresh = [tip for tip in tips if tip.address not in turn.open.heard]
    heard = turn.open.heard
    if not fresh:
        lead = [*lead, "all-tips-heard"]
        heard = tuple(address for address in heard if address not in {tip.address for tip in tips})
        fresh = tips
    tip = fresh[0]
    asking = None if turn.new else "another"
    return saying.compose(turn, tip.address, asking, lead=lead, heard=(*heard, tip.address), scope=scope)


def in_scope(turn: Turn, scope: tuple[str, ...]) -> list[Tip]:
    """The tips of the topic and situation in `scope`, in today's order; never none.

    A topic that has no tip for the situation gives way: someone who asked for a tip in
    bed is not helped by one for standing.
    """
    situations = [i for i in scope if i in turn.library.situations and i != "anyone"]
    suited = [tip for tip in turn.library.tips if all(s in tip.situations for s in situations)] or list(turn.library.tips)
    start = turn.today.toordinal() * _STRIDE % len(suited)
    ordered = suited[start:] + suited[:start]
    if not situations:  # who didn't say that they help somebody, or can't see, hears other tips first
        ordered.sort(key=lambda tip: set(tip.situations) <= _OF_SOME)
    only = [tip for tip in ordered if tip.topic in scope]
    near = [tip for tip in ordered if NEAR + tip.topic in scope]
    return only or near + [tip for tip in ordered if tip not in near]


_OF_SOME = {"caregiver", "no-sight"}
"""Situations that a tip may be for alone; such tips are for those who ask."""

_STRIDE = 7
"""How far the start moves each day: more than a topic's tips, so that days differ in subject."""


def tip_scope(turn: Turn, topic: Topic | None, situation: str | None) -> tuple[str, ...]:
    """What a request for a tip ranges over: what was named, else the topic in hand."""
    in_hand = turn.library.topic(turn.place.topic)
    if topic is not None and topic.tips:
        return tuple(i for i in (topic.id, situation) if i)
    near = NEAR + in_hand.id if in_hand and in_hand.tips and not turn.new else None
    return tuple(i for i in (near, situation) if i)


def any_tip(turn: Turn) -> Reply:
    """A tip, of the topic in hand if it has any."""
    return give_tip(turn, scope=tip_scope(turn, None, None))


def another(turn: Turn) -> Reply:
    """Another tip within the same scope as the last, or as if asked for the first time."""
    return give_tip(turn, scope=turn.open.scope) if turn.open.asking == "another" else any_tip(turn)


def previous_tip(turn: Turn) -> Reply:
    """The tip before the last, once more; before the first, the reading it came from."""
    heard = turn.open.heard
    index = heard.index(turn.place.said) if turn.place.said in heard else len(heard)
    if index == 0 or turn.library.tip_at(heard[index - 1]) is None:
        return reading.previous(turn)
    return saying.compose(turn, heard[index - 1], "another", scope=turn.open.scope)


def enough_tips(turn: Turn) -> Reply:
    """After "no" to another tip: back to the reading where there is more of it, else other topics."""
    at = reading.here(turn)
    if at is not None and at[1] is not at[0].sections[-1]:
        return saying.compose(turn, saying.prompt_address("back-to"), "more")
    return menu.offer_following(turn)
