"""When words were not understood: ask in other words, then yes or no, then do something useful.

Never the same apology twice in a row, and from the second miss the emergency number,
because someone in trouble may be speaking unclearly.
"""

from __future__ import annotations

from dataclasses import replace

from backcare.content import Topic
from backcare.dialog import reading, saying
from backcare.turn import Reply, Turn, Understood

MOST_USEFUL = "relief-overview"
"""The topic read when nothing was understood three times in a row and none is in hand."""


def not_understood(turn: Turn, *, understood: Understood | None = None) -> Reply:
    """The step of the recovery that `turn.open.misses` has reached."""
    understood = understood or Understood(turn.route, confidence="none")
    misses = turn.open.misses + 1
    if misses == 1:
        return _ask_in_other_words(turn, understood)
    if misses == 2:
        asking, offered = ("more", ()) if _more_to_read(turn) else ("topic", (_useful(turn).id,))
        return saying.compose(turn, saying.prompt_address("second-miss"), asking, offered, misses=2, understood=understood)
    if _more_to_read(turn):
        return replace(reading.go_on(turn, lead=["third-miss-reading"]), understood=understood)
    return reading.open_topic(turn, _useful(turn), lead=["third-miss"], understood=understood)


def not_covered(turn: Turn, understood: Understood) -> Reply:
    """Words of no topic: say so and whom to ask; the second time in a row, the recovery goes on as for any miss."""
    if turn.open.misses:
        return not_understood(turn, understood=understood)
    asking = turn.open.asking or "what"
    reply = saying.compose(
        turn, saying.prompt_address("not-covered"), asking, turn.open.offered, scope=turn.open.scope, misses=1, understood=understood
    )
    return replace(reply, place=replace(reply.place, said=turn.place.said or reply.place.said))


def _more_to_read(turn: Turn) -> bool:
    """Whether the topic in hand has a section left, which is then the most useful thing there is."""
    at = reading.here(turn)
    return at is not None and at[1] is not at[0].sections[-1]


def _ask_in_other_words(turn: Turn, understood: Understood) -> Reply:
    asking = turn.open.asking or "what"
    reply = saying.compose(
        turn, saying.prompt_address("first-miss"), asking, turn.open.offered, scope=turn.open.scope, misses=1, understood=understood
    )
    said = turn.place.said if turn.open.asking else reply.place.said
    return replace(reply, ask=reply.reprompt, place=replace(reply.place, said=said))


def _useful(turn: Turn) -> Topic:
    """The most useful topic, or the one after it for someone who has just come to its end."""
    topics = turn.library.topics
    most = topics.get(MOST_USEFUL) or next(iter(topics.values()))
    return topics[reading.following_topics(turn, most)[0]] if turn.place.topic == most.id else most
