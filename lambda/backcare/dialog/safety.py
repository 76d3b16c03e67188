"""Warning signs: what is said when one is told; checked before everything else, on every turn."""

from __future__ import annotations

from dataclasses import replace

from backcare.dialog import reading, saying
from backcare.turn import Reply, Turn, Understood
from backcare.understanding import warnings
from backcare.understanding.warnings import Verdict

_CARRIED = "_warning"
_WHERE_PEOPLE_ASK = ("QuestionIntent", "TopicIntent")
"""Here the carrier ("what is ...") is gone from the slot, so a bare name is taken as asked about."""


def listen(turn: Turn) -> Verdict:
    """The warning sign told in any slot of any intent, whether or not the slot matched."""
    said = " ".join(_with_carrier(name, slot.said) for name, slot in sorted(turn.slots.items(), key=_in_order))
    if not said:
        return Verdict()
    chosen = next((slot.id for slot in turn.slots.values() if slot.id in turn.library.warning_signs), None)
    return warnings.find(turn.library, said, resolved=chosen, question=turn.route in _WHERE_PEOPLE_ASK)


def _with_carrier(name: str, said: str) -> str:
    """The words of a slot with those of the sample before it, which Alexa drops: "on_warning" stands after "on"."""
    return f"{name.removesuffix(_CARRIED).replace('_', ' ')} {said}" if name.endswith(_CARRIED) else said


def _in_order(named: tuple[str, object]) -> bool:
    return named[0].endswith(_CARRIED)


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
