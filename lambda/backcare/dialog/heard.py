"""The words of a turn, from whatever slots they came in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backcare.turn import Slot, Turn

_CARRIED = re.compile(r"(.+)_(?:warning|topic)")
"""Slots whose names tell the word before them: "on_warning", "or_topic"."""

_ALSO = "also"
"""A second name beside a topic's, with nothing between: "capsaicin" and "cream"."""


def everything(turn: Turn) -> str:
    """All that was said in any slot of any intent, whether or not the slot matched."""
    return _joined(turn.slots.items())


def unresolved(turn: Turn) -> str:
    """All that was said in slots which entity resolution made nothing of; parts of one saying stay together."""
    if len(turn.slots) == 1:
        return "".join(_with_carrier(name, slot.said) for name, slot in turn.slots.items() if slot.id is None)
    if any(_CARRIED.fullmatch(name) or name == _ALSO for name in turn.slots):
        return everything(turn)
    return _joined((name, slot) for name, slot in turn.slots.items() if slot.id is None)


def _joined(slots: Iterable[tuple[str, Slot]]) -> str:
    said = list(slots)
    if len(said) > 1:
        said.sort(key=_in_order)
    return " ".join(_with_carrier(name, slot.said) for name, slot in said)


def _with_carrier(name: str, said: str) -> str:
    """The words of a slot with those of the sample before it, which Alexa drops: "on_warning" stands after "on"."""
    carried = _CARRIED.fullmatch(name) if "_" in name else None
    return f"{carried[1].replace('_', ' ')} {said}" if carried else said


def _in_order(named: tuple[str, object]) -> bool:
    return _CARRIED.fullmatch(named[0]) is not None
