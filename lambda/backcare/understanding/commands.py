"""Free words -> a command ("slow down a bit"), or a question that only others can answer ("how many can I take")."""

from __future__ import annotations

from typing import NamedTuple

from backcare.content import Library
from backcare.understanding.likeness import Likely, likeness

COMMAND, LIMIT, OUTSIDE = "command/", "limit/", "outside"
_TOPIC = "topic/"

_SURE = 0.3
"""A command must be at least this likely; what is done at once shouldn't be done by mistake."""


class Request(NamedTuple):
    """What was asked for: the id of a command or of a limit, at most one of them, and how likely it is."""

    command: str | None = None
    limit: str | None = None
    score: float = 0.0


def find(library: Library, text: str, likely: Likely | None = None) -> Request:
    """The command or limit that `text` is likest to, if it is likelier one of them than a topic.

    Commands are weighed against topics together, since many commands share their words
    ("say that again" repeats and explains); then the likeliest is taken.
    """
    found = (likely or likeness(library).probabilities)(text)
    commands = {label: p for label, p in found.items() if label.startswith(COMMAND)}
    limits = {label: p for label, p in found.items() if label.startswith(LIMIT)}
    rest = max(p for label, p in found.items() if label.startswith(_TOPIC) or label == OUTSIDE)
    command, limit = max(commands, key=commands.__getitem__), max(limits, key=limits.__getitem__)
    if sum(commands.values()) > max(rest, sum(limits.values())) and sum(commands.values()) >= _SURE:
        return Request(command=command.removeprefix(COMMAND), score=commands[command])
    if limits[limit] > rest:
        return Request(limit=limit.removeprefix(LIMIT), score=limits[limit])
    return Request()
