"""Offering: topics three at a time, and one at a time for people who answer yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from backcare.dialog import reading, saying
from backcare.turn import Reply, Turn

AT_ONCE = 3
"""Most choices offered in one breath (W3C guidance for voice menus)."""


def list_topics(turn: Turn) -> Reply:
    """The first three topics in reading order."""
    return _list(turn, tuple(turn.library.topics))


def next_three(turn: Turn) -> Reply:
    """The three after those just listed; after the last, the first again."""
    rest = turn.open.offered[AT_ONCE:]
    return _list(turn, rest or tuple(turn.library.topics))


def previous_three(turn: Turn) -> Reply:
    """The three before those just listed; at the first, the first again."""
    topics = tuple(turn.library.topics)
    start = max(len(topics) - len(turn.open.offered) - AT_ONCE, 0)
    return _list(turn, topics[start:])


def _list(turn: Turn, offered: Sequence[str]) -> Reply:
    return saying.compose(turn, saying.prompt_address("topics"), "list", offered)


def offer_groups(turn: Turn) -> Reply:
    """The first of the groups of topics, to be taken or refused with one word."""
    return saying.compose(turn, saying.prompt_address("one-at-a-time"), "group", [g.id for g in turn.library.groups])


def offer_topics(turn: Turn, topic_ids: Sequence[str]) -> Reply:
    """The first of some topics, to be taken or refused with one word."""
    return saying.compose(turn, saying.prompt_address("okay"), "topic", topic_ids)


def offer_following(turn: Turn) -> Reply:
    """The topics after the one in hand; with none in hand, the groups."""
    at = reading.here(turn)
    return offer_groups(turn) if at is None else offer_topics(turn, reading.following_topics(turn, at[0]))


def enter_group(turn: Turn) -> Reply:
    """The topics of the group on offer, one at a time; the groups if content has changed meanwhile."""
    group = next((g for g in turn.library.groups if g.id in turn.open.offered[:1]), None)
    return offer_groups(turn) if group is None else offer_topics(turn, group.topics)


def next_offer(turn: Turn) -> Reply:
    """What is offered after a "no": the next of the same kind, then the group that follows, then from the start."""
    refused, rest = turn.open.offered[:1], turn.open.offered[1:]
    if rest and turn.open.asking != "group":
        return offer_topics(turn, rest)
    groups = [g.id for g in turn.library.groups]
    home = next((i for i, g in enumerate(turn.library.groups) if {*refused} & {g.id, *g.topics}), -1)
    if groups[home + 1 :]:
        return saying.compose(turn, saying.prompt_address("okay"), "group", groups[home + 1 :])
    return saying.compose(turn, saying.prompt_address("that-is-all"), "again")
