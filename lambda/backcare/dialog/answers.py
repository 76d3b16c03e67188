"""Free words: a command, a question only others can answer, a topic; and what to do when none is sure."""

from __future__ import annotations

from dataclasses import replace

from backcare.content import Topic
from backcare.dialog import heard, reading, recovery, saying, tips
from backcare.turn import Reply, Turn, Understood
from backcare.understanding import commands, topics
from backcare.understanding.topics import Match


def commanded(turn: Turn) -> Turn:
    """The turn on the route of the command that its words give, if they give one; else as it was.

    Commands are looked for in whatever slot made nothing of the words; once a slot has
    named a topic, that is what was meant.
    """
    words = heard.unresolved(turn)
    if not words or named_topic(turn):
        return turn
    command = commands.find(turn.library, words, turn.likely).command
    route = next((c["route"] for c in turn.library.commands["commands"] if c["id"] == command), None)
    return turn if route is None else replace(turn, route=route, slots={})


def named_topic(turn: Turn) -> Topic | None:
    """The topic that entity resolution chose for all that was said, or None."""
    slot = turn.slots.get("topic")
    return turn.library.topic(slot.id) if slot and slot.id and not heard.unresolved(turn) else None


def ask_for_topic(turn: Turn) -> Reply:
    """A topic by one of its names; words that name none are taken as a question."""
    topic = named_topic(turn)
    return reading.open_topic(turn, topic) if topic else answer_question(turn)


def tip_for(turn: Turn) -> Reply:
    """A tip for a situation or on a topic; words that name neither are asked what they are likest to.

    Someone who isn't reading is then in that topic, so that "go on" reads about it.
    """
    slot, topic = turn.slots.get("situation"), named_topic(turn)
    situation = slot.id if slot else None
    if topic is None and situation is None:
        match = topics.find(turn.library, heard.unresolved(turn), likely=turn.likely)
        topic = turn.library.topic(match.topic) if match.confidence == "sure" else None
        if topic is not None and not topic.tips:
            return answer_question(turn)
    known = situation is not None or topic is not None
    scope = tips.tip_scope(turn, topic, situation)
    if topic is not None and turn.new:
        turn = replace(turn, place=reading.pass_by(turn, topic))
    reply = tips.give_tip(turn, scope=scope, lead=() if known else ["no-such-tip"])
    return replace(reply, understood=replace(reply.understood, topic=topic.id if topic else None))


def answer_question(turn: Turn) -> Reply:
    """What the words are likest to: a limit, a topic or its section; two topics are offered when they are near."""
    words = heard.unresolved(turn)
    if not words:
        return recovery.not_understood(turn)
    limit = commands.find(turn.library, words, turn.likely).limit
    match = topics.find(turn.library, words, turn.place.topic, turn.likely)
    if limit is not None:
        return _ask_others(turn, limit, match)
    best, second = turn.library.topic(match.topic), turn.library.topic(match.second)
    understood = Understood(turn.route, match.topic, match.section, match.confidence, match.score, match.second, rule="likeness")
    if best is None:
        return recovery.not_covered(turn, understood)
    if match.confidence == "unsure" and second is not None:
        return saying.compose(turn, saying.prompt_address("which-of-two"), "which", (best.id, second.id), understood=understood)
    section = next((s for s in best.sections if s.id == match.section), None)
    if section is None or best.id != turn.place.topic:
        return reading.open_topic(turn, best, section, understood=understood)
    return reading.read_section(turn, best, section, understood=understood)


def _ask_others(turn: Turn, limit_id: str, match: Match) -> Reply:
    """Say plainly who can answer, and offer the topic that comes nearest; the place goes there."""
    limit = next(limit for limit in turn.library.commands["limits"] if limit["id"] == limit_id)
    fits = match.topic is not None and match.topic in limit.get("among", ())
    topic = turn.library.topics[str(match.topic) if fits else limit["topic"]]
    understood = Understood(turn.route, topic.id, None, "sure", match.score, match.second, rule=f"limit/{limit_id}")
    place = reading.pass_by(turn, topic)
    return saying.compose(turn, saying.prompt_address(f"limit-{limit_id}"), "topic", (topic.id,), place=place, understood=understood)
