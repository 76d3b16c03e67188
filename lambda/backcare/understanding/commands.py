"""Free words -> a command ("slow down a bit"), or a question that only others can answer ("how many can I take")."""

from __future__ import annotations

from typing import NamedTuple

from backcare.content import Library
from backcare.understanding.likeness import Likely, likeness

COMMAND, LIMIT, OUTSIDE = "command/", "limit/", "outside"
_TOPIC = "topic/"

_SURE, _LIKELIER = 0.2, 0.7
"""All commands together must be at least so likely, and more than so many times as likely as anything else."""

_LIMIT_LIKELIER = 0.8
"""All limits together must be at least so many times as likely as any topic; when unsure, ask others."""

_BARE, _NOT_BARE = frozenset({"why", "how-long", "is-that-safe"}), 0.15
"""These follow up what was just heard. Words that are this likely to name a topic ask about that."""


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
    topic = max(p for label, p in found.items() if label.startswith(_TOPIC))
    command, limit = max(commands, key=commands.__getitem__), max(limits, key=limits.__getitem__)
    commanding, limiting = sum(commands.values()), sum(limits.values())
    asked_of_a_topic = command.removeprefix(COMMAND) in _BARE and topic >= _NOT_BARE
    if commanding >= _SURE and commanding > _LIKELIER * max(topic, found[OUTSIDE], limiting) and not asked_of_a_topic:
        return Request(command=command.removeprefix(COMMAND), score=commands[command])
    if limiting >= _LIMIT_LIKELIER * max(topic, found[OUTSIDE]):
        return Request(limit=limit.removeprefix(LIMIT), score=limits[limit])
    return Request()
