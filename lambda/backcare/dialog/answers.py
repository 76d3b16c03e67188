"""Free words: which topic, and what to do when that is not sure."""

from __future__ import annotations

from backcare.content import Topic
from backcare.dialog import reading, recovery, saying, tips
from backcare.turn import Reply, Turn, Understood
from backcare.understanding import topics


def words_of(turn: Turn) -> str:
    """Everything that was said in slots which entity resolution made nothing of."""
    return " ".join(slot.said for slot in turn.slots.values() if slot.id is None)


def named_topic(turn: Turn) -> Topic | None:
    """The topic that entity resolution chose, or None."""
    slot = turn.slots.get("topic")
    return turn.library.topic(slot.id) if slot else None


def ask_for_topic(turn: Turn) -> Reply:
    """A topic by one of its names; words that name none are taken as a question."""
    topic = named_topic(turn)
    return reading.open_topic(turn, topic) if topic else answer_question(turn)


def tip_for(turn: Turn) -> Reply:
    """A tip for a situation or on a topic; words that name neither are asked what they are likest to."""
    slot, topic = turn.slots.get("situation"), named_topic(turn)
    situation = slot.id if slot else None
    if topic is None and situation is None:
        match = topics.find(turn.library, words_of(turn))
        topic = turn.library.topic(match.topic) if match.confidence == "sure" else None
    known = situation is not None or (topic is not None and topic.tips)
    return tips.give_tip(turn, scope=tips.tip_scope(turn, topic, situation), lead=() if known else ["no-such-tip"])


def answer_question(turn: Turn) -> Reply:
    """The topic the words are likest to; two are offered when they are near, none when none is."""
    match = topics.find(turn.library, words_of(turn), here=turn.place.topic)
    best, second = turn.library.topic(match.topic), turn.library.topic(match.second)
    understood = Understood(turn.route, match.topic, match.section, match.confidence, match.score, match.second, rule="likeness")
    if best is None or match.confidence == "none":
        return recovery.not_understood(turn, understood=understood)
    if match.confidence == "unsure" and second is not None:
        return saying.compose(turn, saying.prompt_address("which-of-two"), "which", (best.id, second.id), understood=understood)
    section = next((s for s in best.sections if s.id == match.section), None)
    if section is None or best.id != turn.place.topic:  # a topic is entered by its first section, which says what is safe
        return reading.open_topic(turn, best, understood=understood)
    return reading.read_section(turn, best, section, understood=understood)
