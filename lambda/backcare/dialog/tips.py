"""Relief tips: which one comes next, for whom, and none twice until all were heard."""

from __future__ import annotations

from collections.abc import Sequence

from backcare.content import Tip, Topic
from backcare.dialog import menu, reading, saying
from backcare.turn import Paragraph, Reply, Turn


def give_tip(turn: Turn, *, scope: tuple[str, ...], lead: Sequence[str | Paragraph] = ()) -> Reply:
    """The next unheard tip within `scope`: ids of a topic, a situation, or both; empty is any.

    The listener's date decides where the order starts. When every tip in scope has been
    heard, says so and starts again. A one-shot request is answered and ends.
    """
    tips = in_scope(turn, scope)
    fresh = [tip for tip in tips if tip.address not in turn.open.heard]
    heard = turn.open.heard
    if not fresh:
        lead = [*lead, "all-tips-heard"]
        heard = tuple(address for address in heard if address not in {tip.address for tip in tips})
        fresh = tips
    tip = fresh[0]
    return saying.compose(
        turn,
        tip.address,
        None if turn.new else "another",
        lead=lead,
        heard=(*heard, tip.address),
        scope=scope,
    )


def in_scope(turn: Turn, scope: tuple[str, ...]) -> list[Tip]:
    """The tips of every topic and situation in `scope`, in today's order; never none.

    A topic that has no tip for the situation gives way: someone who asked for a tip in
    bed is not helped by one for standing.
    """
    topics = [i for i in scope if i in turn.library.topics]
    situations = [i for i in scope if i in turn.library.situations and i != "anyone"]
    everything = turn.library.tips
    suited = [tip for tip in everything if all(s in tip.situations for s in situations)] or list(everything)
    chosen = [tip for tip in suited if not topics or tip.topic in topics] or suited
    start = turn.today.toordinal() * _STRIDE % len(chosen)
    return chosen[start:] + chosen[:start]


_STRIDE = 7
"""How far the start moves each day: more than a topic's tips, so that days differ in subject."""


def tip_scope(turn: Turn, topic: Topic | None, situation: str | None) -> tuple[str, ...]:
    """What a request for a tip ranges over: what was named, else the topic in hand."""
    in_hand = turn.library.topic(turn.place.topic)
    if topic is None and not turn.new and in_hand is not None and in_hand.tips:
        topic = in_hand
    return tuple(i for i in (topic.id if topic and topic.tips else None, situation) if i)


def any_tip(turn: Turn) -> Reply:
    """A tip, of the topic in hand if it has any."""
    return give_tip(turn, scope=tip_scope(turn, None, None))


def another(turn: Turn) -> Reply:
    """Another tip within the same scope as the last, or as if asked for the first time."""
    last = turn.library.tip_at(turn.place.said or "")
    return give_tip(turn, scope=turn.open.scope) if last else any_tip(turn)


def enough_tips(turn: Turn) -> Reply:
    """After "no" to another tip: back to the reading where there is more of it, else other topics."""
    at = reading.here(turn)
    if at is not None and at[1] is not at[0].sections[-1]:
        return saying.compose(turn, saying.prompt_address("back-to"), "more")
    return menu.offer_following(turn)
