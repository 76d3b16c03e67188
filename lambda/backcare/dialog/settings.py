"""How the skill speaks: pace."""

from __future__ import annotations

from dataclasses import replace

from backcare.dialog.guidance import in_passing, question_after
from backcare.turn import PACES, Reply, Turn


def slower(turn: Turn) -> Reply:
    """One step slower, said in the new pace; at the slowest, how Alexa itself is slowed."""
    return _change(turn, -1)


def faster(turn: Turn) -> Reply:
    """One step faster, said in the new pace; at the fastest, that it goes no further."""
    return _change(turn, 1)


def normal_speed(turn: Turn) -> Reply:
    """The usual pace again."""
    return _confirm(turn, "normal", "pace-normal")


def _change(turn: Turn, by: int) -> Reply:
    at = PACES.index(turn.listener.pace or "normal") + by
    if not 0 <= at < len(PACES):
        return _confirm(turn, turn.listener.pace, "pace-slowest" if by < 0 else "pace-fastest")
    return _confirm(turn, PACES[at], f"pace-{PACES[at]}")


def _confirm(turn: Turn, pace: str | None, prompt_id: str) -> Reply:
    listener = replace(turn.listener, pace=None if pace == "normal" else pace)
    return in_passing(replace(turn, listener=listener), prompt_id, question_after(turn))
