"""Understanding: time to be ready, and for one utterance, beside finding the nearest listed phrase with rapidfuzz.

python -m benchmarks.understanding
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rapidfuzz import fuzz, process

from backcare import content
from backcare.understanding import commands, topics, warnings
from backcare.understanding.likeness import likeness, once_a_turn
from tools.utterances import listed

ROOT = Path(__file__).resolve().parent.parent
SETS = ROOT / "tests" / "understanding"
ROUNDS = 9


def ready() -> float:
    """Milliseconds to make the index of likeness ready, once, in this process."""
    library = content.load(ROOT / "content", whole=False)
    began = time.perf_counter()
    likeness(library)
    return (time.perf_counter() - began) * 1e3


def child() -> None:
    """In the measured process: print how long it took to be ready."""
    print(json.dumps(ready()))


def _fresh() -> float:
    code = "from benchmarks.understanding import child; child()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env={"PYTHONPATH": "lambda:."}
    )
    return float(done.stdout)


def _times(one: Callable[[str], object], said: Sequence[str]) -> list[float]:
    for utterance in said:  # once to warm up: pages of the table are read as they are needed
        one(utterance)
    times = []
    for utterance in said:
        began = time.perf_counter()
        one(utterance)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def main() -> None:
    """Print times and ratios."""
    library = content.load(ROOT / "content")
    said = [
        json.loads(line)["utterance"]
        for name in ("questions", "benign")
        for line in (SETS / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]
    phrases = [p.phrase for p in listed(ROOT / "content", library) if p.label.startswith("topic/")]

    def ours(utterance: str) -> object:
        likely = once_a_turn(library)
        return (
            warnings.find(library, utterance, likely=likely),
            commands.find(library, utterance, likely),
            topics.find(library, utterance, None, likely),
        )

    def nearest(utterance: str) -> object:
        return process.extractOne(utterance, phrases, scorer=fuzz.token_sort_ratio)

    index = statistics.median(_fresh() for _ in range(ROUNDS))
    mine, theirs = _times(ours, said), _times(nearest, said[:200])
    median = statistics.median(mine)
    print(f"understanding, {len(said)} utterances: warning sign, command and topic together")
    print(f"  index ready in {index:.1f} ms, median of {ROUNDS} fresh processes  (at most 15)")
    print(f"  an utterance {median:.2f} ms in the median, {max(mine):.1f} ms at worst  (at most 1 and 5)")
    print(f"  {'an utterance, ours / nearest of ' + str(len(phrases)) + ' phrases':56} {median / statistics.median(theirs):5.2f}")


if __name__ == "__main__":
    main()
