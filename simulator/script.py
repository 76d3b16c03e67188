"""Conversation scripts: "> words" is what is said, what follows is what is heard.

"(silence)" and "(next day)" stand on lines of their own; lines that begin with # are for
the reader; "..." stands for any words. The format is meant to be read by a nurse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from simulator.device import NEXT_DAY, SILENCE
from simulator.skill import ROOT

SCRIPTS = sorted((ROOT / "tests" / "conversations").glob("*.txt"))


def exchanges(script: str) -> Iterator[tuple[str, str]]:
    """What is said, and what should be heard, in order."""
    said: str | None = None
    heard: list[str] = []
    for line in script.splitlines():
        text = line.strip()
        if text.startswith("> ") or text in (SILENCE, NEXT_DAY):
            if said is not None:
                yield said, " ".join(heard)
            said, heard = text.removeprefix("> "), []
        elif text and not text.startswith("#"):
            heard.append(text)
    if said is not None:
        yield said, " ".join(heard)


def matches(expected: str, heard: str) -> bool:
    """Whether what was heard is what a script expects, spaces apart."""
    parts = [r"\s+".join(map(re.escape, part.split())) for part in expected.split("...")]
    return re.fullmatch(r"\s*" + r"\s*.*\s*".join(parts) + r"\s*", heard) is not None
