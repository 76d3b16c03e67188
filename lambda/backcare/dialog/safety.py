"""Warning signs: what is said when one is told; checked before everything else, on every turn."""

from __future__ import annotations

from dataclasses import replace

from backcare.dialog import heard, reading, saying
from backcare.turn import Reply, Turn, Understood
from backcare.understanding import warnings
from backcare.understanding.warnings import Verdict

_WHERE_PEOPLE_ASK = ("QuestionIntent", "TopicIntent")
"""Here the carrier ("what is ...") is gone from the slot, so a bare name is taken as asked about."""


def listen(turn: Turn) -> Verdict:
    """The warning sign told in any slot of any intent, whether or not the slot matched."""
    said = heard.everything(turn)
    if not said:
        return Verdict()
    chosen = next((slot.id for slot in turn.slots.values() if slot.id in turn.library.warning_signs), None)
    question = turn.route in _WHERE_PEOPLE_ASK and len(turn.slots) == 1
    if _names_a_topic(turn, said):
        return warnings.of_name(turn.library, said, question)
    listed = not heard.unresolved(turn)
    return warnings.find(turn.library, said, resolved=chosen, question=question, listed=listed, likely=turn.likely)


def _names_a_topic(turn: Turn, said: str) -> bool:
    """Whether all that was said is a topic's title or one of its synonyms, as content lists them."""
    slot = turn.slots.get("topic")
    topic = turn.library.topic(slot.id) if slot else None
    return topic is not None and len(turn.slots) == 1 and (said == topic.title or said in topic.synonyms)


def answer_sign(turn: Turn, verdict: Verdict) -> Reply:
    """What to do about a sign, and one question; the place in the reading stays as it was."""
    afterwards = "what" if reading.here(turn) is None else "resume"
    asking = "warning" if verdict.urgency == "emergency" else afterwards
    address = saying.warning_address(str(verdict.urgency), str(verdict.sign))
    understood = Understood(turn.route, urgency=verdict.urgency, rule=verdict.rule)
    return saying.compose(turn, address, asking, understood=understood)


def with_when_to_call(turn: Turn, reply: Reply, verdict: Verdict) -> Reply:
    """The answer to a general question about a sign, and one line on when to call."""
    prompt_id = "if-now-emergency" if verdict.urgency == "emergency" else "if-now-call"
    line = saying.prompt(turn.library, prompt_id, reply.place, reply.open)
    return replace(reply, say=(*reply.say, *line), understood=replace(reply.understood, rule=f"asked/{verdict.rule}"))
