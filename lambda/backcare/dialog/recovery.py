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
"""The topic read when nothing was understood three times in a row."""


def not_understood(turn: Turn, *, understood: Understood | None = None) -> Reply:
    """The step of the recovery that `turn.open.misses` has reached."""
    understood = understood or Understood(turn.route, confidence="none")
    misses = turn.open.misses + 1
    if misses == 1:
        return _ask_in_other_words(turn, understood)
    if misses == 2:
        return saying.compose(turn, saying.prompt_address("second-miss"), "topic", (_useful(turn).id,), misses=2, understood=understood)
    return reading.open_topic(turn, _useful(turn), lead=["third-miss"], understood=understood)


def _ask_in_other_words(turn: Turn, understood: Understood) -> Reply:
    asking = turn.open.asking or "what"
    reply = saying.compose(
        turn, saying.prompt_address("first-miss"), asking, turn.open.offered, scope=turn.open.scope, misses=1, understood=understood
    )
    said = turn.place.said if turn.open.asking else reply.place.said
    return replace(reply, ask=reply.reprompt, place=replace(reply.place, said=said))


def _useful(turn: Turn) -> Topic:
    topics = turn.library.topics
    return topics.get(MOST_USEFUL) or next(iter(topics.values()))
